"""Values of contact are sealed one by one, in a table of their own; digests stand for them in observations and facts."""

from pathlib import Path

from django.db import migrations

from amparo.registry import contact_values
from amparo.trust import gates

FILE = Path(__file__).parent / "0015_contacts.sql"
CONTACT, KEY = "registry_contact", "registry_contact_key"
# Added to, and never changed: a move changes where a row lies, the sealer seals anew, the eraser takes away.
GATES = f"""
    {gates.protect(CONTACT, may="SELECT, INSERT")}
    {gates.open_to_programmes(CONTACT, only="amparo_concerns_subject(subject_id)")}
    {gates.shelter(CONTACT)}
    {gates.seal(CONTACT, "value", unbound="subject_id, field")}
    REVOKE DELETE ON {CONTACT} FROM amparo_bulk, amparo_definer;
    REVOKE UPDATE ON {CONTACT} FROM amparo_definer;
    GRANT UPDATE (area_number) ON {CONTACT} TO amparo_definer;
    GRANT SELECT, DELETE ON {CONTACT} TO amparo_eraser;
    {gates.open_table(KEY, to=", ".join((*gates.ROLES, "amparo_bulk")), may="SELECT")}
    {gates.open_table(KEY, to="amparo_area, amparo_national, amparo_bulk", may="INSERT")}
    {gates.seal(KEY, "value", is_protected=False)}
"""


def expect_nothing_in_clear(apps, schema_editor) -> None:
    with schema_editor.connection.cursor() as cursor:
        contact_values.expect_nothing_in_clear(cursor)


class Migration(migrations.Migration):
    dependencies = [("registry", "0014_erased_numbers")]

    operations = [
        migrations.RunPython(expect_nothing_in_clear, migrations.RunPython.noop),
        migrations.RunSQL(FILE.read_text()),
        migrations.RunSQL(GATES),
    ]
