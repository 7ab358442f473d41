-- Values of contact, each sealed by itself; a digest stands for it in observations and facts (`registry.contact_values`). What a
-- record says again is here once.
CREATE TABLE registry_contact (
    id uuid PRIMARY KEY,
    subject_id bigint NOT NULL,
    field varchar(64) NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 16),
    value bytea NOT NULL,
    area_number bigint NOT NULL,
    CONSTRAINT contact_once UNIQUE (subject_id, field, digest)
);

-- The key of the digests: one, which no rotation changes but seals anew. It is nobody's data, and useless without a master key.
CREATE TABLE registry_contact_key (id smallint PRIMARY KEY CHECK (id = 1), value bytea NOT NULL);

-- What a citizen may be told of it: of whom, and in which classes, their relation shows it, as in registry_told.
CREATE VIEW registry_told_contact WITH (security_barrier) AS
    SELECT seen.entity AS entity_id, c.field, encode(c.digest, 'hex') AS digest, c.id, c.subject_id, c.value
    FROM amparo_seen() seen
    JOIN registry_subjectlink l ON l.entity_id = seen.entity
    JOIN registry_subject s ON s.id = l.subject_id
    JOIN registry_contact c ON c.subject_id = s.id
    JOIN registry_fielddefinition d ON d.grain = s.grain AND d.name = c.field
    JOIN registry_insight i ON i.relation = seen.relation AND i.shows = d.definition->>'field_class';
ALTER VIEW registry_told_contact OWNER TO amparo_definer;
GRANT SELECT ON registry_told_contact TO amparo_citizen;

-- What a partner may be told of it: of whom its agreement in force reaches, in the fields that it names to be handed over as
-- they are, and only what a digest that it was given stands for.
CREATE FUNCTION amparo_lent_contacts(entities uuid[], fields text[], digests text[])
    RETURNS TABLE (place bigint, id uuid, subject_id bigint, value bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT ON (asked.place) asked.place, c.id, c.subject_id, c.value
    FROM unnest(entities, fields, digests) WITH ORDINALITY AS asked (entity, field, digest, place)
    JOIN registry_subjectlink l ON l.entity_id = asked.entity AND l.ends_at IS NULL
    JOIN registry_subject s ON s.id = l.subject_id
    JOIN registry_contact c ON c.subject_id = s.id AND c.field = asked.field AND encode(c.digest, 'hex') = asked.digest
    WHERE coalesce(c.area_number <@ (SELECT amparo_agreed_areas()), false)
        AND ((SELECT amparo_agreed_whole()) OR coalesce(amparo_agreed_entity(s.grain, asked.entity), false))
        AND EXISTS (
            SELECT FROM amparo_agreement() agreement, jsonb_array_elements(agreement.fields) term
            WHERE (term->>'grain', term->>'name', term->>'given') = (s.grain, asked.field, 'value'))
    ORDER BY asked.place, c.id
$$;
ALTER FUNCTION amparo_lent_contacts OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_lent_contacts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_lent_contacts TO amparo_partner;

-- As before; and values of contact go along with the record that said them.
CREATE OR REPLACE FUNCTION amparo_place(entities uuid[], areas bigint[]) RETURNS bigint
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
    UPDATE placed p SET number = -p.number WHERE p.entity IN (
        SELECT home FROM amparo_sheltered_homes() home
        UNION ALL SELECT m.person_id FROM amparo_sheltered_homes() home
            JOIN registry_membership m ON m.household_id = home AND m.ends_on IS NULL
        UNION ALL SELECT person_id FROM registry_protection WHERE ended_at IS NULL);
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
    UPDATE registry_protection t SET area_number = -abs(p.number) FROM placed p WHERE t.person_id = p.entity;
    UPDATE registry_subject t SET area_number = CASE l.ground WHEN 'protection' THEN -abs(p.number) ELSE p.number END
        FROM placed p JOIN registry_subjectlink l ON l.entity_id = p.entity AND l.ends_at IS NULL WHERE t.id = l.subject_id;
    UPDATE registry_observation t SET area_number = CASE l.ground WHEN 'protection' THEN -abs(p.number) ELSE p.number END
        FROM placed p JOIN registry_subjectlink l ON l.entity_id = p.entity AND l.ends_at IS NULL
        WHERE t.subject_id = l.subject_id
            AND t.area_number <> CASE l.ground WHEN 'protection' THEN -abs(p.number) ELSE p.number END;
    UPDATE registry_contact t SET area_number = p.number
        FROM placed p JOIN registry_subjectlink l ON l.entity_id = p.entity AND l.ends_at IS NULL
        WHERE t.subject_id = l.subject_id AND t.area_number <> p.number;
    UPDATE registry_subjectlink t SET area_number = CASE t.ground WHEN 'protection' THEN -abs(p.number) ELSE p.number END
        FROM placed p WHERE t.entity_id = p.entity AND t.ends_at IS NULL;
    FOR facts IN SELECT c.relname FROM pg_class c WHERE c.relname ~ '^registry_fact_(household|person|group|item_\w+)$'
        AND c.relkind = 'r' LOOP
        EXECUTE format('UPDATE %I t SET area_number = p.number FROM placed p WHERE t.%I = p.entity', facts,
            substring(facts FROM 'registry_fact_([a-z]+)') || '_id');
    END LOOP;
    RETURN moved;
END $$;

-- As before; and the key by which each value of contact names its master key is checked once, at the end.
CREATE OR REPLACE FUNCTION amparo_park_indexes() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tables regclass[] := ARRAY['registry_household', 'registry_person', 'registry_membership', 'registry_identifier',
        'registry_subject', 'registry_subjectlink', 'registry_item', 'registry_relationship', 'registry_person_name',
        'registry_contact'];
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
