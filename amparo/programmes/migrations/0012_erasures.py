"""Replies and reasons may be emptied by the eraser, who leaves ground and day; and what the eraser reads of decisions."""

from django.db import migrations, models

WORDS = (("programmes_reply", "words"), ("programmes_review", "reason"))
EMPTIED = "\n".join(
    f"""
    ALTER TABLE {table} ADD CONSTRAINT {table}_said_or_erased CHECK (({column} IS NULL) = (tombstone IS NOT NULL));
    GRANT SELECT, UPDATE ({column}, tombstone) ON {table} TO amparo_eraser;
    """
    for table, column in WORDS
)
READ = "GRANT SELECT ON programmes_notice, programmes_programme, programmes_determination TO amparo_eraser;"


class Migration(migrations.Migration):
    dependencies = [("programmes", "0011_lent"), ("registry", "0010_erasures")]

    operations = [
        migrations.AlterField("reply", "words", models.BinaryField(null=True)),
        migrations.AlterField("review", "reason", models.BinaryField(null=True)),
        migrations.AddField("reply", "tombstone", models.JSONField(null=True)),
        migrations.AddField("review", "tombstone", models.JSONField(null=True)),
        migrations.RunSQL(EMPTIED + READ, migrations.RunSQL.noop),
    ]
