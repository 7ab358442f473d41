"""What a delivery may not do to the installation: nothing half taken in, no path of its own, no disk filled."""

import tomllib

import pytest

from amparo.intake import actions, folder
from amparo.intake.files import limits
from amparo.kernel.errors import Refused
from tests.unit.intake.census import BY, MAPPING, PERSONS, everything, files
from tests.unit.intake.hostile import books, texts
from tests.unit.intake.hostile.case import Case

pytestmark = pytest.mark.usefixtures("fresh_database")

# One of a kind: which file brought the refusal about makes no difference from here on.
MEANT = ("never closed", "a GZIP called CSV", "parts that share bytes")
REFUSED = [each for each in (*texts.CASES, *books.CASES) if each.name in MEANT]


def received(given):
    return actions.receive(given, tomllib.loads(MAPPING), name="census", by=BY, using="bulk")


def test_a_hostile_file_leaves_nothing_of_its_delivery_but_the_refusal(tmp_path):
    assert len(REFUSED) == len(MEANT)
    before = everything()
    for number, case in enumerate(REFUSED):
        batch = _with_persons(tmp_path / str(number), case)
        with pytest.raises(Refused, match="intake-"):
            actions.run(batch, by=BY)
        assert not folder.of(batch).exists(), case
    changed = {name for name, count in everything().items() if count != before[name]}
    assert changed == {"intake_batch", "trust_audit"}


def _with_persons(inside, case: Case):
    """Deliver sound households, and the hostile file as their persons; what makes it another delivery stands beside it."""
    given = files(inside)
    persons = next(path for name, path in given.items() if name.startswith("persons"))
    persons.write_bytes(case.content())
    households = next(path for name, path in given.items() if name.startswith("households"))
    households.write_bytes(households.read_bytes() + f"\n{inside.name}9,n1,1,1\n".encode())
    return received(given).batch_id


@pytest.mark.parametrize(
    "name",
    ["../../persons.csv", "persons/../x.csv", "persons\\x.csv", "persons\0.csv", "persons\u202evsc.exe", "persons\n.csv",
     "persons\ud800.csv", "persons" + "x" * 300, ""],
    ids=ascii,
)  # fmt: skip
def test_a_name_that_is_none_is_refused_before_anything_is_kept(tmp_path, name):
    given = files(tmp_path / "a")
    path = next(path for each, path in given.items() if each.startswith("persons"))
    renamed = {each: held for each, held in given.items() if held != path} | {name: path}
    with pytest.raises(Refused, match="intake-file-name-odd"):
        received(renamed)


def test_no_delivered_name_becomes_a_path(tmp_path):
    batch = received(files(tmp_path / "a")).batch_id
    assert sorted(each.name for each in (folder.of(batch) / "files").iterdir()) == ["0", "1"]
    assert folder.of(batch).stat().st_mode & 0o077 == 0


def test_nobody_fills_the_disk_with_deliveries_that_are_not_worked_on(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "UNFINISHED", 2)
    first, _ = (received(files(tmp_path / each, persons=PERSONS.replace("Bela", each))) for each in ("One", "Two"))
    more = files(tmp_path / "c", persons=PERSONS.replace("Bela", "Three"))
    with pytest.raises(Refused, match="intake-batches-many"):
        received(more)
    actions.run(first.batch_id, by=BY)
    assert received(more).is_new
