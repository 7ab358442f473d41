"""The audit log, its months, and who may touch which table."""

from django.db import migrations

from amparo.trust import gates

AUDIT = """
CREATE TABLE trust_audit (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    event varchar(40) NOT NULL,
    by_id uuid,
    by_kind varchar(20) NOT NULL,
    permission varchar(40) NOT NULL DEFAULT '',
    purpose varchar(64) NOT NULL DEFAULT '',
    agreement varchar(64) NOT NULL DEFAULT '',
    about_kind varchar(40) NOT NULL DEFAULT '',
    about_id varchar(64) NOT NULL DEFAULT '',
    area_number bigint,
    details jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX trust_audit_about ON trust_audit (about_kind, about_id, at);
CREATE INDEX trust_audit_by ON trust_audit (by_id, at);

CREATE FUNCTION amparo_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_audit FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON trust_audit FOR EACH STATEMENT EXECUTE FUNCTION amparo_refuse_change();
"""

# Adds the partitions that are missing, as the owner, for whoever writes: a month without one would stop all writes.
MONTHS = """
CREATE FUNCTION amparo_ensure_months(parent text, first date, months int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    starts date := date_trunc('month', first);
    part text;
BEGIN
    IF parent NOT IN (SELECT partrelid::regclass::text FROM pg_partitioned_table) THEN
        RAISE EXCEPTION '% is not a partitioned table', parent;
    END IF;
    FOR step IN 1..least(months, 120) LOOP
        part := format('%s_%s', parent, to_char(starts, 'YYYYMM'));
        IF to_regclass(part) IS NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext(part));
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                           part, parent, starts, starts + interval '1 month');
        END IF;
        starts := starts + interval '1 month';
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION amparo_ensure_months FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_ensure_months TO amparo_bulk, amparo_app, amparo_area, amparo_national;
"""

# Time-ordered identifiers made by the database, for sets of rows; the server's own function where it has one.
UUID7 = """
DO $do$
BEGIN
    IF current_setting('server_version_num')::int >= 180000 THEN
        CREATE FUNCTION amparo_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT uuidv7()';
    ELSE
        CREATE FUNCTION amparo_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
            SELECT encode(set_bit(set_bit(
                overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
        $$;
    END IF;
END $do$;
"""

CACHE = """
CREATE TABLE trust_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX trust_cache_expires ON trust_cache (expires);
"""

GRANTS = "\n".join(
    [
        gates.open_table("trust_audit", may="INSERT"),
        gates.open_table("trust_audit", to="amparo_national, amparo_bulk", may="SELECT"),
        gates.open_table("trust_area, trust_purpose, trust_roleassignment, trust_account", may="SELECT"),
        gates.open_table("trust_account, trust_roleassignment", to="amparo_app", may="INSERT, UPDATE"),
        gates.open_table("trust_cache"),
        gates.partition_by_month("trust_audit"),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("trust", "0001_initial")]

    operations = [migrations.RunSQL(each, migrations.RunSQL.noop) for each in (MONTHS, UUID7, AUDIT, CACHE, GRANTS)]
