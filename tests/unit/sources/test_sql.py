"""Another institution's PostgreSQL database: one row by its key, read only, and a reason for whatever goes wrong."""

import pytest

from amparo.project.databases import connect
from amparo.sources.connectors.raw import Raw
from amparo.sources.connectors.sql.asking import ask
from amparo.sources.types import Attribute, Caching, Question, Reason

SETTINGS = {"secret": "land", "table": "land.owners", "key": "citizen", "as_of": "updated_on"}
HECTARES = Attribute("land", "hectares", Caching.NONE)


@pytest.fixture(scope="module")
def institution(server):
    """A database of the land registry's on the same server, with an account that may read one view."""
    with connect(server.server, "postgres") as superuser:
        superuser.execute("CREATE DATABASE land_registry")
        superuser.execute("CREATE ROLE reader LOGIN PASSWORD 'let me read'")
    with connect(server.server, "land_registry") as superuser:
        superuser.execute(
            """CREATE SCHEMA land; GRANT USAGE ON SCHEMA land TO reader;
            CREATE TABLE land.owners (citizen text, hectares numeric, updated_on date);
            CREATE TABLE land.secret (citizen text);
            CREATE VIEW land.slow AS SELECT citizen, hectares, updated_on FROM land.owners, pg_sleep(5);
            CREATE FUNCTION land.write() RETURNS int LANGUAGE sql SECURITY DEFINER
                AS 'INSERT INTO land.secret VALUES (1) RETURNING 1';
            CREATE VIEW land.writes AS SELECT citizen, hectares, updated_on FROM land.owners, land.write();
            INSERT INTO land.owners VALUES ('1', 2.5, '2026-11-01'), ('2', NULL, NULL), ('3', 1, now()), ('3', 2, now());
            GRANT SELECT ON land.owners, land.slow, land.writes TO reader"""
        )
        here = superuser.info
        yield f"host={here.host} port={here.port} dbname=land_registry user=reader password='let me read'"
    with connect(server.server, "postgres") as superuser:
        superuser.execute("DROP DATABASE land_registry WITH (FORCE)")
        superuser.execute("DROP ROLE reader")


@pytest.fixture
def asked(institution, own_keys):
    (own_keys / "land.secret").write_text(institution)
    return lambda number="1", **changes: ask({**SETTINGS, **changes}, Question(number, (HECTARES,), 0.5))


def test_a_row_is_read_by_its_key(asked):
    found = asked()
    assert isinstance(found, Raw)
    assert (str(found.values["land"]), found.day.isoformat()) == ("2.5", "2026-11-01")
    assert asked("2").values == {"land": None}


def test_whatever_goes_wrong_is_a_reason(asked, own_keys):
    assert asked("9") is Reason.NOBODY
    assert asked("3") is Reason.MALFORMED  # two rows of one number
    assert asked("1' OR '1' = '1") is Reason.NOBODY
    assert asked(table="land.nothing") is Reason.DRIFT
    assert asked(as_of="changed_on") is Reason.DRIFT
    assert asked(table="land.secret", as_of="citizen") in (Reason.DRIFT, Reason.REFUSED)
    assert asked(table="land.slow") is Reason.SLOW
    (own_keys / "land.secret").write_text("host=127.0.0.1 port=1 dbname=x user=y")
    assert asked() is Reason.DOWN
    (own_keys / "land.secret").unlink()
    assert asked() is Reason.NOT_CALLED


def test_nothing_can_be_written_even_where_reading_would(institution, asked):
    assert asked(table="land.writes") is Reason.MALFORMED
    assert isinstance(asked(), Raw)
