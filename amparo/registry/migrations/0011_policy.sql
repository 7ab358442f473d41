-- What a programme reaches: whom it decided about. The policies below ask row by row, so that a page reads as much as it shows.

-- Whether a programme of the caller's scope decided about whatever an id names, or about what that belongs to: nobody, until
-- programmes are there to say (programmes/migrations).
CREATE FUNCTION amparo_concerns(entity uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT false $$;

CREATE FUNCTION amparo_concerns_subject(subject bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_or(amparo_concerns(entity_id)), false)
    FROM registry_subjectlink WHERE subject_id = subject AND ends_at IS NULL
$$;
ALTER FUNCTION amparo_concerns_subject OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_concerns_subject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_concerns_subject TO amparo_programme;

-- Below zero lies whoever is protected. A programme reaches people in every area: which of them, `amparo_concerns` says
-- beside it.
CREATE OR REPLACE FUNCTION amparo_reach() RETURNS int8multirange LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE current_setting('role')
        WHEN 'amparo_whole' THEN RETURN '{(,)}'::int8multirange;
        WHEN 'amparo_national', 'amparo_programme' THEN RETURN '{[0,)}'::int8multirange;
        WHEN 'amparo_protection' THEN
            RETURN coalesce(nullif(current_setting('amparo.scope', true), ''), '{}')::int8multirange;
        WHEN 'amparo_area' THEN
            RETURN coalesce(nullif(current_setting('amparo.scope', true), ''), '{}')::int8multirange
                * '{[0,)}'::int8multirange;
        ELSE RAISE EXCEPTION 'no scope is set' USING ERRCODE = 'insufficient_privilege';
    END CASE;
END $$;

CREATE FUNCTION amparo_may_find(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_setting('role') <> 'amparo_programme' OR amparo_concerns(person);
END $$;

CREATE OR REPLACE FUNCTION amparo_search_names(asked text, at_most int)
    RETURNS TABLE (person_id uuid, likeness real)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    SET pg_trgm.word_similarity_threshold = 0.4 AS $$
DECLARE
    reach int8multirange := amparo_reach();
    wanted text := amparo_name_words(asked);
BEGIN
    IF length(wanted) < 2 THEN RETURN; END IF;
    RETURN QUERY
        -- The index finds names that share pieces with what is asked; of those, only names with words like it are shown:
        -- "fatima" shares three pieces with "emma farrow", and no word.
        SELECT n.person_id, strict_word_similarity(wanted, n.words) AS alike
        FROM registry_person_name n
        WHERE wanted <% n.words AND n.area_number <@ reach AND strict_word_similarity(wanted, n.words) >= 0.3
            AND amparo_may_find(n.person_id)
        ORDER BY alike DESC, n.person_id
        LIMIT least(at_most, 200);
END $$;

CREATE OR REPLACE FUNCTION amparo_find_identifier(asked_scheme text, keys int[], indexes bytea[]) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reach int8multirange := amparo_reach();
    ring trust_keyring;
    asked bytea;
    found uuid;
BEGIN
    SELECT * INTO STRICT ring FROM trust_keyring;
    asked := indexes[array_position(keys, ring.blinding::int)];
    IF asked IS NULL THEN
        RAISE EXCEPTION 'asked with an index of another key' USING ERRCODE = 'object_not_in_prerequisite_state';
    ELSIF ring.is_spare THEN
        SELECT person_id INTO found FROM registry_identifier
            WHERE is_live AND scheme = asked_scheme AND spare_index = asked AND area_number <@ reach;
    ELSE
        SELECT person_id INTO found FROM registry_identifier
            WHERE is_live AND scheme = asked_scheme AND blind_index = asked AND area_number <@ reach;
    END IF;
    RETURN CASE WHEN amparo_may_find(found) THEN found END;
END $$;
GRANT EXECUTE ON FUNCTION amparo_search_names, amparo_find_identifier TO amparo_programme;

-- Who is in danger. While a mark stands, the home that they live in lies below zero, with everybody and everything in it:
-- outside every area, and so in nobody's reach but theirs who protect. Only the functions below write here.
CREATE TABLE registry_protection (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    person_id uuid NOT NULL REFERENCES registry_person,
    starts_on date NOT NULL,
    marked_by uuid NOT NULL,
    marked_at timestamptz NOT NULL,
    ended_by uuid,
    ended_at timestamptz,
    area_number bigint NOT NULL,
    CONSTRAINT protection_ends_by_somebody CHECK (num_nonnulls(ended_by, ended_at) <> 1)
);
CREATE UNIQUE INDEX registry_protection_one_live ON registry_protection (person_id) WHERE ended_at IS NULL;

-- The homes that lie below zero: those of whoever is in danger.
CREATE FUNCTION amparo_sheltered_homes() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT m.household_id FROM registry_protection p
    JOIN registry_membership m ON m.person_id = p.person_id AND m.ends_on IS NULL
    WHERE p.ended_at IS NULL
$$;

-- As before; and a home of somebody in danger is placed below zero, and so is what protects people, wherever they live:
-- that stands in records of its own, whose link says so.
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
    UPDATE registry_subjectlink t SET area_number = CASE t.ground WHEN 'protection' THEN -abs(p.number) ELSE p.number END
        FROM placed p WHERE t.entity_id = p.entity AND t.ends_at IS NULL;
    FOR facts IN SELECT c.relname FROM pg_class c WHERE c.relname ~ '^registry_fact_(household|person|group|item_\w+)$'
        AND c.relkind = 'r' LOOP
        EXECUTE format('UPDATE %I t SET area_number = p.number FROM placed p WHERE t.%I = p.entity', facts,
            substring(facts FROM 'registry_fact_([a-z]+)') || '_id');
    END LOOP;
    RETURN moved;
END $$;

CREATE OR REPLACE FUNCTION amparo_move_household(moved uuid, target bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reach int8multirange := amparo_reach();
    place trust_area;
BEGIN
    SELECT * INTO STRICT place FROM trust_area WHERE id = target;
    PERFORM FROM registry_household WHERE id = moved AND area_number <@ reach FOR UPDATE;
    IF NOT FOUND OR NOT place.number <@ reach THEN
        RAISE EXCEPTION 'outside the caller''s areas' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM amparo_place(ARRAY[moved], ARRAY[target]);
END $$;

-- Places every home of somebody in danger anew: what was written of them meanwhile as of everybody else goes below zero; and
-- each home that none of them lives in any more comes back.
CREATE FUNCTION amparo_shelter_again() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM registry_protection) THEN
        PERFORM amparo_place(array_agg(h.id), array_agg(h.area_id))
            FROM registry_household h WHERE h.area_number < 0 OR h.id IN (SELECT amparo_sheltered_homes());
    END IF;
END $$;

-- Marks somebody as in danger, or ends that, and places their home accordingly. Only for who protects, and in their areas.
CREATE FUNCTION amparo_protect(person uuid, since date, by uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    marked registry_person;
BEGIN
    SELECT * INTO marked FROM registry_person WHERE id = person AND area_number <@ amparo_reach() FOR UPDATE;
    IF NOT FOUND OR NOT amparo_shelters() THEN
        RAISE EXCEPTION 'outside the caller''s areas' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO registry_protection (person_id, starts_on, marked_by, marked_at, area_number)
        VALUES (person, since, by, now(), -abs(marked.area_number));
    PERFORM amparo_place_of(person);
END $$;

CREATE FUNCTION amparo_end_protection(person uuid, by uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM registry_person WHERE id = person AND area_number <@ amparo_reach() FOR UPDATE;
    IF NOT FOUND OR NOT amparo_shelters() THEN
        RAISE EXCEPTION 'outside the caller''s areas' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE registry_protection SET ended_by = by, ended_at = now() WHERE person_id = person AND ended_at IS NULL;
    PERFORM amparo_place_of(person);
END $$;

-- Places whoever it is with the home that they live in; somebody who lives in none, alone.
CREATE FUNCTION amparo_place_of(person uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT amparo_place(ARRAY[coalesce(m.household_id, p.id)], ARRAY[coalesce(h.area_id, p.area_id)])
    FROM registry_person p
    LEFT JOIN registry_membership m ON m.person_id = p.id AND m.ends_on IS NULL
    LEFT JOIN registry_household h ON h.id = m.household_id
    WHERE p.id = person
$$;

ALTER FUNCTION amparo_sheltered_homes OWNER TO amparo_definer;
ALTER FUNCTION amparo_shelter_again OWNER TO amparo_definer;
ALTER FUNCTION amparo_protect OWNER TO amparo_definer;
ALTER FUNCTION amparo_end_protection OWNER TO amparo_definer;
ALTER FUNCTION amparo_place_of OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_sheltered_homes, amparo_shelter_again, amparo_protect, amparo_end_protection,
    amparo_place_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_protect, amparo_end_protection TO amparo_protection;
GRANT EXECUTE ON FUNCTION amparo_sheltered_homes, amparo_shelter_again TO amparo_bulk;

ALTER TABLE registry_protection ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry_protection FORCE ROW LEVEL SECURITY;
GRANT SELECT ON registry_protection TO amparo_protection, amparo_whole;
GRANT SELECT, INSERT, UPDATE ON registry_protection TO amparo_definer;
