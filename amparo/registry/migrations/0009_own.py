"""What citizens may read of themselves, their household and whom they act for; and who used it."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


def close_facts(apps, schema_editor) -> None:
    """Facts are folded from what was told, class by class: their tables are not for citizens (`facts.install_tables`)."""
    if "registry_fact_person" in schema_editor.connection.introspection.table_names():
        schema_editor.execute("DROP POLICY IF EXISTS citizen ON registry_fact_person")
        schema_editor.execute("REVOKE ALL ON registry_fact_person FROM amparo_citizen")


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_lent"), ("trust", "0010_citizens")]

    operations = [
        migrations.RunSQL((FOLDER / "0009_own.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((FOLDER / "0009_usage.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunPython(close_facts, migrations.RunPython.noop),
    ]
