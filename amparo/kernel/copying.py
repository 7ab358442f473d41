"""Rows of DuckDB as PostgreSQL's binary COPY takes them. The server parses nothing, which is most of what a COPY costs.

Shape   a query, and the columns of the table it fills; out come the bytes of one `COPY … FROM STDIN (FORMAT binary)`
Units   the table's own types: the server takes the bytes as they are, and would take wrong ones of the same width
Nulls   null
Errors  KeyError for a type that is not listed here
Source  PostgreSQL's documentation of COPY, "Binary Format"
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder

if TYPE_CHECKING:
    import duckdb

ROWS_A_BATCH = 10_000  # a few megabytes: larger ones cost half as much again in memory that is asked for anew each time
# How DuckDB gives a value so that its bytes are those of the type. Before the text of jsonb stands its version, 1.
_GIVEN = {
    "bigint": "{}::BIGINT",
    "boolean": "{}::BOOLEAN",
    "bytea": "{}::BLOB",
    "date": "{}::DATE",
    "double precision": "{}::DOUBLE",
    "integer": "{}::INTEGER",
    "jsonb": "chr(1) || {}::VARCHAR",
    "smallint": "{}::SMALLINT",
    "text": "{}::VARCHAR",
    "text[]": "{}::VARCHAR[]",
    "timestamptz": "{}::TIMESTAMPTZ",
    "uuid": "{}::UUID::BLOB",
}


def rows(
    connection: "duckdb.DuckDBPyConnection",
    query: str,
    columns: Mapping[str, str],
    values: Mapping[str, Any] | None = None,
) -> pa.RecordBatchReader:
    """Return a query's rows, some thousand at a time; `columns` names those wanted and their types in the table."""
    given = ", ".join(_GIVEN[kind].format(f'"{name}"') + f' AS "{name}"' for name, kind in columns.items())
    return connection.execute(f"SELECT {given} FROM ({query})", values or {}).to_arrow_reader(ROWS_A_BATCH)


def in_binary(reading: pa.RecordBatchReader) -> Iterator[bytes]:
    """Yield what COPY reads: the heading, one piece for each batch, the end.

    While one piece is sent the next is made, in a thread of its own: nobody else may use the query's connection then.
    """
    pieces = _pieces(reading)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = pool.submit(next, pieces, None)
            yield piece


def _pieces(reading: pa.RecordBatchReader) -> Iterator[bytes]:
    encoder = ArrowToPostgresBinaryEncoder(reading.schema)
    yield encoder.write_header()
    for batch in reading:
        yield encoder.write_batch(batch)
    yield encoder.finish()


def copy_into(table: str, columns: Iterable[str]) -> str:
    """Return the statement that takes those bytes."""
    names = ", ".join(f'"{each}"' for each in columns)
    return f"COPY {table} ({names}) FROM STDIN (FORMAT binary)"
