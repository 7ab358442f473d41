"""What is read of a snapshot's encrypted file where an area is asked for: the stretches of rows that hold it."""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from amparo.rules.engines.columnar.spark import SETTINGS
from amparo.snapshot import columnar
from amparo.snapshot.spark import ROWS, computed, session

HOMES, HOMES_IN_AN_AREA, HOMES_IN_A_STRETCH = 500_000, 1_000, 122_880  # the last is DuckDB's own


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("snapshot") / "households.parquet"


@pytest.fixture(scope="module")
def country(file) -> Iterator[duckdb.DuckDBPyConnection]:
    """A country in the order of its areas, as `registry.exports` gives it, of five stretches."""
    with columnar.connect(file.parent, key=os.urandom(columnar.KEY_BYTES)) as connection:
        connection.execute(f"""
            CREATE VIEW drawn AS SELECT uuid() AS household_id, i // {HOMES_IN_AN_AREA} AS area_number, [{{'age': i}}] AS members
            FROM range({HOMES}) homes (i)
        """)
        columnar.write(connection, "drawn", file)
        connection.execute(f"CREATE VIEW households AS SELECT * FROM {columnar.read(file)}")
        connection.execute("CALL enable_logging('FileSystem', level = 'trace')")
        yield connection


def stretches_read(country: duckdb.DuckDBPyConnection, file: Path) -> float:
    """Return how many stretches the bytes make that were read since the last call."""
    log = "SELECT sum(bytes) FROM duckdb_logs_parsed('FileSystem') WHERE op = 'READ' AND path = ?"
    found = country.execute(log, [str(file)]).fetchone()[0] or 0
    country.execute("CALL truncate_duckdb_logs()")
    return round(found / file.stat().st_size * HOMES / HOMES_IN_A_STRETCH, 1)


@pytest.mark.parametrize(
    ("areas", "stretches"),
    [("10 AND 20", 1.0), ("100 AND 160", 2.0), ("0 AND 499", 4.1), ("1000 AND 1100", 0.0)],
)
def test_of_an_encrypted_snapshot_only_the_stretches_of_the_areas_asked_for_are_read(country, file, areas, stretches):
    stretches_read(country, file)
    country.execute(f"SELECT * FROM households WHERE area_number BETWEEN {areas}").to_arrow_table()
    assert stretches_read(country, file) == pytest.approx(stretches, abs=0.1)


def test_a_changed_extension_is_refused_and_no_snapshot_loads_another_than_the_one_that_was_looked_at(tmp_path):
    changed = tmp_path / "changed.duckdb_extension"
    changed.write_bytes(Path(columnar._extension()).read_bytes().replace(b"httpfs", b"httpfz"))
    with pytest.raises(duckdb.Error):
        columnar.expect_signed(changed)
    with (
        columnar.connect(tmp_path, key=os.urandom(columnar.KEY_BYTES)) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.load_extension(str(changed))


@pytest.mark.spark
def test_spark_is_handed_the_rows_of_these_areas_and_nothing_else_is_read_for_it(country, file):
    stretches_read(country, file)
    asked = country.cursor().execute("SELECT household_id::VARCHAR AS id FROM households WHERE area_number < 20")
    query = f"SELECT count(*) AS homes FROM {ROWS}"
    batches = computed(session("local[2]"), asked.to_arrow_reader(15_000), query, settings=SETTINGS)
    assert sum(each["homes"][0].as_py() for each in batches) == 20 * HOMES_IN_AN_AREA
    assert stretches_read(country, file) <= 1.1
