"""Secrets of second factors are sealed with master keys; each goes with the factor that names it."""

from django.db import migrations, models

from amparo.kernel.ids import uuid7
from amparo.trust import gates

TABLE = "trust_factorsecret"
# Whoever signs in works as nobody yet, administrators as the nation.
GRANTS = "\n".join(
    [
        gates.open_table(TABLE, to="amparo_app, amparo_national", may="SELECT, INSERT"),
        gates.open_table(TABLE, to="amparo_bulk", may="SELECT"),
        gates.open_table(TABLE, to="amparo_definer", may="SELECT, DELETE"),
    ]
)
GOES_ALONG = """
CREATE FUNCTION amparo_forget_factor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM trust_factorsecret WHERE 'sealed:' || id IN (OLD.data ->> 'secret', OLD.data ->> 'seed');
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_forget_factor OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_forget_factor FROM PUBLIC;
CREATE TRIGGER forget_factor AFTER DELETE ON mfa_authenticator FOR EACH ROW EXECUTE FUNCTION amparo_forget_factor();
"""


class Migration(migrations.Migration):
    dependencies = [("trust", "0014_humans"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        migrations.CreateModel(
            "FactorSecret",
            fields=[
                ("id", models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False)),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(gates.seal(TABLE, "sealed", is_protected=False), migrations.RunSQL.noop),
        migrations.RunSQL(GOES_ALONG, migrations.RunSQL.noop),
    ]
