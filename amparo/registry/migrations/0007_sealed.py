"""Identifiers name the key each is sealed with, and have a second blind index while one key takes another's place."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

SEAL = gates.seal(
    "registry_identifier",
    "value",
    unbound="scheme, blind_index, spare_index",
    others="person_id, valid_from, valid_until, verified, is_live, contested, source_id, area_number",
)
FILE = Path(__file__).parent / "0007_sealed.sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_groups"), ("trust", "0006_keys")]

    operations = [migrations.RunSQL(each, migrations.RunSQL.noop) for each in (FILE.read_text(), SEAL)]
