"""Beneficiaries and benefits behind both gates; identifiers that name the key they are sealed with; what is told stays told."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

# Of whom nobody here knows, only the nation sees that they are there.
PROTECTED = ("programmes_beneficiary", "programmes_benefit")
COUNTED = ("programmes_feeddelivery", "programmes_feedrejection")
WRITTEN = "person_id, area_number, found, scheme, identifier, blind_index, spare_index, told, told_on"
GRANTS = """
REVOKE DELETE ON programmes_beneficiary, programmes_benefit FROM amparo_bulk;
REVOKE UPDATE ON programmes_benefit FROM amparo_bulk;
GRANT UPDATE (blind_index, spare_index) ON programmes_beneficiary TO amparo_sealer;
GRANT SELECT, DELETE ON programmes_beneficiary, programmes_benefit TO amparo_eraser;
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0018_feeds"), ("trust", "0013_policy")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0019_feed_gates.sql").read_text(), migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                gates.protect(table, may="SELECT") + gates.shelter(table, place="coalesce(area_number, 0)"),
                migrations.RunSQL.noop,
            )
            for table in PROTECTED
        ),
        migrations.RunSQL(
            gates.seal("programmes_beneficiary", "identifier", unbound="scheme, blind_index, spare_index", to="amparo_bulk")
            + gates.seal("programmes_beneficiary", "told", others=WRITTEN, to="amparo_bulk"),
            migrations.RunSQL.noop,
        ),
        *(
            migrations.RunSQL(
                gates.open_table(table, to="amparo_national, amparo_bulk", may="SELECT, INSERT"), migrations.RunSQL.noop
            )
            for table in COUNTED
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
