"""Whose a number is, of those whom a partner's agreement reaches: asked for many at once, by its own gate."""

from django.db import migrations

# As `amparo_find_identifier` for officers: rows are found past row security, which no index serves, and held to the same
# areas and schemes here. What an agreement narrows further (a programme, consents) holds where their records are read.
# `indexes` has those of all numbers under the first key, then those under the next.
FIND = """
CREATE FUNCTION amparo_find_lent(schemes text[], keys int[], indexes bytea[]) RETURNS TABLE (place int, person_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    areas int8multirange := amparo_agreed_areas();
    granted text[] := amparo_agreed_schemes();
    many int := cardinality(schemes);
    ring trust_keyring;
    first int;
    asked bytea[];
BEGIN
    SELECT * INTO STRICT ring FROM trust_keyring;
    first := (array_position(keys, ring.blinding::int) - 1) * many;
    IF first IS NULL OR cardinality(indexes) <> many * cardinality(keys) THEN
        RAISE EXCEPTION 'asked with an index of another key' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    asked := indexes[first + 1 : first + many];
    IF ring.is_spare THEN
        RETURN QUERY SELECT wanted.place::int, held.person_id
            FROM unnest(schemes, asked) WITH ORDINALITY AS wanted (scheme, index, place)
            JOIN registry_identifier held ON held.is_live AND held.scheme = wanted.scheme AND held.spare_index = wanted.index
            WHERE wanted.scheme = ANY (granted) AND coalesce(held.area_number <@ areas, false);
    ELSE
        RETURN QUERY SELECT wanted.place::int, held.person_id
            FROM unnest(schemes, asked) WITH ORDINALITY AS wanted (scheme, index, place)
            JOIN registry_identifier held ON held.is_live AND held.scheme = wanted.scheme AND held.blind_index = wanted.index
            WHERE wanted.scheme = ANY (granted) AND coalesce(held.area_number <@ areas, false);
    END IF;
END $$;
ALTER FUNCTION amparo_find_lent OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_find_lent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_find_lent TO amparo_partner;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0015_contacts"), ("trust", "0011_erasures")]
    operations = [migrations.RunSQL(FIND, "DROP FUNCTION amparo_find_lent(text[], int[], bytea[])")]
