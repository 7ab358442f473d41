"""Who is covered and who is left out by life-cycle group, and overlaps by area: figures, nobody's record."""

import django.db.models.deletion
from django.db import migrations, models

from amparo.trust import gates

_COUNTED = ("programmes_groupcoverage", "programmes_groupexclusion", "programmes_overlap")


def _counts(*names: str) -> list[tuple[str, models.Field]]:
    return [(each, models.BigIntegerField()) for each in names]


def _of(model: str, related: str) -> tuple[str, models.Field]:
    to = f"programmes.{model}"
    name = {"coverage": "coverage", "overlaprun": "run"}[model]
    return name, models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=related, to=to)


def _id() -> tuple[str, models.Field]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0025_feed_posts'),
    ]

    operations = [
        migrations.CreateModel(
            name="LifeGroup",
            fields=[
                ("code", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("position", models.SmallIntegerField()),
                ("rule", models.TextField()),
            ],
        ),
        migrations.AlterField(
            model_name="coverage",
            name="kind",
            field=models.CharField(
                choices=[("gaps", "gaps"), ("excluded", "excluded"), ("covered", "covered")], max_length=20
            ),
        ),
        migrations.AddField(model_name="coverage", name="alarms", field=models.JSONField(default=dict)),
        migrations.CreateModel(
            name="GroupExclusion",
            fields=[
                _id(),
                ("area_number", models.BigIntegerField()),
                ("life_group", models.CharField(max_length=64)),
                *_counts("persons", "near", "unknown", "beyond"),
                _of("coverage", "group_exclusions"),
            ],
            options={"indexes": [models.Index(fields=["coverage", "area_number"], name="groupexclusion_area")]},
        ),
        migrations.CreateModel(
            name="GroupCoverage",
            fields=[
                _id(),
                ("area_number", models.BigIntegerField()),
                ("life_group", models.CharField(max_length=64)),
                *_counts("persons", "direct_assistance", "direct_insurance", "direct_both"),
                *_counts("reached_assistance", "reached_insurance", "reached_both"),
                _of("coverage", "covered"),
            ],
            options={"indexes": [models.Index(fields=["coverage", "area_number"], name="groupcoverage_area")]},
        ),
        migrations.CreateModel(
            name="Overlap",
            fields=[
                _id(),
                ("area_number", models.BigIntegerField()),
                ("first", models.CharField(max_length=64)),
                ("second", models.CharField(max_length=64)),
                ("overlap", models.CharField(blank=True, max_length=20)),
                *_counts("households"),
                _of("overlaprun", "overlaps"),
            ],
            options={"indexes": [models.Index(fields=["run", "area_number"], name="overlap_area")]},
        ),
        migrations.RunSQL(
            gates.open_table("programmes_lifegroup", may="SELECT"),
            migrations.RunSQL.noop,
        ),
        # Whoever works for an area sees the day of the count that their area's rows are of, and nothing of the nation's sums.
        migrations.RunSQL(
            "GRANT SELECT (id, day, classed_at) ON programmes_overlaprun TO amparo_area, amparo_programme;", migrations.RunSQL.noop
        ),
        *(
            migrations.RunSQL(gates.protect(table, may="SELECT") + gates.shelter(table), migrations.RunSQL.noop)
            for table in _COUNTED
        ),
    ]
