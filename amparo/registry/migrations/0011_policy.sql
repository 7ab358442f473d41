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

-- A programme reaches people in every area. Which of them, `amparo_concerns` says beside it.
CREATE OR REPLACE FUNCTION amparo_reach() RETURNS int8multirange LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE current_setting('role')
        WHEN 'amparo_national', 'amparo_programme' THEN RETURN '{(,)}'::int8multirange;
        WHEN 'amparo_area' THEN
            RETURN coalesce(nullif(current_setting('amparo.scope', true), ''), '{}')::int8multirange;
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
