"""Who collects, for the citizen whom it concerns: as far as their relation shows whoever collects, by what the database knows itself."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("programmes", "0034_untold_overlaps"), ("registry", "0009_own")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0035_own_collectors.sql").read_text(), migrations.RunSQL.noop),
    ]
