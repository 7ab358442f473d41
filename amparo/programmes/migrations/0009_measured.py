"""After a run that wrote much, the decisions are measured at once: the next would plan for tables as they were."""

from django.db import migrations

MEASURED = """
CREATE FUNCTION amparo_measure_decisions(written bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    known double precision := (
        SELECT sum(greatest(c.reltuples, 0)) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'programmes_decision'::regclass
    );
BEGIN
    -- After less, autovacuum does it in its time.
    IF written < 20000 OR written < coalesce(known, 0) / 10 THEN
        RETURN false;
    END IF;
    ANALYZE programmes_decision;
    RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION amparo_measure_decisions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_measure_decisions TO amparo_bulk;
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0008_spark")]

    operations = [migrations.RunSQL(MEASURED, "DROP FUNCTION amparo_measure_decisions")]
