"""What those who run a programme may read: whom it decided about; and who is in danger, whom only those see who protect."""

from pathlib import Path

from django.db import migrations, models

from amparo.trust import gates

REACHED = {
    "registry_household": "amparo_concerns(id)",
    "registry_person": "amparo_concerns(id)",
    "registry_group": "amparo_concerns(id)",
    "registry_item": "amparo_concerns(id)",
    "registry_membership": "amparo_concerns(person_id)",
    "registry_groupmembership": "amparo_concerns(person_id)",
    "registry_identifier": "amparo_concerns(person_id)",
    "registry_subjectlink": "amparo_concerns(entity_id)",
    "registry_observation": "amparo_concerns_subject(subject_id)",
}

SHELTERED = (*REACHED, "registry_relationship", "registry_subject", "registry_fact_exception", "registry_person_name")
OF_PROTECTION = f"""
    CREATE POLICY protection ON registry_protection FOR SELECT TO amparo_protection USING ({gates.AREA_POLICY});
    CREATE POLICY whole ON registry_protection FOR SELECT TO amparo_whole USING (true);
"""


def open_facts(apps, schema_editor) -> None:
    """Open and shelter the tables of facts that are there; `facts.install_tables` does it to those it makes from now on."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            r"SELECT relname FROM pg_class WHERE relkind = 'r'"
            r" AND relname ~ '^registry_fact_(household|person|group|item_\w+)$'"
        )
        tables = [table for (table,) in cursor.fetchall()]
    for table in tables:
        key = table.removeprefix("registry_fact_").partition("_")[0] + "_id"
        schema_editor.execute(gates.open_to_programmes(table, only=f"amparo_concerns({key})") + gates.shelter(table))


class Migration(migrations.Migration):
    dependencies = [("registry", "0010_erasures"), ("trust", "0013_policy")]

    operations = [
        migrations.CreateModel(
            name="Protection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
                ("marked_by", models.UUIDField()),
                ("marked_at", models.DateTimeField()),
                ("ended_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("area_number", models.BigIntegerField()),
            ],
            options={"db_table": "registry_protection", "managed": False},
        ),
        migrations.RunSQL((Path(__file__).parent / "0011_policy.sql").read_text(), migrations.RunSQL.noop),
        *(
            migrations.RunSQL(gates.open_to_programmes(table, only=only), migrations.RunSQL.noop)
            for table, only in REACHED.items()
        ),
        *(migrations.RunSQL(gates.shelter(table), migrations.RunSQL.noop) for table in SHELTERED),
        migrations.RunSQL(OF_PROTECTION, migrations.RunSQL.noop),
        migrations.RunPython(open_facts, migrations.RunPython.noop),
    ]
