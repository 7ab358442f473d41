"""What a cash list with a sheet to sign is printed from: only of approved lists that agents pay, and only what is not settled."""

from django.db import migrations

# Of people in danger neither where they live nor who they are is told: they stand at the end of the whole list by reference
# alone, and on no area's sheet.
SHEET = """
CREATE FUNCTION amparo_list_sheet(list uuid, first bigint, last bigint, at_most int)
    RETURNS TABLE (reference varchar, amount_minor bigint, recipient_id uuid, area_number bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.reference, p.amount_minor, CASE WHEN p.area_number >= 0 THEN p.recipient_id END,
        CASE WHEN p.area_number >= 0 THEN p.area_number END
    FROM payments_payment p
    JOIN payments_list l ON l.id = p.list_id AND l.state IN ('approved', 'exported') AND l.rail = 'agents'
    WHERE p.list_id = list AND p.state = 'ready' AND (first IS NULL OR p.area_number BETWEEN first AND last)
    ORDER BY CASE WHEN p.area_number >= 0 THEN p.area_number END NULLS LAST, p.reference LIMIT at_most
$$;
ALTER FUNCTION amparo_list_sheet OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_list_sheet FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_list_sheet TO amparo_national;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_arrears")]

    operations = [migrations.RunSQL(SHEET, migrations.RunSQL.noop)]
