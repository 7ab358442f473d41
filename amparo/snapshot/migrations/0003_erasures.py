"""The eraser wipes the key of a snapshot, and with it every copy of its files."""

from django.db import migrations

GRANTS = "GRANT SELECT, UPDATE (wrapped_key, expired_at) ON snapshot_snapshot TO amparo_eraser;"


class Migration(migrations.Migration):
    dependencies = [("snapshot", "0002_sealed"), ("trust", "0011_erasures")]

    operations = [migrations.RunSQL(GRANTS, migrations.RunSQL.noop)]
