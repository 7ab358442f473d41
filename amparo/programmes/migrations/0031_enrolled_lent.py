"""Whether somebody takes part in the programme that a partner's agreement is about: asked for many at once, and of no other."""

from django.db import migrations

# Looks past row security, and is held to the agreement in force: its programme, its areas, and consents where it needs them.
# Of each person the enrolment that goes on, else the latest that ended. A home's or a family's is everybody's in it.
ENROLLED = """
CREATE FUNCTION amparo_enrolled_lent(persons uuid[])
    RETURNS TABLE (person_id uuid, state text, starts_on date, ends_on date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH agreed AS MATERIALIZED (
        SELECT known.id AS programme_id, agreement.programme, agreement.needs_consent, agreement.asked,
            amparo_agreed_areas() AS areas
        FROM amparo_agreement() agreement LEFT JOIN programmes_programme known ON known.code = agreement.programme
        WHERE agreement.programme <> ''
    ), whom AS (
        SELECT person.id FROM agreed, registry_person person
        WHERE person.id = ANY (persons) AND coalesce(person.area_number <@ agreed.areas, false)
            AND (NOT agreed.needs_consent OR amparo_consents(person.id, agreed.asked))
    ), unit AS (
        SELECT whom.id AS person_id, whom.id AS unit_id FROM whom
        UNION SELECT m.person_id, m.household_id FROM whom
            JOIN registry_membership m ON m.person_id = whom.id AND m.ends_on IS NULL
        UNION SELECT m.person_id, m.group_id FROM whom
            JOIN registry_groupmembership m ON m.person_id = whom.id AND m.ends_on IS NULL
    ), taking_part AS (
        SELECT unit.person_id, e.state::text, e.starts_on, e.ends_on
        FROM agreed, unit JOIN programmes_enrolment e ON e.unit_id = unit.unit_id
        WHERE e.programme_id = agreed.programme_id
    )
    SELECT whom.id, best.state, best.starts_on, best.ends_on
    FROM whom LEFT JOIN LATERAL (
        SELECT * FROM taking_part t WHERE t.person_id = whom.id
        ORDER BY t.state = 'ended', t.state = 'waiting', t.starts_on DESC LIMIT 1
    ) best ON true
$$;
ALTER FUNCTION amparo_enrolled_lent OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_enrolled_lent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_enrolled_lent TO amparo_partner;
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0030_residents"), ("registry", "0016_numbers_lent")]
    operations = [migrations.RunSQL(ENROLLED, "DROP FUNCTION amparo_enrolled_lent(uuid[])")]
