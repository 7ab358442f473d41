"""Master keys by number: what each is for, how often each sealed, and the role that seals anew and changes nothing else."""

from django.db import migrations

from amparo.trust import gates
from amparo.trust.keys.key_sources import source

KEYS = """
CREATE TABLE trust_key (
    number smallint PRIMARY KEY CHECK (number BETWEEN 1 AND 255),
    suite smallint NOT NULL CHECK (suite BETWEEN 1 AND 2),
    made_at timestamptz NOT NULL
);

-- One row. `highest`: the highest number a key ever had; it is not given again.
CREATE TABLE trust_keyring (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    sealing smallint NOT NULL REFERENCES trust_key,
    blinding smallint NOT NULL REFERENCES trust_key,
    filling smallint REFERENCES trust_key,
    emptying smallint REFERENCES trust_key,
    is_spare boolean NOT NULL DEFAULT false,
    highest smallint NOT NULL,
    CONSTRAINT keyring_fills_another CHECK (filling <> blinding AND emptying <> blinding),
    CONSTRAINT keyring_fills_what_is_empty CHECK (filling IS NULL OR emptying IS NULL)
);

-- A key with random nonces seals 2^32 times at most, all classes of fields together. A sequence counts outside of
-- transactions: nobody waits for it, and what is rolled back stays counted.
CREATE FUNCTION amparo_add_key(added int, with_suite int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trust_key VALUES (added, with_suite, clock_timestamp());
    EXECUTE format('CREATE SEQUENCE trust_key_uses_%s MAXVALUE 4294967296 NO CYCLE', added);
END $$;

CREATE FUNCTION amparo_use_key(uses bigint) RETURNS TABLE (number smallint, suite smallint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT k.number, k.suite INTO STRICT number, suite FROM trust_keyring r JOIN trust_key k ON k.number = r.sealing;
    PERFORM nextval(format('trust_key_uses_%s', number)::regclass) FROM generate_series(1, uses);
    RETURN NEXT;
END $$;
CREATE FUNCTION amparo_key_uses(asked smallint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    uses bigint;
BEGIN
    EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM trust_key_uses_%s', asked) INTO uses;
    RETURN uses;
END $$;
REVOKE EXECUTE ON FUNCTION amparo_add_key, amparo_use_key, amparo_key_uses FROM PUBLIC;
"""

GRANTS = "\n".join(
    [
        gates.open_table("trust_key, trust_keyring", to=f"{gates.EVERYONE}, amparo_sealer, amparo_definer", may="SELECT"),
        gates.open_table("trust_keyring", to="amparo_sealer", may="UPDATE (blinding, filling, emptying, is_spare)"),
        "GRANT EXECUTE ON FUNCTION amparo_key_uses TO amparo_bulk;",
        f"GRANT EXECUTE ON FUNCTION amparo_use_key TO {gates.EVERYONE}, amparo_sealer;",
    ]
)


def first_keys(apps: object, editor: object) -> None:
    """Enter the keys that the source holds: one where the installation had one, all where a database is made anew."""
    held = sorted(source().numbers()) or [1]
    with editor.connection.cursor() as cursor:
        for number in held:
            cursor.execute("SELECT amparo_add_key(%s, 1)", [number])
        cursor.execute(
            "INSERT INTO trust_keyring (sealing, blinding, highest) VALUES (%s, %s, %s)",
            [held[-1], held[0] if 1 in held else held[-1], held[-1]],
        )


class Migration(migrations.Migration):
    dependencies = [("trust", "0005_seals")]

    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunPython(first_keys, migrations.RunPython.noop),
    ]
