"""Searching by name costs what the caller's areas hold, or what the names have in common, whichever is less."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("registry", "0011_policy")]
    operations = [migrations.RunSQL(SQL)]
