"""Local rules: who decides for an area writes drafts and versions of what is that area's, and the database holds them to it.

A draft is seen and written under an area's scope only where its thing is decided by an area that lies in the scope whole; a
version is put down or replaced there no otherwise. Tables and models are the nation's: an area's role holds no grant on them.
"""

from django.db import migrations, models

from amparo.trust import gates

VERSIONS = {
    "programmes_ruleversion": "'rule', (SELECT code FROM programmes_programme WHERE id = NEW.programme_id)",
    "programmes_parametervalue": "'parameter', NEW.parameter_id",
}
LOCAL = """
CREATE FUNCTION amparo_is_decided_here(kind text, code text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_or(int8range(a.number, a.last_number, '[]')
        <@ nullif(current_setting('amparo.scope', true), '')::int8multirange), false)
    FROM trust_area a
    WHERE a.code = CASE $1
        WHEN 'rule' THEN (
            SELECT p.enrolment ->> 'area' FROM programmes_programme p WHERE p.code = $2 AND p.withdrawn_at IS NULL)
        WHEN 'parameter' THEN (SELECT p.area FROM programmes_parameter p WHERE p.name = $2)
    END
$$;
ALTER FUNCTION amparo_is_decided_here OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_is_decided_here FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_is_decided_here TO amparo_area, amparo_national, amparo_bulk;
GRANT SELECT ON programmes_programme, programmes_parameter, trust_area TO amparo_definer;

ALTER TABLE programmes_draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY area ON programmes_draft TO amparo_area
    USING (amparo_is_decided_here(kind, code)) WITH CHECK (amparo_is_decided_here(kind, code));
CREATE POLICY national ON programmes_draft TO amparo_national USING (true) WITH CHECK (true);
"""
# Whoever is neither the nation's nor the owner is held to it, whatever roles are added later.
GUARD = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user IN ('amparo_national', 'amparo_whole')
            OR current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
            OR amparo_is_decided_here({thing}) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an area decides what is its own' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER decided_here BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
"""


def _guards() -> list[str]:
    return [
        GUARD.format(function=f"amparo_guard_{table.partition('_')[2]}_area", table=table, thing=thing)
        for table, thing in VERSIONS.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("programmes", "0032_feed_retraction"), ("trust", "0021_municipal_roles")]

    operations = [
        migrations.AddField("parameter", "area", models.CharField(max_length=64, null=True)),
        *(
            migrations.RunSQL(each, migrations.RunSQL.noop)
            for each in (
                LOCAL,
                gates.open_table("programmes_draft", to="amparo_area", may="INSERT, UPDATE"),
                *(gates.open_table(table, to="amparo_area", may="INSERT, UPDATE (replaced_at)") for table in VERSIONS),
                *_guards(),
            )
        ),
    ]
