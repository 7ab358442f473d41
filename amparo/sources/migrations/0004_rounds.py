"""Rounds over an area, and how many were asked about in a day. Nothing of anybody: numbers of places, counts and reasons."""

from django.db import migrations, models

import amparo.kernel.ids
import amparo.sources.types
from amparo.trust import gates

GRANTS = "\n".join(
    [
        gates.open_table("sources_round", may="SELECT, INSERT, UPDATE"),
        gates.open_table("sources_askedofday", may="SELECT, INSERT, UPDATE"),
    ]
)


class Migration(migrations.Migration):

    dependencies = [
        ('sources', '0003_updates'),
    ]

    operations = [
        migrations.CreateModel(
            name='AskedOfDay',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=64)),
                ('day', models.DateField()),
                ('asked', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'day'), name='asked_of_day_once')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=64)),
                ('purpose', models.CharField(max_length=64)),
                ('area', models.CharField(max_length=64)),
                ('persons', models.BigIntegerField()),
                ('started_by', models.UUIDField()),
                ('started_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('running', 'running'), ('stopped', 'stopped'), ('halted', 'halted'), ('done', 'done')], default=amparo.sources.types.RoundState['RUNNING'], max_length=10)),
                ('ended_at', models.DateTimeField(null=True)),
                ('at_area', models.BigIntegerField()),
                ('at_household', models.BigIntegerField(default=0)),
                ('at_person', models.BigIntegerField(default=0)),
                ('done', models.BigIntegerField(default=0)),
                ('asked', models.BigIntegerField(default=0)),
                ('kept', models.BigIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('steps', models.IntegerField(default=0)),
                ('tries', models.IntegerField(default=0)),
                ('worked_at', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
                ('waits_for', models.CharField(blank=True, default='', max_length=20)),
                ('problem', models.JSONField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['started_at'], name='round_started')],
            },
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
