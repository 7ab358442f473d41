-- What the recording of a batch needs beyond the rights of its role.

-- Moves households, with all their rows and those of their living members, and persons, with their own, to areas.
-- Set-based: `amparo_move_household` calls it for one. Not for callers: it checks nobody's reach.
CREATE FUNCTION amparo_place(entities uuid[], areas bigint[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    facts text;
    moved bigint;
BEGIN
    CREATE TEMPORARY TABLE IF NOT EXISTS placed (entity uuid PRIMARY KEY, area bigint, number bigint) ON COMMIT DROP;
    TRUNCATE placed;
    INSERT INTO placed SELECT DISTINCT ON (entity) entity, area, number
        FROM unnest(entities, areas) AS given (entity, area) JOIN trust_area a ON a.id = area;
    INSERT INTO placed SELECT m.person_id, p.area, p.number
        FROM placed p JOIN registry_membership m ON m.household_id = p.entity AND m.ends_on IS NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO placed SELECT i.id, p.area, p.number
        FROM placed p JOIN registry_item i ON i.household_id = p.entity OR i.person_id = p.entity
        ON CONFLICT DO NOTHING;
    INSERT INTO placed SELECT g.id, p.area, p.number
        FROM placed p JOIN registry_group g ON g.household_id = p.entity
        ON CONFLICT DO NOTHING;
    ANALYZE placed;
    UPDATE registry_household t SET area_id = p.area, area_number = p.number FROM placed p WHERE t.id = p.entity;
    GET DIAGNOSTICS moved = ROW_COUNT;
    UPDATE registry_person t SET area_id = p.area, area_number = p.number FROM placed p WHERE t.id = p.entity;
    UPDATE registry_membership t SET area_number = p.number FROM placed p
        WHERE t.household_id = p.entity AND t.ends_on IS NULL;
    UPDATE registry_group t SET area_number = p.number FROM placed p WHERE t.id = p.entity;
    UPDATE registry_groupmembership t SET area_number = p.number FROM placed p WHERE t.person_id = p.entity;
    UPDATE registry_relationship t SET area_number = p.number FROM placed p WHERE t.person_id = p.entity;
    UPDATE registry_identifier t SET area_number = p.number FROM placed p WHERE t.person_id = p.entity;
    UPDATE registry_item t SET area_number = p.number FROM placed p WHERE t.id = p.entity;
    UPDATE registry_person_name t SET area_number = p.number FROM placed p WHERE t.person_id = p.entity;
    UPDATE registry_fact_exception t SET area_number = p.number FROM placed p WHERE t.entity_id = p.entity;
    UPDATE registry_subject t SET area_number = p.number
        FROM placed p JOIN registry_subjectlink l ON l.entity_id = p.entity AND l.ends_at IS NULL WHERE t.id = l.subject_id;
    UPDATE registry_observation t SET area_number = p.number
        FROM placed p JOIN registry_subjectlink l ON l.entity_id = p.entity AND l.ends_at IS NULL
        WHERE t.subject_id = l.subject_id AND t.area_number <> p.number;
    UPDATE registry_subjectlink t SET area_number = p.number FROM placed p
        WHERE t.entity_id = p.entity AND t.ends_at IS NULL;
    FOR facts IN SELECT c.relname FROM pg_class c WHERE c.relname ~ '^registry_fact_(household|person|group|item_\w+)$'
        AND c.relkind = 'r' LOOP
        EXECUTE format('UPDATE %I t SET area_number = p.number FROM placed p WHERE t.%I = p.entity', facts,
            substring(facts FROM 'registry_fact_([a-z]+)') || '_id');
    END LOOP;
    RETURN moved;
END $$;
ALTER FUNCTION amparo_place OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_place FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_place TO amparo_bulk;

-- Indexes and foreign keys that a large batch builds once at its end. Both happen in the batch's own transaction, so
-- that no other transaction ever sees the tables without them.
CREATE TABLE registry_parked (position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, statement text NOT NULL);

CREATE FUNCTION amparo_park_indexes() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tables regclass[] := ARRAY['registry_household', 'registry_person', 'registry_membership', 'registry_identifier',
        'registry_subject', 'registry_subjectlink', 'registry_item', 'registry_relationship', 'registry_person_name'];
    "table" regclass;
    parked record;
BEGIN
    FOR parked IN SELECT i.indexrelid::regclass AS index, pg_get_indexdef(i.indexrelid) AS definition
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')
        WHERE i.indrelid = ANY (tables) AND c.oid IS NULL LOOP
        INSERT INTO registry_parked (statement) VALUES (parked.definition);
        EXECUTE format('DROP INDEX %s', parked.index);
    END LOOP;
    FOR parked IN SELECT conrelid::regclass AS "table", conname, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE conrelid = ANY (tables) AND contype = 'f' LOOP
        INSERT INTO registry_parked (statement) VALUES
            (format('ALTER TABLE %s ADD CONSTRAINT %I %s', parked."table", parked.conname, parked.definition));
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', parked."table", parked.conname);
    END LOOP;
    -- A foreign key is checked with the owner's eyes, and under forced row security the owner sees no row: the check
    -- would pass whatever is there. The tables are locked until the end of the transaction, so nobody else looks.
    FOREACH "table" IN ARRAY tables LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', "table");
        INSERT INTO registry_parked (statement) VALUES (format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', "table"));
    END LOOP;
END $$;

CREATE FUNCTION amparo_restore_indexes() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET maintenance_work_mem = '512MB' AS $$
DECLARE
    parked record;
BEGIN
    FOR parked IN SELECT statement FROM registry_parked ORDER BY position LOOP
        EXECUTE parked.statement;
    END LOOP;
    DELETE FROM registry_parked;
END $$;

-- Right after a batch the planner would still think the tables empty.
CREATE FUNCTION amparo_analyze_registry() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    analyzed text;
BEGIN
    FOR analyzed IN SELECT c.oid::regclass FROM pg_class c WHERE c.relname LIKE 'registry\_%' AND c.relkind IN ('r', 'p')
        AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition LOOP
        EXECUTE 'ANALYZE ' || analyzed;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION amparo_park_indexes, amparo_restore_indexes, amparo_analyze_registry FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_park_indexes, amparo_restore_indexes, amparo_analyze_registry TO amparo_bulk;
