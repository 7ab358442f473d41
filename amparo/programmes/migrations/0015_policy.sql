-- Whom a programme decided about: what stands about somebody themselves, the household they live in or the family or couple
-- they are in; about a household, also what stands about who lives there. An item is its holder's.
CREATE OR REPLACE FUNCTION amparo_concerns(entity uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH whose AS (
        SELECT entity AS id
        UNION SELECT coalesce(person_id, household_id) FROM registry_item WHERE id = entity
    ), around AS (
        SELECT id FROM whose
        UNION SELECT m.household_id FROM whose JOIN registry_membership m ON m.person_id = whose.id AND m.ends_on IS NULL
        UNION SELECT m.group_id FROM whose JOIN registry_groupmembership m ON m.person_id = whose.id AND m.ends_on IS NULL
        UNION SELECT m.person_id FROM whose JOIN registry_membership m ON m.household_id = whose.id AND m.ends_on IS NULL
        UNION SELECT g.id FROM whose JOIN registry_group g ON g.household_id = whose.id
        UNION SELECT g.household_id FROM whose JOIN registry_group g ON g.id = whose.id
    )
    SELECT EXISTS (
        SELECT FROM around JOIN programmes_decision decision ON decision.unit_id = around.id
        JOIN programmes_programme known ON known.id = decision.programme_id
        WHERE decision.superseded_at IS NULL
            AND known.code = ANY (string_to_array(current_setting('amparo.programmes', true), ',')))
$$;
ALTER FUNCTION amparo_concerns OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_concerns FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_concerns TO amparo_programme;

CREATE FUNCTION amparo_own_programmes() RETURNS smallint[] LANGUAGE sql STABLE AS $$
    SELECT array(SELECT id FROM programmes_programme
        WHERE code = ANY (string_to_array(current_setting('amparo.programmes', true), ',')))::smallint[]
$$;

-- What a run wrote of people in danger as of everybody else goes below zero, where their homes lie.
CREATE FUNCTION amparo_shelter_decisions() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    units uuid[] := array(
        SELECT home FROM amparo_sheltered_homes() home
        UNION ALL SELECT m.person_id FROM amparo_sheltered_homes() home
            JOIN registry_membership m ON m.household_id = home AND m.ends_on IS NULL
        UNION ALL SELECT g.id FROM amparo_sheltered_homes() home JOIN registry_group g ON g.household_id = home);
BEGIN
    UPDATE programmes_decision SET area_number = -area_number WHERE unit_id = ANY (units) AND area_number > 0;
END $$;
ALTER FUNCTION amparo_shelter_decisions OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_shelter_decisions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_shelter_decisions TO amparo_bulk;
