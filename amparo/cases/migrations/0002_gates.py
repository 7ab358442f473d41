"""Who may see and change a case: by both gates, by whoever is charged with it, never by who decided."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

PROTECTED = ("cases_case", "cases_step")
CHANGES = "state, owner, told_at, reply_until, escalated_at, escalated_to, closed_at, effect"
OWN = "programme <> '' AND programme = ANY (string_to_array(current_setting('amparo.programmes', true), ','))"
GRANTS = "\n".join(
    [
        gates.open_table("cases_category", may="SELECT"),
        *(gates.protect(table, may="SELECT, INSERT") for table in PROTECTED),
        *map(gates.shelter, PROTECTED),
        *(f"REVOKE DELETE ON {table} FROM amparo_bulk, amparo_definer;" for table in PROTECTED),
        f"GRANT UPDATE ({CHANGES}) ON cases_case TO amparo_area, amparo_national;",
        gates.open_to_programmes("cases_case", only=OWN),
        gates.seal("cases_step", "said"),
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("programmes", "0017_enrolment_gates"),
        ("registry", "0012_name_search"),
        ("trust", "0017_appeals_officer"),
    ]

    operations = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0002_gates.sql").read_text(), migrations.RunSQL.noop),
    ]
