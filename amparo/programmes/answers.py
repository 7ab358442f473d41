"""Where the answers of an evaluation are while it goes on: in memory, and beyond what that should hold in files.

Shape   a view by the name asked for (`answer`), over a table in memory and encrypted Parquet files in the folder of whoever
        opened the snapshot; they are gone when it is closed
Units   `PIECE` is households, `IN_MEMORY` rows of some 65 bytes
Nulls   as `evaluation` says
Errors  a household without an area would be in no piece, and ends the evaluation
"""

from collections.abc import Collection
from pathlib import Path

import duckdb

from amparo.kernel.errors import Refused
from amparo.snapshot import columnar

ANSWER = "answer"
# A scan's columns of every programme side by side, of so many homes at once, are well below a gigabyte.
PIECE = 250_000
IN_MEMORY = 30_000_000

_KEPT = """
CREATE TABLE {kept} (
    programme_id SMALLINT, unit_id UUID, household_id UUID, outcome BOOLEAN, amount BIGINT, missing VARCHAR[],
    rank INTEGER, places INTEGER
)
"""


def kept(into: str) -> str:
    """Return the name of the table that holds what is in memory of these answers."""
    return f"{into}_kept"


def begin(connection: duckdb.DuckDBPyConnection, into: str) -> None:
    connection.execute(f"DROP VIEW IF EXISTS {into}; DROP TABLE IF EXISTS {kept(into)}")
    connection.execute(_KEPT.format(kept=kept(into)))
    for file in files(connection, into):
        file.unlink()


def pieces(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Return ranges of area numbers, each with `PIECE` households or little more, that hold every household.

    Of no household, one range with nobody in it.
    """
    found: list[tuple[int, int]] = []
    first, held = None, 0
    areas = connection.execute(
        "SELECT area_number, count(*) FROM household GROUP BY ALL ORDER BY ALL NULLS FIRST"
    ).fetchall()
    for number, count in areas:
        if number is None:
            raise Refused("programmes-home-without-area", count=count)
        first, held = number if first is None else first, held + count
        if held >= PIECE or number == areas[-1][0]:
            found.append((first, number))
            first, held = None, 0
    return found or [(0, -1)]


def put_aside(
    connection: duckdb.DuckDBPyConnection, into: str, stays: Collection[int] = (), *, least: int | None = None
) -> None:
    """Write what is in memory to a file once it is `least` rows; the programmes that stay at hand, to be ranked, do not count."""
    table, is_kept = kept(into), f"programme_id IN ({', '.join(map(str, stays)) or 'NULL'})"
    goes = f"{table} WHERE ({is_kept}) IS NOT TRUE"
    if connection.execute(f"SELECT count(*) FROM {goes}").fetchone()[0] < (IN_MEMORY if least is None else least):
        return
    columnar.write(
        connection, goes, columnar.working_folder(connection) / f"{into}-{len(files(connection, into)):04}.parquet"
    )
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {table} WHERE {is_kept}")


def finish(connection: duckdb.DuckDBPyConnection, into: str) -> None:
    """Make the view of all of them."""
    tables = [kept(into), *map(columnar.read, files(connection, into))]
    every = " UNION ALL ".join(f"SELECT * FROM {each}" for each in tables)
    connection.execute(f"CREATE OR REPLACE VIEW {into} AS {every}")


def archive(connection: duckdb.DuckDBPyConnection, into: str) -> list[Path]:
    """Put all that is still in memory aside, and return the files that now hold every answer, in their order."""
    put_aside(connection, into, least=1)
    finish(connection, into)
    return files(connection, into)


def files(connection: duckdb.DuckDBPyConnection, into: str) -> list[Path]:
    return sorted(columnar.working_folder(connection).glob(f"{into}-*.parquet"))
