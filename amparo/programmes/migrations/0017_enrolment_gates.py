"""Who may read and write enrolments: by area, by programme, and the citizen concerned; places; and moving along."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

OWN = "programme_id = ANY ((SELECT amparo_own_programmes())::smallint[])"
# What a citizen sees of steps and notices lies with their enrolment.
OF_AN_ENROLMENT = "enrolment_id IN (SELECT id FROM programmes_enrolment)"
TABLES = {
    "programmes_enrolment": ("SELECT, INSERT, UPDATE", OWN),
    "programmes_enrolmentstep": ("SELECT, INSERT", OWN),
    "programmes_enrolmentnotice": ("SELECT, INSERT, UPDATE", OWN),
}
# What the citizen whom it concerns may read: not who acted.
TOLD = {
    "programmes_enrolment": (
        "id, programme_id, grain, unit_id, household_id, person_id, source, state, starts_on, ends_on, suspended_until,"
        " amount_minor, decision_id, decided_at",
        "unit_id IN (SELECT amparo_units())",
    ),
    "programmes_enrolmentstep": ("id, enrolment_id, at, on_day, state, reason, law, until", OF_AN_ENROLMENT),
    "programmes_enrolmentnotice": (
        "id, enrolment_id, state, reason, law, until, given_on, takes_effect_on, withdrawn_at, took_effect_at",
        OF_AN_ENROLMENT,
    ),
}


def _gates(table: str) -> str:
    may, only = TABLES[table]
    columns, own = TOLD[table]
    writing = may.removeprefix("SELECT, ")
    return f"""
        {gates.protect(table, may=may)}
        REVOKE DELETE ON {table} FROM amparo_bulk, amparo_definer;
        {gates.open_to_programmes(table, only=only)}
        GRANT {writing} ON {table} TO amparo_programme;
        CREATE POLICY programme_adds ON {table} FOR INSERT TO amparo_programme WITH CHECK (coalesce({only}, false));
        {f"CREATE POLICY programme_changes ON {table} FOR UPDATE TO amparo_programme"
         f" USING (coalesce({only}, false)) WITH CHECK (coalesce({only}, false));" if "UPDATE" in may else ""}
        {gates.shelter(table)}
        GRANT SELECT ({columns}) ON {table} TO amparo_citizen;
        CREATE POLICY citizen ON {table} FOR SELECT TO amparo_citizen USING ({own});
        GRANT SELECT ON {table} TO amparo_eraser;
    """


CAPACITY = gates.open_table("programmes_capacity", may="SELECT") + (
    "GRANT SELECT, UPDATE ON programmes_capacity TO amparo_definer;"
)


class Migration(migrations.Migration):
    dependencies = [("programmes", "0016_enrolment")]

    operations = [
        *(migrations.RunSQL(_gates(each), migrations.RunSQL.noop) for each in TABLES),
        migrations.RunSQL(CAPACITY, migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0017_enrolment_gates.sql").read_text(), migrations.RunSQL.noop),
    ]
