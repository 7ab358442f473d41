"""Rows of DuckDB as PostgreSQL's binary COPY takes them: the bytes that its documentation and its types ask for."""

import struct

import duckdb
import pytest

from amparo.kernel.copying import copy_into, in_binary, rows

HEADING = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)


def sent(query: str, columns: dict[str, str]) -> bytes:
    return b"".join(in_binary(rows(duckdb.connect(), query, columns)))


def written(*fields: bytes) -> bytes:
    """One row of COPY's binary format: how many fields, and each with its length before it."""
    return struct.pack(">h", len(fields)) + b"".join(struct.pack(">i", len(field)) + field for field in fields)


@pytest.mark.parametrize(
    ("kind", "value", "bytes_of_it"),
    [
        ("bigint", "7", struct.pack(">q", 7)),
        ("integer", "7", struct.pack(">i", 7)),
        ("smallint", "-7", struct.pack(">h", -7)),
        ("double precision", "7", struct.pack(">d", 7.0)),
        ("boolean", "true", b"\x01"),
        ("date", "DATE '2000-01-03'", struct.pack(">i", 2)),  # days since 2000
        ("timestamptz", "'2000-01-01 00:00:01+00'", struct.pack(">q", 1_000_000)),  # microseconds since 2000
        ("text", "'Ünïté\t\\N'", "Ünïté\t\\N".encode()),
        ("jsonb", """'{"size":3}'""", b'\x01{"size":3}'),  # its version, then its text
        ("bytea", "'\\x00\\xFF'::BLOB", b"\x00\xff"),
        ("uuid", "'00112233-4455-6677-8899-aabbccddeeff'", bytes.fromhex("00112233445566778899aabbccddeeff")),
    ],
)
def test_a_value_is_sent_in_the_bytes_of_its_columns_type(kind, value, bytes_of_it):
    assert sent(f"SELECT {value} AS it", {"it": kind}) == HEADING + written(bytes_of_it) + END


@pytest.mark.parametrize("kind", ["bigint", "text", "text[]", "uuid", "jsonb", "bytea", "date", "boolean"])
def test_null_is_sent_as_null_and_not_as_an_empty_value(kind):
    assert sent("SELECT NULL AS it", {"it": kind}) == HEADING + struct.pack(">h", 1) + NULL + END


def test_only_the_columns_wanted_are_sent_in_the_order_wanted():
    row = written(struct.pack(">q", 2), struct.pack(">q", 1))
    assert sent("SELECT 1 AS a, 2 AS b, 3 AS c", {"b": "bigint", "a": "bigint"}) == HEADING + row + END


def test_rows_keep_their_order_beyond_one_batch():
    count = 120_000
    reading = rows(duckdb.connect(), f"FROM range({count}) t(n) ORDER BY n DESC", {"n": "bigint"})
    body = b"".join(in_binary(reading))[len(HEADING) : -len(END)]
    assert [row[2] for row in struct.iter_unpack(">hiq", body)] == list(range(count - 1, -1, -1))


def test_a_type_that_is_not_known_is_refused():
    with pytest.raises(KeyError):
        sent("SELECT 1 AS it", {"it": "numeric"})


def test_no_rows_are_a_heading_and_an_end():
    assert sent("SELECT 1 AS it WHERE false", {"it": "bigint"}) == HEADING + END


def test_the_statement_names_table_and_columns():
    assert copy_into("staging.x", ["key", "values"]) == 'COPY staging.x ("key", "values") FROM STDIN (FORMAT binary)'
