"""Parquet: lying footers, damaged pages, bombs by each packing, and values with no text of their own."""

import datetime
import io
import struct
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.unit.intake.hostile.case import Case, refused, taken

PARQUET = "f.parquet"
UNREADABLE = "parquet-unreadable"


def parquet(table: pa.Table, **settings) -> bytes:
    held = io.BytesIO()
    pq.write_table(table, held, **settings)
    return held.getvalue()


def of(a: pa.Array, **settings) -> bytes:
    return parquet(pa.table({"a": a, "b": pa.array(["x"] * len(a))}), **settings)


SOUND = parquet(pa.table({"a": ["1", "2"], "b": ["x", "y"]}), compression="none")
FOOTER = struct.unpack("<I", SOUND[-8:-4])[0]


def _cut(share: int) -> bytes:
    return SOUND[: len(SOUND) * share // 100]


def _footer_length(length: int) -> bytes:
    return SOUND[:-8] + struct.pack("<I", length) + b"PAR1"


def _page(at: int, value: bytes) -> bytes:
    """Overwrite bytes of the first page's header, which follows the mark."""
    return SOUND[: 4 + at] + value + SOUND[4 + at + len(value) :]


def _rows(count: int, said: int) -> bytes:
    """A file whose footer says other than its pages: the number of rows is patched where the footer writes it."""
    content = bytearray(of(pa.array([f"{n:05d}" for n in range(count)]), compression="none"))
    start = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
    old, new = _varint(count), _varint(said)
    at = content.index(old, start)
    while at >= 0:
        content[at : at + len(old)] = new
        at = content.find(old, at + len(old), len(content) - 8)
    return bytes(content)


def _varint(number: int) -> bytes:
    """A whole number as the footer's own writing has it: zigzag, seven bits a byte."""
    number, found = number * 2, bytearray()
    while number >= 128:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _bomb(codec: str) -> Callable[[], bytes]:
    return lambda: of(pa.array(["x" * 30_000] * 10_000), compression=codec, use_dictionary=False)


def _many_rows(rows: int) -> bytes:
    return parquet(pa.table({name: pa.array(np.zeros(rows, dtype=np.int8)) for name in "ab"}))


def _nested(depth: int) -> bytes:
    kind = pa.int8()
    for _ in range(depth):
        kind = pa.list_(kind)
    return of(pa.nulls(1, kind))


def _not_utf8(value: bytes) -> bytes:
    raw = pa.array([value])
    return of(pa.StringArray.from_buffers(1, *raw.buffers()[1:]))


def damaged() -> list[Case]:
    return [
        taken("a sound file", SOUND, (1, "1", "x"), (2, "2", "y"), file=PARQUET),
        taken("a sound file called CSV", SOUND, (1, "1", "x"), (2, "2", "y")),
        *(refused(f"cut off at {share} %", _cut(share), UNREADABLE, file=PARQUET) for share in (3, 20, 50, 80, 99)),
        refused("marks alone", b"PAR1\x15\x00PAR1", UNREADABLE, file=PARQUET),
        refused("a footer of no length", _footer_length(0), UNREADABLE, file=PARQUET),
        refused("a footer longer than the file", _footer_length(1 << 30), UNREADABLE, file=PARQUET),
        refused("a footer of four gigabytes", _footer_length(0xFFFF_FFFF), UNREADABLE, file=PARQUET),
        refused("a footer cut short", _footer_length(FOOTER - 20), UNREADABLE, file=PARQUET),
        refused("another mark at the end", SOUND[:-4] + b"PARE", UNREADABLE, file=PARQUET),
        refused("a footer of noise", SOUND[: -8 - FOOTER] + b"\x19" * FOOTER + SOUND[-8:], UNREADABLE, file=PARQUET),
        refused("a page header of noise", _page(0, b"\xff" * 12), UNREADABLE, file=PARQUET),
        refused("a page of two gigabytes", _page(2, b"\xfe\xff\xff\xff\x0f"), UNREADABLE, file=PARQUET),
        refused("a page of negative size", _page(2, b"\xff\xff\xff\xff\x0f"), UNREADABLE, file=PARQUET),
        refused("more rows said than there are", lambda: _rows(300, 9_999), UNREADABLE, file=PARQUET),
        taken("rows that the footer does not count", lambda: _rows(300, 100), file=PARQUET, count=100),
    ]


def bombs() -> list[Case]:
    packed = [(codec, codec == "zstd") for codec in ("snappy", "gzip", "brotli", "zstd", "lz4")]
    return [
        *(
            taken(f"300 MB packed by {codec}", _bomb(codec), file=PARQUET, is_long=not kept, count=10_000)
            for codec, kept in packed
        ),
        taken("two million rows in some bytes", lambda: _many_rows(2_000_000), file=PARQUET, count=2_000_000, is_long=True),
        refused("a cell of 40,000 characters", of(pa.array(["x", "y" * 40_000])), "cell-too-long", file=PARQUET, line=2, column="a"),
        refused("nested ten deep", _nested(10), "column-nested", file=PARQUET, column="a"),
        refused("nested a hundred deep", _nested(100), UNREADABLE, file=PARQUET),
        refused("10,000 columns", lambda: parquet(pa.table({f"c{n}": [1] for n in range(10_000)})), "columns-too-many", file=PARQUET),
    ]  # fmt: skip


def values() -> list[Case]:
    day = datetime.date(2020, 1, 31)
    noon = datetime.datetime(2020, 1, 31, 12)
    return [
        taken("whole numbers to the last", of(pa.array([2**63 - 1, None, -(2**63)])), (1, "9223372036854775807", "x"), (2, "", "x"), (3, "-9223372036854775808", "x"), file=PARQUET),
        taken("without sign to the last", of(pa.array([2**64 - 1], pa.uint64())), (1, "18446744073709551615", "x"), file=PARQUET),
        taken("38 digits", of(pa.array([Decimal("12345678901234567890123456789012345.678")], pa.decimal128(38, 3))), (1, "12345678901234567890123456789012345.678", "x"), file=PARQUET),
        taken("floats", of(pa.array([0.1, 1e300, float("nan")])), (1, "0.1", "x"), (2, "1e+300", "x"), (3, "nan", "x"), file=PARQUET),
        taken("days", of(pa.array([day])), (1, "2020-01-31", "x"), file=PARQUET),
        taken("midnights", of(pa.array([datetime.datetime(2020, 1, 31)])), (1, "2020-01-31", "x"), file=PARQUET),
        taken("moments", of(pa.array([noon])), (1, "2020-01-31 12:00:00.000000", "x"), file=PARQUET),
        taken("yes and no", of(pa.array([True, False])), (1, "true", "x"), (2, "false", "x"), file=PARQUET),
        taken("words by number", of(pa.array(["ab", "ab"]).dictionary_encode()), (1, "ab", "x"), (2, "ab", "x"), file=PARQUET),
        taken("nothing at all", of(pa.nulls(1)), (1, "", "x"), file=PARQUET),
        taken("leading zeros and formulas", of(pa.array(["007", "=1+1"])), (1, "007", "x"), (2, "=1+1", "x"), file=PARQUET),
        taken("line ends and quotes", of(pa.array(['x\n"y",z'])), (1, 'x\n"y",z', "x"), file=PARQUET),
        refused("a NUL", of(pa.array(["x", "y\0z"])), "text-nul", file=PARQUET, line=2),
        refused("text that is not UTF-8", _not_utf8(b"x\xff\xfe"), UNREADABLE, file=PARQUET),
        refused("half a pair", _not_utf8(b"\xed\xa0\x80"), UNREADABLE, file=PARQUET),
        refused("bytes", of(pa.array([b"x"])), "column-nested", file=PARQUET, column="a"),
        refused("a list", of(pa.array([[1]])), "column-nested", file=PARQUET, column="a"),
        refused("a record", of(pa.array([{"x": 1}])), "column-nested", file=PARQUET, column="a"),
        refused("a length of time", of(pa.array([datetime.timedelta(1)])), "column-nested", file=PARQUET, column="a"),
        refused("no column that is wanted", parquet(pa.table({"x": [1]})), "column-missing", file=PARQUET, column="a"),
        refused("a column twice", parquet(pa.Table.from_arrays([pa.array([1])] * 3, names=["a", "b", "a"])), "column-twice", file=PARQUET),
        refused("a column with a NUL", parquet(pa.table({"a": [1], "b": [2], "c\0": [3]})), "column-odd", file=PARQUET, number=3),
        refused("a column that turns", parquet(pa.table({"a": [1], "b": [2], "c\u2066": [3]})), "column-odd", file=PARQUET, number=3),
        refused("no row", parquet(pa.table({"a": pa.array([], pa.string())})), "column-missing", file=PARQUET, column="b"),
    ]  # fmt: skip


CASES = [*damaged(), *bombs(), *values()]
