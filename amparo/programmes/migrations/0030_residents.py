"""A local programme enrols who lives in its area, and nobody else: asked again by the database, whatever a filter lets through."""

from django.db import migrations

RESIDENTS = """
CREATE FUNCTION amparo_guard_residents(programmes smallint[], places bigint[]) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- An area that is none holds nobody. Whoever is in danger lies below zero, where their home is.
    IF EXISTS (
            SELECT FROM unnest(programmes, places) AS fresh (programme_id, area_number)
            JOIN programmes_programme p ON p.id = fresh.programme_id AND p.enrolment ->> 'area' IS NOT NULL
            LEFT JOIN trust_area a ON a.code = p.enrolment ->> 'area'
            WHERE (abs(fresh.area_number) BETWEEN a.number AND a.last_number) IS NOT TRUE) THEN
        RAISE EXCEPTION 'a local programme is for who lives in its area'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'programmes_residents';
    END IF;
END $$;
ALTER FUNCTION amparo_guard_residents OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_guard_residents FROM PUBLIC;
GRANT SELECT ON programmes_programme, trust_area TO amparo_definer;

CREATE FUNCTION amparo_expect_residents() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM amparo_guard_residents(array_agg(programme_id), array_agg(area_number)) FROM (
        SELECT DISTINCT programme_id, area_number FROM fresh WHERE source = 'own' AND state <> 'ended') each;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_expect_residents OWNER TO amparo_definer;
CREATE TRIGGER lives_there AFTER INSERT ON programmes_enrolment
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION amparo_expect_residents();

-- Who waited and has moved away is not let in. Who takes part and moves is paid until a person decides.
CREATE FUNCTION amparo_expect_residents_let_in() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM amparo_guard_residents(array_agg(programme_id), array_agg(area_number)) FROM (
        SELECT DISTINCT fresh.programme_id, fresh.area_number FROM fresh JOIN stale ON stale.id = fresh.id
        WHERE fresh.source = 'own' AND stale.state = 'waiting' AND fresh.state IN ('enrolled', 'suspended')) each;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_expect_residents_let_in OWNER TO amparo_definer;
CREATE TRIGGER lives_there_still AFTER UPDATE ON programmes_enrolment
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION amparo_expect_residents_let_in();
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0029_untold")]

    operations = [migrations.RunSQL(RESIDENTS, migrations.RunSQL.noop)]
