"""Values of contact are sealed one by one, in a table of their own; digests stand for them in observations and facts."""

from pathlib import Path

from django.db import migrations

from amparo.kernel.errors import Refused
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
# As `dictionary.Field.is_sealed` says it.
_IN_CLEAR = """
SELECT DISTINCT d.grain || '.' || d.name FROM registry_fielddefinition d
JOIN registry_observation o ON o.grain = d.grain AND o."values" ? d.name
WHERE d.definition->>'field_class' = 'contact' AND d.definition->>'type' = 'text' AND d.definition->>'role' IS NULL
"""


def expect_nothing_in_clear(apps, schema_editor) -> None:
    """Refuse an installation in which values of contact were taken in before: they would go on standing in the clear."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_definer")  # row security shows the owner nothing
        cursor.execute(_IN_CLEAR)
        fields = sorted(field for (field,) in cursor.fetchall())
        cursor.execute("SET LOCAL ROLE NONE")
    if fields:
        raise Refused("registry-contact-in-clear", fields=", ".join(fields))


class Migration(migrations.Migration):
    dependencies = [("registry", "0014_erased_numbers")]

    operations = [
        migrations.RunPython(expect_nothing_in_clear, migrations.RunPython.noop),
        migrations.RunSQL(FILE.read_text()),
        migrations.RunSQL(GATES),
    ]
