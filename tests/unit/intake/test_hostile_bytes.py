"""Our own scanners meet bytes that nobody wrote: the known files with bytes changed, cut, doubled and put elsewhere.

A reader may accept or refuse; it may not end in any other way, nor take long. For some seconds; longer by
AMPARO_FUZZ=seconds. What was found once is a case of `hostile`.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.intake.files import quoting, reading
from amparo.intake.files.wanted import Wanted
from amparo.intake.validation.expressions import literal, name
from amparo.kernel.errors import Refused
from tests.unit.intake.hostile import books, columns, texts

SECONDS = float(os.environ.get("AMPARO_FUZZ", "3"))
MOST_SECONDS = 5
KINDS = {"text": texts.CASES, "workbook": books.CASES, "parquet": columns.CASES}
PIECES = (
    b"\0",
    b"\xff",
    b'"',
    b",",
    b"\n",
    b"<",
    b"&#0;",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"<!DOCTYPE x>",
    b"PAR1",
    b"\x80" * 8,
)


def known(kind: str) -> list[tuple[str, bytes]]:
    found = ((each.file, each.content()) for each in KINDS[kind] if not each.is_long)
    return [(file, content) for file, content in found if 0 < len(content) < 20_000]


def changed(content: bytes, by: random.Random) -> bytes:
    """The same bytes with a few changes: one, a piece put in, a part left out, doubled or moved."""
    found = bytearray(content)
    for _ in range(by.randint(1, 4)):
        at, end = sorted(by.randint(0, len(found)) for _ in range(2))
        end = min(end, at + 64)
        kind = by.randrange(5)
        if kind == 0 and found:
            found[min(at, len(found) - 1)] = by.randrange(256)
        elif kind == 1:
            found[at:at] = by.choice(PIECES)
        elif kind == 2:
            del found[at:end]
        elif kind == 3:
            found[at:at] = found[at:end]
        else:
            found[:0] = found[at:end]
    return bytes(found)


def tried(kind: str, seed: int) -> Iterator[tuple[str, bytes]]:
    by, files = random.Random(seed), known(kind)
    until = time.monotonic() + SECONDS / len(KINDS)
    while time.monotonic() < until:
        file, content = by.choice(files)
        yield file, changed(content, by)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_accepts_or_refuses_whatever_it_meets(kind, tmp_path):
    seed, count = random.SystemRandom().randrange(1 << 32), 0
    path = tmp_path / "file"
    for file, content in tried(kind, seed):
        path.write_bytes(content)
        began = time.process_time()
        try:
            reading.read(Wanted(str(path), file, str(tmp_path / "out.parquet"), ("a", "b")), lambda rows: None)
        except (Refused, MemoryError):
            pass
        except BaseException as error:
            kept = Path(os.environ.get("AMPARO_FUZZ_KEEP", tmp_path)) / f"{kind}-{seed}-{count}"
            kept.write_bytes(content)
            pytest.fail(f"{type(error).__name__}: {error} on {kept}")
        assert time.process_time() - began < MOST_SECONDS, content
        count += 1
    assert count > 5


@pytest.mark.parametrize(
    "content",
    [b'"x"y,' * 200_000, b'"' * 1_000_000, b'""x,' * 200_000, b',"' * 500_000, b'a"' * 500_000, b'"\n' * 500_000],
    ids=lambda content: repr(content[:5]),
)
def test_quotes_are_taken_apart_in_time_that_grows_with_the_text(content, tmp_path):
    (tmp_path / "f.csv").write_bytes(content)
    began = time.process_time()
    with suppress(Refused):
        quoting.check(tmp_path / "f.csv", ",", "f.csv")
    assert time.process_time() - began < 2


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_text_and_any_name_is_quoted_for_the_batchs_own_database(text):
    assert duckdb.sql(f"SELECT {literal(text)} AS {name(text)}").fetchall() == [(text,)]
