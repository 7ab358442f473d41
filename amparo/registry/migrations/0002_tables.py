"""The registry's protected tables, their gates, and the functions that look past them."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

FOLDER = Path(__file__).parent
OPEN = (
    "registry_source",
    "registry_fielddefinition",
    "registry_precedence",
    "registry_setting",
    "registry_boundary",
)
OF_A_PERSON = {
    "registry_person": "id",
    "registry_membership": "person_id",
    "registry_groupmembership": "person_id",
    "registry_relationship": "person_id",
    "registry_identifier": "person_id",
    "registry_person_name": "person_id",
}
PROTECTED = (
    "registry_household",
    "registry_group",
    "registry_item",
    "registry_subject",
    "registry_subjectlink",
    "registry_fact_exception",
)
GATES = "\n".join(
    [
        *(gates.open_table(each, may="SELECT") for each in OPEN),
        gates.open_table("registry_delivery", to="amparo_area, amparo_national, amparo_bulk", may="SELECT, INSERT"),
        gates.open_table("trust_area", to="amparo_definer", may="SELECT"),
        *(gates.protect(table, person=column) for table, column in OF_A_PERSON.items()),
        *(gates.protect(table) for table in PROTECTED),
        gates.open_table("registry_fact_exception, registry_person_name", to="amparo_area, amparo_national", may="DELETE"),
        gates.protect("registry_observation", may="SELECT, INSERT"),
        "REVOKE DELETE ON registry_observation FROM amparo_bulk, amparo_definer;",
        "REVOKE UPDATE ON registry_observation FROM amparo_bulk;",
        'GRANT SELECT, UPDATE ("values", tombstone) ON registry_observation TO amparo_eraser;',
        gates.partition_by_month("registry_observation"),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("trust", "0002_gates")]

    operations = [
        migrations.RunSQL((FOLDER / "0002_tables.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((FOLDER / "0002_functions.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(GATES, migrations.RunSQL.noop),
    ]
