"""A million uses of a key are counted without a million rows being held in memory meanwhile: a function in FROM keeps them all."""

from django.db import migrations

COUNTED = """
CREATE OR REPLACE FUNCTION amparo_use_key(uses bigint) RETURNS TABLE (number smallint, suite smallint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT k.number, k.suite INTO STRICT number, suite FROM trust_keyring r JOIN trust_key k ON k.number = r.sealing;
    PERFORM count(nextval(format('trust_key_uses_%s', number)::regclass)) FROM (SELECT generate_series(1, uses)) counted;
    RETURN NEXT;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("trust", "0022_subscriptions")]

    operations = [migrations.RunSQL(COUNTED, migrations.RunSQL.noop)]
