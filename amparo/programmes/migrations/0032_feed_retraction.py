"""Deliveries that were taken back: a row beside each, which nobody changes, and an index by which what it told is found."""

import django.db.models.deletion
from django.db import migrations, models

from amparo.trust import gates

RETRACTIONS = """
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON programmes_feedretraction
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0031_enrolled_lent")]

    operations = [
        migrations.CreateModel(
            name="FeedRetraction",
            fields=[
                (
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="retraction",
                        serialize=False,
                        to="programmes.feeddelivery",
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("gone", models.BigIntegerField()),
                ("retracted_by", models.UUIDField()),
                ("retracted_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            RETRACTIONS
            + gates.open_table("programmes_feedretraction", to="amparo_national, amparo_bulk", may="SELECT, INSERT"),
            migrations.RunSQL.noop,
        ),
    ]
