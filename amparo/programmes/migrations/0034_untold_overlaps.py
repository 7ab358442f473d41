"""Which overlaps are not told of which areas. What was classed before is told to nobody who sees no rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0033_local")]

    operations = [
        migrations.AlterField("untold", "code", models.CharField(blank=True, max_length=160)),
        migrations.AddField("overlaprun", "is_weighed", models.BooleanField(default=False)),
        migrations.RunSQL(
            "GRANT SELECT (is_weighed) ON programmes_overlaprun TO amparo_area, amparo_programme;"
            " GRANT UPDATE (is_weighed) ON programmes_overlaprun TO amparo_bulk;",
            migrations.RunSQL.noop,
        ),
    ]
