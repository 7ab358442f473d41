"""Every hostile file we know: its reader stays within its limits, and it is taken exactly, set aside or refused by place.

All of them by AMPARO_HOSTILE=all; else those that take seconds are left out.
"""

import os
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from amparo.intake.files import child
from amparo.intake.files.wanted import LINE, Wanted
from amparo.kernel.errors import Refused
from tests.lib.nursery import Nursery, nursery
from tests.unit.intake.hostile import books, columns, texts
from tests.unit.intake.hostile.case import Case

ALL = [*texts.CASES, *books.CASES, *columns.CASES]
CASES = [each for each in ALL if not each.is_long or os.environ.get("AMPARO_HOSTILE") == "all"]
MOST_SECONDS, MOST_KIB = 30, 1 << 20


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    with nursery(tmp_path_factory.mktemp("nursery"), child.ENVIRONMENT) as found:
        yield found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_hostile_file_is_taken_exactly_or_refused_by_place_within_the_limits(
    case: Case, readers: Nursery, tmp_path, monkeypatch
):
    monkeypatch.setattr(child, "_COMMAND", readers.command)
    path = tmp_path / "file"
    path.write_bytes(case.content())
    settings = {"columns": ("a", "b")} | case.wanted
    wanted = Wanted(str(path), case.file, str(tmp_path / "out.parquet"), **settings)
    before = len(readers.ended())
    if case.refused:
        with pytest.raises(Refused) as refused:
            child.read(wanted)
        assert refused.value.message.id == f"intake-{case.refused}"
        assert refused.value.message.values.items() >= ({"file": case.file} | case.place).items()
    else:
        found = child.read(wanted)
        assert found.ragged == len(case.aside)
        assert _aside(tmp_path) == case.aside
        if case.count is None:
            assert _rows(tmp_path) == case.rows
        else:
            assert found.rows == case.count
    seconds, memory = readers.next(before)
    assert seconds <= MOST_SECONDS
    assert memory <= MOST_KIB


def test_there_are_many_of_them_and_no_two_alike():
    assert len(ALL) >= 120
    assert [name for name, count in Counter((each.file, each.name) for each in ALL).items() if count > 1] == []


def _rows(folder: Path) -> list[tuple]:
    return [tuple(each.values()) for each in pq.read_table(folder / "out.parquet").to_pylist()]


def _aside(folder: Path) -> list[tuple]:
    path = folder / "out.ragged"
    return [(each[LINE], each["text"]) for each in pq.read_table(path).to_pylist()] if path.exists() else []
