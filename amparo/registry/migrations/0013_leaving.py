"""Somebody leaves a home: moves to another, dies, or goes nobody knows where."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("registry", "0012_name_search")]
    operations = [migrations.RunSQL(SQL)]
