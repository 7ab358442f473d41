"""What was told of conditions, breaches and counts behind both gates: by area, by programme, and the citizen concerned."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

OWN = "programme_id = ANY ((SELECT amparo_own_programmes())::smallint[])"
COMPLIANCE = (
    gates.protect("programmes_compliance", may="SELECT")
    + gates.shelter("programmes_compliance", place="coalesce(area_number, 0)")
    + """
    REVOKE UPDATE, DELETE ON programmes_compliance FROM amparo_bulk;
    GRANT SELECT, DELETE ON programmes_compliance TO amparo_eraser;
    """
)
# A citizen sees of a breach what it is, and not who looks into it.
BREACHES = (
    gates.protect("programmes_breach", may="SELECT")
    + gates.open_to_programmes("programmes_breach", only=OWN)
    + gates.shelter("programmes_breach")
    + """
    REVOKE DELETE ON programmes_breach FROM amparo_bulk, amparo_definer;
    GRANT SELECT (id, enrolment_id, programme_id, condition, period, number, act, found_on, taken_back_at)
        ON programmes_breach TO amparo_citizen;
    CREATE POLICY citizen ON programmes_breach FOR SELECT TO amparo_citizen
        USING (enrolment_id IN (SELECT id FROM programmes_enrolment));
    GRANT SELECT ON programmes_breach TO amparo_eraser;
    """
)
COUNTS = (
    gates.protect("programmes_followingcount", may="SELECT")
    + gates.open_to_programmes("programmes_followingcount", only=OWN)
    + gates.shelter("programmes_followingcount")
    + gates.protect("programmes_measuredarea", may="SELECT")
    + gates.shelter("programmes_measuredarea")
)
STATED = (
    gates.open_table("programmes_index", may="SELECT")
    + gates.open_table("programmes_following, programmes_measurement", may="SELECT")
    + gates.open_table("programmes_following, programmes_measurement", to="amparo_bulk", may="INSERT")
)


class Migration(migrations.Migration):
    dependencies = [("programmes", "0022_conditions"), ("trust", "0018_watched")]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0023_condition_gates.sql").read_text(), migrations.RunSQL.noop),
        *(migrations.RunSQL(each, migrations.RunSQL.noop) for each in (COMPLIANCE, BREACHES, COUNTS, STATED)),
    ]
