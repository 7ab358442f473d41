-- Searching by name costs what the caller's areas hold, or what the names have in common, whichever is less.

CREATE INDEX registry_person_name_area ON registry_person_name (area_number);

-- Where the caller's areas hold few people, their names are read one by one. Else the index finds names that share pieces
-- with what is asked; where enough are alike, those that are less so are not fetched: of as many as are wanted, each as like as
-- the bound, none can be less like than one that was left out. Either way the same people are found, in the same order: the
-- most alike first. Only names with words like those asked for count: "fatima" shares three pieces with "emma farrow", and no
-- word.
CREATE OR REPLACE FUNCTION amparo_search_names(asked text, at_most int)
    RETURNS TABLE (person_id uuid, likeness real)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    SET pg_trgm.word_similarity_threshold = 0.4 AS $$
DECLARE
    few CONSTANT int := 10000;
    least_alike CONSTANT real := 0.3;
    reach int8multirange := amparo_reach();
    wanted text := amparo_name_words(asked);
    most int := least(at_most, 200);
    bound real;
    ids uuid[];
    likes real[];
BEGIN
    IF length(wanted) < 2 THEN RETURN; END IF;
    IF amparo_names_within(reach, few + 1) <= few THEN
        RETURN QUERY
            WITH near AS MATERIALIZED (
                SELECT n.person_id, n.words FROM unnest(reach) part JOIN registry_person_name n
                ON n.area_number BETWEEN coalesce(lower(part), -9223372036854775808)
                    AND coalesce(upper(part) - 1, 9223372036854775807)
            )
            SELECT n.person_id, strict_word_similarity(wanted, n.words) AS alike
            FROM near n
            WHERE wanted <% n.words AND strict_word_similarity(wanted, n.words) >= least_alike
                AND amparo_may_find(n.person_id)
            ORDER BY alike DESC, n.person_id
            LIMIT most;
        RETURN;
    END IF;
    FOREACH bound IN ARRAY '{0.5, 0.4}'::real[] LOOP
        PERFORM set_config('pg_trgm.word_similarity_threshold', bound::text, true);
        SELECT array_agg(n.person_id ORDER BY n.alike DESC, n.person_id), array_agg(n.alike ORDER BY n.alike DESC, n.person_id)
            INTO ids, likes
            FROM (
                SELECT f.person_id, strict_word_similarity(wanted, f.words) AS alike
                FROM registry_person_name f
                WHERE f.area_number <@ reach AND wanted <% f.words
                    AND strict_word_similarity(wanted, f.words) >= least_alike AND amparo_may_find(f.person_id)
                ORDER BY alike DESC, f.person_id
                LIMIT most
            ) n;
        EXIT WHEN likes[most] >= bound;
    END LOOP;
    RETURN QUERY SELECT * FROM unnest(ids, likes);
END $$;

-- How many names lie within the caller's areas, counted no further than asked.
CREATE FUNCTION amparo_names_within(reach int8multirange, at_most int) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM (
        SELECT FROM unnest(reach) part JOIN registry_person_name n
        ON n.area_number BETWEEN coalesce(lower(part), -9223372036854775808) AND coalesce(upper(part) - 1, 9223372036854775807)
        LIMIT at_most
    ) counted
$$;
