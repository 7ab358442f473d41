"""What the eraser may do in the registry: empty observations, whole or of a class of fields, and leave bare rows."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "0010_erasures.sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_lent"), ("trust", "0011_erasures")]

    operations = [migrations.RunSQL(FILE.read_text(), migrations.RunSQL.noop)]
