"""Notices of decisions for the better, and that somebody was told in person: by whom, when and where."""

import django.contrib.postgres.fields
from django.db import migrations, models

KINDS = (
    "decision-proposed decision-in-effect decision-granted decision-raised case-received case-closed payment-unpaid"
    " condition-missed"
)
STATES = "waiting to-print sent printed told given-up unwanted"
# An officer writes this of a row, and nothing else of it; the worker, who sends, writes the rest.
GRANTS = """
GRANT UPDATE (state, reason, settled_at, told_on, told_by, told_how) ON notices_sending TO amparo_area, amparo_national;
ALTER TABLE notices_sending ALTER COLUMN told_how SET DEFAULT '';
"""


def choices(words: str) -> list[tuple[str, str]]:
    return [(each, each) for each in words.split()]


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_warnings")]

    operations = [
        migrations.AddField(
            model_name="noticeconfig",
            name="in_person",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="sending", name="kind", field=models.CharField(max_length=40, choices=choices(KINDS))
        ),
        migrations.AlterField(
            model_name="sending",
            name="state",
            field=models.CharField(max_length=10, choices=choices(STATES), default="waiting"),
        ),
        migrations.AlterField(
            model_name="accountwarning",
            name="state",
            field=models.CharField(max_length=10, choices=choices(STATES), default="waiting"),
        ),
        migrations.AddField(model_name="sending", name="told_on", field=models.DateField(null=True)),
        migrations.AddField(model_name="sending", name="told_by", field=models.UUIDField(null=True)),
        migrations.AddField(
            model_name="sending",
            name="told_how",
            field=models.CharField(
                blank=True, choices=choices("office visit elsewhere"), default="", max_length=20
            ),
        ),
        migrations.AddConstraint(
            model_name="sending",
            constraint=models.CheckConstraint(
                condition=~models.Q(state="told") | models.Q(told_on__isnull=False, told_by__isnull=False),
                name="sending_told_by_whom",
            ),
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
