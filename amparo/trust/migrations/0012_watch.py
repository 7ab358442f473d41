"""Unusual use of records: thresholds, alerts, what the watch counts, and the limit of what one officer may open in a day."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

KINDS = "budget bulk slow no-act night away near famous again denied numbers exported leaving pair partner"
STATES = "open looked-at closed"
STEPS = "opened told-authority told-people told-others noted closing closed"
OPEN = "trust_setting, trust_impactanswer, trust_impactassessment, trust_impactsignature, trust_stage"


def choices(words: str) -> list[tuple[str, str]]:
    return [(each, each) for each in words.split()]


def id() -> tuple[str, models.Field]:
    return "id", models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)


def number() -> tuple[str, models.Field]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def protected(to: str, **settings) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, **settings)


def uuids() -> models.Field:
    return django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)


class Migration(migrations.Migration):
    dependencies = [("trust", "0011_erasures")]

    operations = [
        migrations.AddField("account", "person_id", models.UUIDField(null=True)),
        migrations.CreateModel(
            "Setting",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            "Alert",
            fields=[
                id(),
                ("kind", models.CharField(choices=choices(KINDS), max_length=16)),
                ("by_id", models.UUIDField(null=True)),
                ("agreement", models.CharField(blank=True, max_length=64)),
                ("about", models.CharField(blank=True, max_length=64)),
                ("day", models.DateField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("observed", models.BigIntegerField()),
                ("threshold", models.BigIntegerField()),
                ("concerned", uuids()),
                ("rows", uuids()),
                ("found_at", models.DateTimeField()),
                ("state", models.CharField(choices=choices(STATES), max_length=16)),
                ("judged", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "by_id", "agreement", "about", "day"), name="alert_once", nulls_distinct=False
                    )
                ],
                "indexes": [models.Index(fields=["state", "-day"], name="alert_state_day")],
            },
        ),
        migrations.CreateModel(
            "AlertStep",
            fields=[
                number(),
                ("alert", protected("trust.alert", related_name="steps")),
                ("state", models.CharField(choices=choices(STATES), max_length=16)),
                ("at", models.DateTimeField()),
                ("by_id", models.UUIDField()),
                ("reason", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            "Breach",
            fields=[
                id(),
                ("what", models.TextField()),
                ("alert", protected("trust.alert", null=True, related_name="breaches")),
                ("by_id", models.UUIDField(null=True)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("found_at", models.DateTimeField()),
                ("hours", models.IntegerField()),
                ("law", models.CharField(blank=True, max_length=120)),
                ("notify_by", models.DateTimeField()),
                ("opened_by", models.UUIDField()),
                ("opened_at", models.DateTimeField()),
                ("counted_at", models.DateTimeField(null=True)),
                ("persons", models.BigIntegerField(null=True)),
                ("households", models.BigIntegerField(null=True)),
                ("wide", models.BigIntegerField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("closing_by", models.UUIDField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="breach_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_by", None),
                            models.Q(("closed_by", models.F("closing_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="breach_by_two",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            "BreachStep",
            fields=[
                number(),
                ("breach", protected("trust.breach", related_name="steps")),
                ("kind", models.CharField(choices=choices(STEPS), max_length=16)),
                ("at", models.DateTimeField()),
                ("by_id", models.UUIDField()),
                ("whom", models.CharField(blank=True, max_length=200)),
                ("words", models.CharField(blank=True, max_length=1000)),
            ],
        ),
        migrations.CreateModel(
            "BreachAct",
            fields=[
                number(),
                ("breach", protected("trust.breach", related_name="acts")),
                ("kind", models.CharField(max_length=16)),
                ("entity", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=40)),
                ("by_id", models.UUIDField(null=True)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=130), null=True, size=None
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["breach", "kind", "entity", "at"], name="breach_act_place")],
            },
        ),
        migrations.CreateModel(
            "ImpactAnswer",
            fields=[
                number(),
                ("question", models.CharField(max_length=20)),
                ("words", models.TextField()),
                ("at", models.DateTimeField()),
                ("by_id", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            "ImpactAssessment",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("laid_down_at", models.DateTimeField()),
                ("laid_down_by", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            "ImpactSignature",
            fields=[
                number(),
                ("assessment", protected("trust.impactassessment", related_name="signatures")),
                ("by_id", models.UUIDField()),
                ("role", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "by_id"), name="impact_signed_once"),
                ]
            },
        ),
        migrations.CreateModel(
            "Stage",
            fields=[
                number(),
                ("is_live", models.BooleanField(default=True, unique=True)),
                ("at", models.DateTimeField()),
                ("by_id", models.UUIDField()),
                ("assessment", protected("trust.impactassessment", related_name="+")),
            ],
        ),
        migrations.RunSQL(gates.open_table(OPEN, may="SELECT"), migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0012_watch.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0012_breach.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0012_impact.sql").read_text(), migrations.RunSQL.noop),
    ]
