-- The relationships of some persons the caller may see. A relationship lies in the area of whoever told it, so row
-- security alone would hide half of those that cross areas: here both ends are asked. Whom the caller may not see is
-- nobody in particular: only that there is somebody.
CREATE FUNCTION amparo_ties(asked uuid[])
    RETURNS TABLE (member uuid, is_first boolean, kind varchar, relative uuid, starts_on date, ends_on date, source_id smallint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reach int8multirange := amparo_reach();
BEGIN
    RETURN QUERY
        SELECT p.id, r.person_id = p.id, r.kind, CASE WHEN o.area_number <@ reach THEN o.id END,
            r.starts_on, r.ends_on, r.source_id
        FROM registry_person p
        JOIN registry_relationship r ON r.person_id = p.id OR r.other_id = p.id
        JOIN registry_person o ON o.id = CASE WHEN r.person_id = p.id THEN r.other_id ELSE r.person_id END
        WHERE p.id = ANY (asked) AND p.area_number <@ reach
        ORDER BY p.number, r.kind, r.id;
END $$;

ALTER FUNCTION amparo_ties OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_ties FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_ties TO amparo_area, amparo_national;
