"""Overlaps as they were counted on a day."""

import amparo.kernel.ids
from django.db import migrations, models

from amparo.trust import gates


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0019_feed_gates'),
    ]

    operations = [
        migrations.CreateModel(
            name='OverlapRun',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('counts', models.JSONField()),
                ('classed_by', models.UUIDField()),
                ('classed_at', models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            gates.open_table("programmes_overlaprun", to="amparo_national, amparo_bulk", may="SELECT, INSERT"),
            migrations.RunSQL.noop,
        ),
    ]
