"""An institution that collects for a person has an account too: of an organisation that the registry knows, and in no area."""

from django.db import migrations

PLACE = """
CREATE OR REPLACE FUNCTION amparo_place_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT area_number INTO NEW.area_number FROM registry_person WHERE id = NEW.person_id;
    IF NOT FOUND THEN
        IF NOT EXISTS (SELECT FROM trust_organisation WHERE id = NEW.person_id AND NOT is_own) THEN
            RAISE EXCEPTION 'an account is of a person, or of an institution' USING ERRCODE = 'foreign_key_violation';
        END IF;
        NEW.area_number := 0;
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_dispatches"), ("trust", "0008_agreements")]

    operations = [migrations.RunSQL(PLACE, migrations.RunSQL.noop)]
