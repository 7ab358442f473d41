"""The table of snapshots. Only the bulk role reads it: with the wrapped key and the folder one could open one."""

from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates


class Migration(migrations.Migration):
    initial = True

    dependencies = [("trust", "0002_gates")]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "grade",
                    models.CharField(
                        choices=[("decision", "decision"), ("linkage", "linkage"), ("research", "research")],
                        max_length=20,
                    ),
                ),
                ("on_day", models.DateField()),
                ("taken_at", models.DateTimeField()),
                ("taken_by", models.UUIDField()),
                ("purpose", models.CharField(max_length=64)),
                ("log_position", models.CharField(max_length=32)),
                ("wrapped_key", models.BinaryField(null=True)),
                ("manifest", models.JSONField()),
                ("retain_until", models.DateField()),
                ("expired_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["grade", "-taken_at"], name="snapshot_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expired_at__isnull", False), ("wrapped_key__isnull", False), _connector="OR"),
                        name="snapshot_key_until_expiry",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            gates.open_table("snapshot_snapshot", to="amparo_bulk", may="SELECT, INSERT, UPDATE"),
            migrations.RunSQL.noop,
        ),
    ]
