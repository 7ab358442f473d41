"""Whether the agreement that a transaction names hands a field over as it is: so that a gate can hold single fields, too."""

from django.db import migrations

FIELD = """
CREATE FUNCTION amparo_agreed_field(field text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM amparo_agreement() agreement, jsonb_array_elements(agreement.fields) term
        WHERE concat_ws('.', term->>'grain', term->>'name') = field AND term->>'given' = 'value')
$$;
ALTER FUNCTION amparo_agreed_field OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_agreed_field FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("trust", "0023_uses")]
    operations = [migrations.RunSQL(FIELD, "DROP FUNCTION amparo_agreed_field(text)")]
