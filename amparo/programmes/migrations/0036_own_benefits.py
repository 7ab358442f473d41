"""What other programmes' systems tell, for the citizen of whom it is told, by what the database knows itself."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("programmes", "0035_own_collectors"), ("registry", "0009_own")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0036_own_benefits.sql").read_text(), migrations.RunSQL.noop),
    ]
