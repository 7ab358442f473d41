"""What a machine's request asks the database, by few questions; and a lock by which look-ups do not wait for each other."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("trust", "0019_messages")]
    operations = [migrations.RunSQL((Path(__file__).parent / "0020_asked.sql").read_text(), migrations.RunSQL.noop)]
