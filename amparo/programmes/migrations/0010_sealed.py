"""Replies and reasons name the key each is sealed with. Nobody but the sealer changes one."""

from django.db import migrations

from amparo.trust import gates

SEAL = gates.seal("programmes_reply", "words") + gates.seal("programmes_review", "reason")


class Migration(migrations.Migration):
    dependencies = [("programmes", "0009_measured"), ("trust", "0006_keys")]

    operations = [migrations.RunSQL(SEAL, migrations.RunSQL.noop)]
