"""What partners may read under an agreement in force: persons, households, their facts, and identifiers it names."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

PERSON, HOUSEHOLD = "amparo_agreed_person({})", "amparo_agreed_household({})"
LENT = {
    "registry_person": PERSON.format("id"),
    "registry_household": HOUSEHOLD.format("id"),
    "registry_membership": PERSON.format("person_id"),
    "registry_groupmembership": PERSON.format("person_id"),
    "registry_identifier": PERSON.format("person_id"),
    "registry_fact_exception": "amparo_agreed_entity(grain, entity_id)",
}
SCHEMES = """
    CREATE POLICY partner_schemes ON registry_identifier AS RESTRICTIVE FOR SELECT TO amparo_partner
        USING (is_live AND scheme = ANY ((SELECT amparo_agreed_schemes())::text[]));
"""


def open_facts(apps, schema_editor) -> None:
    """Open the tables of facts that are there already; `facts.install_tables` opens those it makes from now on."""
    for grain, only in (("person", PERSON), ("household", HOUSEHOLD)):
        table = f"registry_fact_{grain}"
        if table in schema_editor.connection.introspection.table_names():
            schema_editor.execute(gates.lend(table, only=only.format(f"{grain}_id")))


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_sealed"), ("trust", "0008_agreements")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0008_lent.sql").read_text(), migrations.RunSQL.noop),
        *(migrations.RunSQL(gates.lend(table, only=only), migrations.RunSQL.noop) for table, only in LENT.items()),
        migrations.RunSQL(SCHEMES, migrations.RunSQL.noop),
        migrations.RunPython(open_facts, migrations.RunPython.noop),
    ]
