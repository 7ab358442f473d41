-- Ends somebody's membership of a home on a day; with another home, they live there from then on. Groups of the home lose
-- them, and one that has nobody left is none any more, nor is a couple of one. Then both homes, and whoever left, lie where
-- they belong: a home that sheltered them comes back into sight, and the one they moved to goes out of it.
CREATE FUNCTION amparo_leave(person uuid, home uuid, last_day date, next_home uuid, died boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reach int8multirange := amparo_reach();
    homes uuid[] := array_remove(ARRAY[home, next_home], NULL);
    reached int;
BEGIN
    PERFORM FROM registry_household WHERE id = ANY (homes) ORDER BY id FOR UPDATE;
    SELECT count(*) INTO reached FROM registry_household
        WHERE id = ANY (homes) AND area_number <@ reach AND ended_on IS NULL;
    IF reached <> cardinality(homes) THEN
        RAISE EXCEPTION 'outside the caller''s areas' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE registry_membership SET ends_on = last_day
        WHERE person_id = person AND household_id = home AND ends_on IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not a member' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE registry_groupmembership m SET ends_on = greatest(last_day, m.starts_on) FROM registry_group g
        WHERE g.id = m.group_id AND g.household_id = home AND m.person_id = person AND m.ends_on IS NULL;
    UPDATE registry_groupmembership m SET ends_on = greatest(last_day, m.starts_on) FROM registry_group g
        WHERE g.id = m.group_id AND g.household_id = home AND g.ends_on IS NULL AND g.kind = 'couple' AND m.ends_on IS NULL
            AND (SELECT count(*) FROM registry_groupmembership o WHERE o.group_id = g.id AND o.ends_on IS NULL) < 2;
    UPDATE registry_group g SET ends_on = greatest(last_day, g.starts_on)
        WHERE g.household_id = home AND g.ends_on IS NULL
            AND NOT EXISTS (SELECT FROM registry_groupmembership o WHERE o.group_id = g.id AND o.ends_on IS NULL);
    IF died THEN
        UPDATE registry_person SET deceased_on = last_day WHERE id = person;
    END IF;
    INSERT INTO registry_membership (person_id, household_id, starts_on, area_number)
        SELECT person, id, last_day, area_number FROM registry_household WHERE id = next_home;
    PERFORM amparo_place(array_agg(id), array_agg(area_id)) FROM registry_household WHERE id = ANY (homes);
    PERFORM amparo_place_of(person);
END $$;
ALTER FUNCTION amparo_leave OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_leave FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_leave TO amparo_area, amparo_national;
