"""Who collects is changed by two people: behind both gates, moving along with whose enrolment it is of, confirmed by another."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

TABLE = "programmes_collectorchange"
OWN = "programme_id = ANY ((SELECT amparo_own_programmes())::smallint[])"
GATES = f"""
{gates.protect(TABLE)}
REVOKE DELETE ON {TABLE} FROM amparo_bulk, amparo_definer;
{gates.open_to_programmes(TABLE, only=OWN)}
GRANT INSERT, UPDATE ON {TABLE} TO amparo_programme;
CREATE POLICY programme_adds ON {TABLE} FOR INSERT TO amparo_programme WITH CHECK (coalesce({OWN}, false));
CREATE POLICY programme_changes ON {TABLE} FOR UPDATE TO amparo_programme
    USING (coalesce({OWN}, false)) WITH CHECK (coalesce({OWN}, false));
{gates.shelter(TABLE)}
GRANT SELECT ON {TABLE} TO amparo_eraser;
GRANT SELECT (id, code, name, is_own) ON trust_organisation TO amparo_programme;
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0027_read_by"), ("trust", "0008_agreements")]

    operations = [
        migrations.CreateModel(
            name="CollectorChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_number", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("caregiver", "caregiver"),
                            ("alternate", "alternate"),
                            ("institution", "institution"),
                            ("self", "self"),
                        ],
                        max_length=20,
                    ),
                ),
                ("collector_id", models.UUIDField(null=True)),
                ("proof", models.CharField(max_length=64)),
                ("law", models.CharField(max_length=200)),
                ("document", models.CharField(max_length=40)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                ("before_id", models.UUIDField(null=True)),
                ("under", models.CharField(max_length=64)),
                ("proposed_by", models.UUIDField()),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_by", models.UUIDField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.UUIDField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("took_effect_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "enrolment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="collectors",
                        to="programmes.enrolment",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["enrolment"], name="collectorchange_enrolment")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(withdrawn_at=None, took_effect_at=None),
                        fields=["enrolment"],
                        name="collectorchange_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("proposed_by")),
                        name="collectorchange_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                        name="collectorchange_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(kind="self", collector_id=None)
                        | (~models.Q(kind="self") & models.Q(collector_id__isnull=False)),
                        name="collectorchange_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(took_effect_at=None) | models.Q(confirmed_by__isnull=False),
                        name="collectorchange_confirmed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GATES, migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0028_collectors.sql").read_text(), migrations.RunSQL.noop),
    ]
