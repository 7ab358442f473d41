"""What the recording of a batch needs beyond the rights of its role."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_tables")]

    operations = [migrations.RunSQL((Path(__file__).parent / "0003_batch.sql").read_text(), migrations.RunSQL.noop)]
