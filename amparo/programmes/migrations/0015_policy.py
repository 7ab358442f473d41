"""What those who run a programme may read of decisions, its own; and that decisions about people in danger lie with them."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

OWN = "programme_id = ANY ((SELECT amparo_own_programmes())::smallint[])"
TABLES = ("programmes_decision", "programmes_notice", "programmes_tally", "programmes_preview")
SHELTERED = (*TABLES, "programmes_reply", "programmes_review", "programmes_householddetermination")
# What was answered to a notice and found about it lies with the notice.
OF_A_NOTICE = "notice_id IN (SELECT id FROM programmes_notice)"


class Migration(migrations.Migration):
    dependencies = [("programmes", "0014_four_eyes"), ("registry", "0011_policy")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0015_policy.sql").read_text(), migrations.RunSQL.noop),
        *(
            migrations.RunSQL(gates.open_to_programmes(table, only=OWN), migrations.RunSQL.noop)
            for table in TABLES
        ),
        *(migrations.RunSQL(gates.shelter(table), migrations.RunSQL.noop) for table in SHELTERED),
        *(
            migrations.RunSQL(gates.open_to_programmes(table, only=OF_A_NOTICE), migrations.RunSQL.noop)
            for table in ("programmes_reply", "programmes_review")
        ),
    ]
