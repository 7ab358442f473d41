"""Which counts are not told of which areas: worked out when they are counted. What was counted before is told to nobody who sees no rows."""

from django.db import migrations, models

from amparo.trust import gates

TABLE = "programmes_untold"


class Migration(migrations.Migration):
    dependencies = [("programmes", "0028_collectors")]

    operations = [
        migrations.CreateModel(
            name="Untold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about_id", models.UUIDField()),
                ("code", models.CharField(blank=True, max_length=64)),
                ("area_number", models.BigIntegerField()),
                ("is_whole", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["about_id", "code", "area_number"], name="untold_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="coverage", name="is_weighed", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="measurement", name="is_weighed", field=models.BooleanField(default=False)
        ),
        migrations.RunSQL(gates.protect(TABLE, may="SELECT") + gates.shelter(TABLE), migrations.RunSQL.noop),
        migrations.RunSQL("GRANT UPDATE ON programmes_measurement TO amparo_bulk;", migrations.RunSQL.noop),
    ]
