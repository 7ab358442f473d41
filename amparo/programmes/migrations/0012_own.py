"""Decisions and notices, for the citizen whom they concern; without the facts of others that lie beside a decision."""

from django.db import migrations

COLUMNS = (
    "id, decided_at, run_id, programme_id, rule_version_id, grain, unit_id, household_id, outcome, amount_minor, rank,"
    " places, missing, on_day, state, superseded_at"
)
OWN = f"""
GRANT SELECT ({COLUMNS}) ON programmes_decision TO amparo_citizen;
CREATE POLICY citizen ON programmes_decision FOR SELECT TO amparo_citizen
    USING (unit_id IN (SELECT amparo_units()));
GRANT SELECT (id, decision_id, programme_id, unit_id, given_on, takes_effect_on) ON programmes_notice TO amparo_citizen;
CREATE POLICY citizen ON programmes_notice FOR SELECT TO amparo_citizen USING (unit_id IN (SELECT amparo_units()));
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0011_lent"), ("registry", "0009_own")]

    operations = [migrations.RunSQL(OWN, migrations.RunSQL.noop)]
