"""Payments that a partner reads under an agreement about their programme: of approved lists, and never where anything is paid to."""

from django.db import migrations

# Looks past row security, and is held to the agreement in force: its programme, its areas, the fields that it lists, and consents
# where it needs them. A list is a cycle's once others approved it; what is held in one goes over to the next, or is withheld.
LENT = """
CREATE FUNCTION amparo_payments_lent(named text, after text, at_most int)
    RETURNS TABLE (reference text, unit_id uuid, grain text, currency text, decimals int, amount bigint, state text,
        paid bigint, paid_on date, persons uuid[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH agreed AS MATERIALIZED (
        SELECT known.id AS programme_id, agreement.needs_consent, agreement.asked, amparo_agreed_areas() AS areas,
            amparo_agreed_field('payment.amount') AS tells_amount, amparo_agreed_field('payment.state') AS tells_state,
            amparo_agreed_field('payment.paid') AS tells_paid, amparo_agreed_field('payment.paid_on') AS tells_day
        FROM amparo_agreement() agreement JOIN programmes_programme known ON known.code = agreement.programme
    )
    SELECT p.reference, p.unit_id, e.grain, l.currency, l.decimals, CASE WHEN agreed.tells_amount THEN p.amount_minor END,
        CASE WHEN agreed.tells_state THEN p.state END, CASE WHEN agreed.tells_paid THEN p.paid_minor END,
        CASE WHEN agreed.tells_day THEN p.paid_on END, told.persons
    FROM agreed JOIN payments_list l ON l.programme_id = agreed.programme_id AND l.cycle = named
        AND l.state IN ('approved', 'exported')
    JOIN payments_payment p ON p.list_id = l.id
    JOIN programmes_enrolment e ON e.id = p.enrolment_id
    CROSS JOIN LATERAL (SELECT amparo_persons_of(e.grain, e.unit_id) AS persons) told
    WHERE (agreed.tells_amount OR agreed.tells_state OR agreed.tells_paid OR agreed.tells_day)
        AND coalesce(p.area_number <@ agreed.areas, false) AND p.reference > after
        AND (NOT agreed.needs_consent OR amparo_all_consent(told.persons, agreed.asked))
    ORDER BY p.reference LIMIT at_most
$$;
ALTER FUNCTION amparo_payments_lent OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_payments_lent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_payments_lent TO amparo_partner;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_institutions"), ("programmes", "0038_lent_lists")]
    operations = [migrations.RunSQL(LENT, "DROP FUNCTION amparo_payments_lent(text, text, int)")]
