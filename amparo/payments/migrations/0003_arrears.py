"""What upheld appeals owe, behind both gates; and another person than a list's maker decides about what it holds."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

TABLE = "payments_arrears"
GRANTS = f"""
GRANT INSERT ON {TABLE} TO amparo_national;
REVOKE DELETE, UPDATE ON {TABLE} FROM amparo_bulk;
GRANT UPDATE (list_id) ON {TABLE} TO amparo_bulk;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_gates")]

    operations = [
        migrations.CreateModel(
            name="Arrears",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("unit_id", models.UUIDField()),
                ("area_number", models.BigIntegerField()),
                ("cycle", models.CharField(max_length=7)),
                ("due_minor", models.BigIntegerField(null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "list",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.list",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programmes.programme"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(list=None), fields=["programme"], name="arrears_waiting"),
                    models.Index(fields=["unit_id"], name="arrears_unit"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["case_id", "cycle"], name="arrears_once_a_cycle"),
                    models.CheckConstraint(
                        condition=models.Q(due_minor=None) | models.Q(due_minor__gt=0), name="arrears_sound"
                    ),
                ],
            },
        ),
        migrations.RunSQL((Path(__file__).parent / "0003_arrears.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(
            gates.protect(TABLE, may="SELECT") + gates.shelter(TABLE) + GRANTS, migrations.RunSQL.noop
        ),
    ]
