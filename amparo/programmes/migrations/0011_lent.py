"""Agreements about a programme: the database knows whom it grants something, and lets a partner's query ask."""

from django.db import migrations

GRANTED = """
CREATE OR REPLACE FUNCTION amparo_granted(programme text, unit uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH around AS (
        SELECT unit AS id
        UNION SELECT household_id FROM registry_membership WHERE person_id = unit AND ends_on IS NULL
        UNION SELECT group_id FROM registry_groupmembership WHERE person_id = unit AND ends_on IS NULL
        UNION SELECT person_id FROM registry_membership WHERE household_id = unit AND ends_on IS NULL
        UNION SELECT id FROM registry_group WHERE household_id = unit
    )
    SELECT EXISTS (
        SELECT FROM around JOIN programmes_decision decision ON decision.unit_id = around.id
        JOIN programmes_programme known ON known.id = decision.programme_id AND known.code = programme
        WHERE decision.outcome AND decision.superseded_at IS NULL AND decision.state = 'in-effect')
$$;
ALTER FUNCTION amparo_granted OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_granted FROM PUBLIC;

CREATE FUNCTION amparo_agreed_programme() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT programme FROM amparo_agreement()
$$;
ALTER FUNCTION amparo_agreed_programme OWNER TO amparo_definer;

-- A partner's query may ask who is granted what its own agreement is about, and about no other programme.
GRANT SELECT ON programmes_programme, programmes_decision TO amparo_partner;
GRANT SELECT ON programmes_programme TO amparo_definer;
CREATE POLICY partner ON programmes_decision FOR SELECT TO amparo_partner USING (
    coalesce(area_number <@ (SELECT amparo_agreed_areas()), false)
    AND programme_id = (SELECT id FROM programmes_programme WHERE code = (SELECT amparo_agreed_programme())));
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0010_sealed"), ("registry", "0008_lent")]

    operations = [migrations.RunSQL(GRANTED, migrations.RunSQL.noop)]
