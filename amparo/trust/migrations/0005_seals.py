"""Audit rows have a place by which they are sealed, and the database's own time; seals; indexes for the auditor."""

from django.db import migrations, models

from amparo.trust import gates

# A row's place is its transaction's number. All transactions below the oldest that still runs have ended, so their rows
# are all there: what is sealed up to that number can get no more rows, in whatever order others commit.
# A dump restored into another server meets a counter that begins anew: then the function adds more (amparo_audit_renumber).
PLACES = """
CREATE FUNCTION amparo_audit_place(transaction xid8) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT transaction::text::bigint + 0 $$;
ALTER TABLE trust_audit
    ADD COLUMN place bigint NOT NULL DEFAULT amparo_audit_place(pg_current_xact_id()),
    ADD COLUMN written_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX trust_audit_place ON trust_audit (place, id, at);
CREATE INDEX trust_audit_event ON trust_audit (event, at);
CREATE INDEX trust_audit_households ON trust_audit USING gin ((details->'households')) WHERE details ? 'households';
CREATE INDEX trust_audit_persons ON trust_audit USING gin ((details->'persons')) WHERE details ? 'persons';
"""

# Nobody but the owner says where a row stands or when it was written.
COLUMNS = "id, at, event, by_id, by_kind, permission, purpose, agreement, about_kind, about_id, area_number, details"
GRANTS = f"""
REVOKE INSERT ON trust_audit FROM {gates.EVERYONE};
{gates.open_table("trust_audit", may=f"INSERT ({COLUMNS})")}
{gates.open_table("trust_seal", may="SELECT")}
{gates.open_table("trust_seal", to="amparo_bulk", may="INSERT")}
ALTER TABLE trust_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_seal FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON trust_seal FOR EACH STATEMENT EXECUTE FUNCTION amparo_refuse_change();
"""

# Since when the oldest row waits for its seal, by the database's clock; NULL where none does. '-infinity' where the counter
# of transactions went back: new rows would take places that are sealed already.
WAITING = f"""
CREATE FUNCTION amparo_audit_is_behind() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(amparo_audit_place(pg_snapshot_xmax(pg_current_snapshot())) <=
                    (SELECT last_place FROM trust_seal ORDER BY number DESC LIMIT 1), false)
$$;
CREATE FUNCTION amparo_audit_waits_since() RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place_before bigint := -1;
    id_before uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    SELECT last_place, last_id INTO place_before, id_before FROM trust_seal ORDER BY number DESC LIMIT 1;
    IF NOT FOUND THEN
        place_before := -1;
        id_before := '00000000-0000-0000-0000-000000000000';
    ELSIF amparo_audit_place(pg_snapshot_xmax(pg_current_snapshot())) <= place_before THEN
        RETURN '-infinity';
    END IF;
    RETURN (SELECT written_at FROM trust_audit WHERE (place, id) > (place_before, id_before)
            ORDER BY place, id LIMIT 1);
END $$;
REVOKE EXECUTE ON FUNCTION amparo_audit_waits_since, amparo_audit_is_behind FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_audit_waits_since, amparo_audit_is_behind TO {gates.EVERYONE};
"""

# As before (0002), but a partition is made by itself and then attached: to make it as a partition waits for every writer to
# end, and all writers after it wait for that.
MONTHS = """
CREATE OR REPLACE FUNCTION amparo_ensure_months(parent text, first date, months int) RETURNS void
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
            IF to_regclass(part) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                               parent, part, starts, starts + interval '1 month');
            END IF;
        END IF;
        starts := starts + interval '1 month';
    END LOOP;
END $$;
"""

# For `amparo migrate`, after a dump was restored elsewhere: rows go on after the last place that is taken.
RENUMBERING = """
CREATE FUNCTION amparo_audit_renumber() RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    taken bigint := greatest((SELECT max(place) FROM trust_audit), (SELECT max(last_place) FROM trust_seal));
    counter bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION amparo_audit_place(transaction xid8) RETURNS bigint LANGUAGE sql '
                   'IMMUTABLE PARALLEL SAFE AS %L', format('SELECT transaction::text::bigint + %s', taken + 1 - counter));
    RETURN taken;
END $$;
REVOKE EXECUTE ON FUNCTION amparo_audit_renumber FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("trust", "0004_rule_roles")]

    operations = [
        migrations.CreateModel(
            "Seal",
            [
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("form", models.SmallIntegerField()),
                ("previous", models.BinaryField()),
                ("count", models.BigIntegerField()),
                ("first_place", models.BigIntegerField()),
                ("first_id", models.UUIDField()),
                ("last_place", models.BigIntegerField()),
                ("last_id", models.UUIDField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("root", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("key", models.CharField(max_length=16)),
                ("signature", models.BinaryField()),
                ("leaves", models.BinaryField()),
            ],
        ),
        *(migrations.RunSQL(each, migrations.RunSQL.noop) for each in (PLACES, GRANTS, WAITING, MONTHS, RENUMBERING)),
    ]
