"""Reading relationships that cross areas."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_batch")]

    operations = [migrations.RunSQL((Path(__file__).parent / "0004_ties.sql").read_text(), migrations.RunSQL.noop)]
