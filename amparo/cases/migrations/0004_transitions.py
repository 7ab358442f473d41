"""Transitions of lives: as a profile states them, and the cases that open by them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import amparo.cases.types
from amparo.trust import gates

TRIGGERS = ("age", "fact", "born", "told", "moved")
STATES = (
    *("open", "working", "evidence", "review", "applied", "upheld", "executed", "referred", "served", "not-served"),
    *("confirmed", "unfounded", "released", "withheld", "resolved", "dismissed", "withdrawn"),
)
ACTS = (
    *("file", "take", "hand-on", "note", "add-evidence", "hear", "reply", "begin-review", "uphold", "execute", "apply"),
    *("return", "refer", "serve", "not-serve", "confirm", "clear", "release", "withhold", "resolve", "dismiss"),
    *("withdraw", "escalate"),
)
# The column's own default is for cases that statements open in bulk. Django is not told: it would read each new row again, and
# whoever takes down a sensitive case may not.
# Whoever applies for somebody names the enrolment it led to; whom a transition concerns sees what it is and when.
GATES = f"""
ALTER TABLE cases_case ALTER COLUMN transition SET DEFAULT '';
{gates.open_table("cases_transition", may="SELECT")}
GRANT UPDATE (enrolment_id) ON cases_case TO amparo_area, amparo_national;
GRANT SELECT (transition, event_on) ON cases_case TO amparo_citizen;
"""


def one_of(words: tuple[str, ...], **more: object) -> models.CharField:
    return models.CharField(choices=[(each, each) for each in words], max_length=20, **more)


def codes() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(models.CharField(max_length=64), default=list, size=None)


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_held_payments")]

    operations = [
        migrations.CreateModel(
            name="Transition",
            fields=[
                ("code", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("trigger", one_of(TRIGGERS)),
                ("source", models.CharField(max_length=64)),
                ("years", models.SmallIntegerField(null=True)),
                ("days", models.SmallIntegerField(default=90)),
                ("field", models.CharField(blank=True, default="", max_length=64)),
                ("value", models.CharField(blank=True, default="", max_length=64)),
                ("told", codes()),
                ("receiving", models.BooleanField(default=False)),
                ("ends", codes()),
                ("next", codes()),
                ("position", models.SmallIntegerField(default=0)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.category"
                    ),
                ),
            ],
        ),
        migrations.AddField("case", "transition", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("case", "event_on", models.DateField(null=True)),
        migrations.AddField("case", "has_gap", models.BooleanField(null=True)),
        migrations.AlterField("case", "state", one_of(STATES, default=amparo.cases.types.State.OPEN)),
        migrations.AlterField("step", "act", one_of(ACTS)),
        migrations.AlterField("step", "state", one_of(STATES)),
        migrations.AddIndex(
            "case",
            models.Index(condition=models.Q(("transition", ""), _negated=True), fields=["event_on"], name="case_event"),
        ),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                condition=models.Q(("transition", ""), _negated=True),
                fields=("transition", "person_id", "event_on"),
                name="transition_once",
            ),
        ),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("transition", ""), _negated=True), ("closed_at", None), ("event_on", None)
                ),
                fields=("transition", "enrolment_id"),
                name="transition_of_enrolment_once",
            ),
        ),
        migrations.RunSQL(GATES, migrations.RunSQL.noop),
    ]
