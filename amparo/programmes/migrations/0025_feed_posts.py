"""Deliveries that a system's own machine sends: what came, under which agreement, and what became of it; nobody's record."""

import amparo.kernel.ids
from django.db import migrations, models

from amparo.trust import gates


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0024_matches'),
    ]

    operations = [
        migrations.CreateModel(
            name='FeedPost',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('feed', models.CharField(max_length=64)),
                ('agreement', models.CharField(max_length=64)),
                ('purpose', models.CharField(max_length=64)),
                ('day', models.DateField()),
                ('mapping', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('rows', models.IntegerField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('taken', 'taken'), ('refused', 'refused')], max_length=20)),
                ('receipt', models.JSONField(null=True)),
                ('refusal', models.JSONField(null=True)),
                ('posted_by', models.UUIDField()),
                ('posted_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunSQL(
            gates.open_table("programmes_feedpost", to="amparo_app, amparo_national", may="SELECT, INSERT")
            + gates.open_table("programmes_feedpost", to="amparo_bulk", may="SELECT, UPDATE")
            + gates.open_table("programmes_feedrejection", to="amparo_app", may="SELECT"),
            migrations.RunSQL.noop,
        ),
    ]
