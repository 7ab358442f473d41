"""Snapshots name the master key that their own is sealed with. Whoever lets one expire wipes its key."""

from django.db import migrations

from amparo.trust import gates

SEAL = gates.seal(
    "snapshot_snapshot",
    "wrapped_key",
    others="wrapped_key, retain_until, expired_at",
    to="amparo_bulk",
    is_protected=False,
)


class Migration(migrations.Migration):
    dependencies = [("snapshot", "0001_initial"), ("trust", "0006_keys")]

    operations = [migrations.RunSQL(SEAL, migrations.RunSQL.noop)]
