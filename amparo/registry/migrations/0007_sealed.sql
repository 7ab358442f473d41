-- Which of the two columns people are found by stands in `trust_keyring.is_spare`; the other is empty, or being filled with
-- the indexes of another key, or emptied of those that have had their time.
ALTER TABLE registry_identifier ADD COLUMN spare_index bytea;
ALTER TABLE registry_identifier ALTER COLUMN blind_index DROP NOT NULL;
ALTER TABLE registry_identifier ADD CONSTRAINT identifier_is_found CHECK (num_nonnulls(blind_index, spare_index) > 0);
DROP INDEX registry_identifier_one_live;
CREATE UNIQUE INDEX registry_identifier_one_live ON registry_identifier (scheme, blind_index)
    WHERE is_live AND blind_index IS NOT NULL;
CREATE UNIQUE INDEX registry_identifier_one_live_spare ON registry_identifier (scheme, spare_index)
    WHERE is_live AND spare_index IS NOT NULL;
GRANT UPDATE (blind_index, spare_index) ON registry_identifier TO amparo_sealer;

-- Digests by which a repeated record is recognised have the blind index in them. When another key's has taken its place they
-- recognise nothing any more, and would let somebody with the old key try identifiers: they go with it. Rows that a delivery
-- holds are left to it, for it writes a new digest.
CREATE FUNCTION amparo_forget_digests(identifiers uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE registry_subject SET last_digest = NULL WHERE id IN (
        SELECT s.id FROM registry_identifier i
        JOIN registry_subjectlink l ON l.entity_id = i.person_id
        JOIN registry_subject s ON s.id = l.subject_id
        WHERE i.id = ANY (identifiers) AND s.last_digest IS NOT NULL
        FOR NO KEY UPDATE OF s SKIP LOCKED
    )
$$;
ALTER FUNCTION amparo_forget_digests OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_forget_digests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_forget_digests TO amparo_sealer;

-- The person who holds a live identifier, if the caller may see that person. Asked with the index under each key that may be
-- in force: whoever was asked with none that is gets an error, never the answer that there is nobody.
-- The ring and the row are read at one instant, so that no turn to another key comes between.
DROP FUNCTION amparo_find_identifier(text, bytea);
CREATE FUNCTION amparo_find_identifier(asked_scheme text, keys int[], indexes bytea[]) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reach int8multirange := amparo_reach();
    ring trust_keyring;
    asked bytea;
BEGIN
    SELECT * INTO STRICT ring FROM trust_keyring;
    asked := indexes[array_position(keys, ring.blinding::int)];
    IF asked IS NULL THEN
        RAISE EXCEPTION 'asked with an index of another key' USING ERRCODE = 'object_not_in_prerequisite_state';
    ELSIF ring.is_spare THEN
        RETURN (SELECT person_id FROM registry_identifier
            WHERE is_live AND scheme = asked_scheme AND spare_index = asked AND area_number <@ reach);
    END IF;
    RETURN (SELECT person_id FROM registry_identifier
        WHERE is_live AND scheme = asked_scheme AND blind_index = asked AND area_number <@ reach);
END $$;
ALTER FUNCTION amparo_find_identifier OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_find_identifier FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_find_identifier TO amparo_area, amparo_national;
