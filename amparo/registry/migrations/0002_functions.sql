-- Functions that look past row security and apply the same scope themselves. They belong to amparo_definer.

-- The one form in which names are kept for search and searched: small letters, no accents, one form of each Arabic letter.
CREATE FUNCTION amparo_name_words(name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = public, pg_temp AS $$
    SELECT btrim(regexp_replace(
        translate(lower(unaccent(normalize(name, NFKC))), 'أإآٱىةؤئ' || U&'\0640', 'اااايهوي'),
        '[\s\u064B-\u065F''’`´.,-]+', ' ', 'g'))
$$;

-- The rows the caller may see, from the role and the settings of its transaction; none of the kinds: refused.
CREATE FUNCTION amparo_reach() RETURNS int8multirange LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE current_setting('role')
        WHEN 'amparo_national' THEN RETURN '{(,)}'::int8multirange;
        WHEN 'amparo_area' THEN
            RETURN coalesce(nullif(current_setting('amparo.scope', true), ''), '{}')::int8multirange;
        ELSE RAISE EXCEPTION 'no scope is set' USING ERRCODE = 'insufficient_privilege';
    END CASE;
END $$;

-- People whose names resemble the words asked for, the most alike first.
CREATE FUNCTION amparo_search_names(asked text, at_most int)
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
        ORDER BY alike DESC, n.person_id
        LIMIT least(at_most, 200);
END $$;

-- The person who holds a live identifier, if the caller may see that person.
CREATE FUNCTION amparo_find_identifier(asked_scheme text, asked_index bytea) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT person_id FROM registry_identifier
    WHERE is_live AND scheme = asked_scheme AND blind_index = asked_index AND area_number <@ amparo_reach()
$$;

-- The one statement that changes where a household belongs: all its rows, and those of its living members, move along.
CREATE FUNCTION amparo_move_household(moved uuid, target bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reach int8multirange := amparo_reach();
    place trust_area;
    entities uuid[];
    people uuid[];
    facts text;
BEGIN
    SELECT * INTO STRICT place FROM trust_area WHERE id = target;
    PERFORM FROM registry_household WHERE id = moved AND area_number <@ reach FOR UPDATE;
    IF NOT FOUND OR NOT place.number <@ reach THEN
        RAISE EXCEPTION 'outside the caller''s areas' USING ERRCODE = 'insufficient_privilege';
    END IF;
    people := array(SELECT person_id FROM registry_membership WHERE household_id = moved AND ends_on IS NULL);
    entities := people || moved
        || array(SELECT id FROM registry_item WHERE household_id = moved OR person_id = ANY (people))
        || array(SELECT id FROM registry_group WHERE household_id = moved);
    UPDATE registry_household SET area_id = target, area_number = place.number WHERE id = moved;
    UPDATE registry_person SET area_id = target, area_number = place.number WHERE id = ANY (people);
    UPDATE registry_membership SET area_number = place.number WHERE household_id = moved AND ends_on IS NULL;
    UPDATE registry_group SET area_number = place.number WHERE household_id = moved;
    UPDATE registry_groupmembership SET area_number = place.number WHERE person_id = ANY (people);
    UPDATE registry_relationship SET area_number = place.number WHERE person_id = ANY (people);
    UPDATE registry_identifier SET area_number = place.number WHERE person_id = ANY (people);
    UPDATE registry_item SET area_number = place.number WHERE household_id = moved OR person_id = ANY (people);
    UPDATE registry_person_name SET area_number = place.number WHERE person_id = ANY (people);
    UPDATE registry_fact_exception SET area_number = place.number WHERE entity_id = ANY (entities);
    UPDATE registry_subject s SET area_number = place.number FROM registry_subjectlink l
        WHERE l.subject_id = s.id AND l.ends_at IS NULL AND l.entity_id = ANY (entities);
    UPDATE registry_observation o SET area_number = place.number FROM registry_subjectlink l
        WHERE l.subject_id = o.subject_id AND l.ends_at IS NULL AND l.entity_id = ANY (entities)
          AND o.area_number <> place.number;
    UPDATE registry_subjectlink SET area_number = place.number WHERE ends_at IS NULL AND entity_id = ANY (entities);
    FOR facts IN SELECT c.relname FROM pg_class c WHERE c.relname ~ '^registry_fact_(household|person|group|item_\w+)$'
        AND c.relkind = 'r' LOOP
        EXECUTE format('UPDATE %I SET area_number = $1 WHERE %I = ANY ($2)', facts,
            substring(facts FROM 'registry_fact_([a-z]+)') || '_id') USING place.number, entities;
    END LOOP;
END $$;

ALTER FUNCTION amparo_search_names OWNER TO amparo_definer;
ALTER FUNCTION amparo_find_identifier OWNER TO amparo_definer;
ALTER FUNCTION amparo_move_household OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_search_names, amparo_find_identifier, amparo_move_household FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_search_names, amparo_find_identifier, amparo_move_household
    TO amparo_area, amparo_national;
