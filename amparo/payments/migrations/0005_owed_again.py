"""A second appeal for a cycle: the difference is owed, and the database lets nobody be paid more than is due."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_sheets")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0005_owed_again.sql").read_text(), migrations.RunSQL.noop),
    ]
