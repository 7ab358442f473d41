"""Indexes by which breaches are followed, and by which matches are read, the likeliest first."""

from django.db import migrations, models

MATCHES = """
CREATE INDEX programmes_match_likeliest ON programmes_match (state, score DESC, id DESC);
CREATE INDEX programmes_beneficiary_unfound ON programmes_beneficiary (feed, found) WHERE found IN ('review', 'programme');
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0026_life_groups")]

    operations = [
        migrations.AddIndex("breach", models.Index(fields=["programme", "condition", "period"], name="breach_period")),
        migrations.RunSQL(MATCHES, migrations.RunSQL.noop),
    ]
