"""Rows set aside name the key each is sealed with. Nobody but the sealer changes one."""

from django.db import migrations

from amparo.trust import gates

SEAL = gates.seal("intake_quarantine", "original", unbound="batch_id, position")


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_quarantine"), ("trust", "0006_keys")]

    operations = [migrations.RunSQL(SEAL, migrations.RunSQL.noop)]
