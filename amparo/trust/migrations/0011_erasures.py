"""Erasures, what stands in their way, how long things are kept, and purposes that end; and the eraser's rights in trust."""

from pathlib import Path

from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

AUDIT = "id, at, event, by_id, by_kind, permission, purpose, agreement, about_kind, about_id, area_number, details"
GRANTS = f"""
    {gates.protect("trust_erasure", may="SELECT, INSERT")}
    {gates.protect("trust_hold", may="SELECT, INSERT")}
    GRANT UPDATE (state, confirmed_by, confirmed_at) ON trust_erasure TO amparo_national;
    GRANT UPDATE (ended_by, ended_at) ON trust_hold TO amparo_area, amparo_national;
    REVOKE INSERT, UPDATE, DELETE ON trust_erasure, trust_hold FROM amparo_bulk, amparo_definer;
    GRANT SELECT, INSERT ON trust_erasure TO amparo_eraser;
    GRANT UPDATE (state, confirmed_by, confirmed_at, done_at, certificate, digest) ON trust_erasure TO amparo_eraser;
    GRANT UPDATE (area_number) ON trust_erasure, trust_hold TO amparo_definer;
    GRANT SELECT ON trust_hold, trust_purpose, trust_schedule TO amparo_eraser;
    GRANT SELECT ON trust_purpose TO amparo_definer;
    GRANT INSERT ({AUDIT}) ON trust_audit TO amparo_eraser;
    GRANT SELECT, UPDATE (withdrawn_on, withdrawn_at, withdrawn_by) ON trust_consent TO amparo_eraser;
    GRANT SELECT, DELETE ON trust_invitation TO amparo_eraser;
    GRANT SELECT, UPDATE (proof_number) ON trust_mandate TO amparo_eraser;
    {gates.open_table("trust_schedule", may="SELECT")}
    GRANT UPDATE (due, taken, counted_at) ON trust_schedule TO amparo_bulk;
"""


class Migration(migrations.Migration):
    dependencies = [("trust", "0010_citizens")]

    operations = [
        migrations.AddField("purpose", "last_day", models.DateField(null=True)),
        migrations.CreateModel(
            "Schedule",
            [
                ("code", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("place", models.CharField(max_length=20)),
                ("field_class", models.CharField(blank=True, max_length=20)),
                ("after", models.CharField(max_length=20)),
                ("days", models.IntegerField()),
                ("law", models.CharField(max_length=200)),
                ("position", models.SmallIntegerField()),
                ("due", models.BigIntegerField(null=True)),
                ("taken", models.BigIntegerField(null=True)),
                ("counted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            "Erasure",
            [
                (
                    "id",
                    models.UUIDField(
                        default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.UUIDField(null=True)),
                ("schedule", models.CharField(blank=True, max_length=64)),
                ("ground", models.CharField(max_length=200)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("state", models.CharField(max_length=12)),
                ("area_number", models.BigIntegerField()),
                ("proposed_by", models.UUIDField()),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_by", models.UUIDField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("certificate", models.JSONField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
            options={"db_table": "trust_erasure", "managed": False},
        ),
        migrations.CreateModel(
            "Hold",
            [
                (
                    "id",
                    models.UUIDField(
                        default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.UUIDField()),
                ("reason", models.CharField(max_length=200)),
                ("until", models.DateField(null=True)),
                ("area_number", models.BigIntegerField()),
                ("placed_by", models.UUIDField()),
                ("placed_at", models.DateTimeField()),
                ("ended_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "trust_hold", "managed": False},
        ),
        migrations.RunSQL((Path(__file__).parent / "0011_erasures.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
