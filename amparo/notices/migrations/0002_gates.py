"""Who may see what somebody is to be told: by both gates. Rows go where whoever they are about goes, below zero too."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

PROTECTED = ("notices_sending", "notices_attempt")
OWN = "programme <> '' AND programme = ANY (string_to_array(current_setting('amparo.programmes', true), ','))"
GRANTS = "\n".join(
    [
        gates.open_table("notices_noticeconfig", may="SELECT"),
        gates.protect("notices_sending", may="SELECT, INSERT"),
        gates.protect("notices_attempt", may="SELECT"),
        *map(gates.shelter, PROTECTED),
        gates.open_to_programmes("notices_sending", only=OWN),
        *(f"REVOKE DELETE ON {table} FROM amparo_bulk, amparo_definer;" for table in PROTECTED),
        *(f"GRANT SELECT, DELETE ON {table} TO amparo_eraser;" for table in PROTECTED),
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_initial"),
        ("registry", "0012_name_search"),
        ("trust", "0017_appeals_officer"),
    ]

    operations = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0002_gates.sql").read_text(), migrations.RunSQL.noop),
    ]
