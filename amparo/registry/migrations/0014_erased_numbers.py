"""By what somebody who was erased would be known again in a delivery: digests under a master key, for as long as a schedule says."""

from django.db import migrations

# `scheme`: of an identifier, or `source:<code>` for the key of a source's own record. A digest alone says nothing of anybody;
# its key cannot be let go before it.
TABLE = """
CREATE TABLE registry_erased_number (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    key smallint NOT NULL REFERENCES trust_key,
    scheme varchar(80) NOT NULL,
    digest bytea NOT NULL,
    erased_on date NOT NULL,
    let_in_at timestamptz,
    let_in_by uuid,
    let_in_ground text NOT NULL DEFAULT '',
    CONSTRAINT erased_number_let_in_by_somebody CHECK (num_nonnulls(let_in_at, let_in_by) <> 1),
    CONSTRAINT erased_number_let_in_on_a_ground CHECK ((let_in_at IS NULL) = (let_in_ground = ''))
);
CREATE UNIQUE INDEX registry_erased_number_once ON registry_erased_number (key, scheme, digest) WHERE let_in_at IS NULL;
GRANT SELECT, INSERT, DELETE ON registry_erased_number TO amparo_eraser;
GRANT SELECT ON registry_erased_number TO amparo_bulk;
GRANT SELECT, UPDATE (let_in_at, let_in_by, let_in_ground) ON registry_erased_number TO amparo_national;
GRANT SELECT ON trust_key, trust_keyring TO amparo_eraser;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0013_leaving"), ("trust", "0011_erasures")]
    operations = [migrations.RunSQL(TABLE)]
