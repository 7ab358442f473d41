"""A batch goes on from its working files only with the software that made them."""

import pytest

from amparo.intake import actions, folder, stamp
from amparo.intake.types import Phase, State
from amparo.kernel.errors import Stopped
from amparo.trust.context import acting
from tests.unit.intake.census import BY
from tests.unit.intake.test_running import batch, received

pytestmark = pytest.mark.usefixtures("fresh_database")


def stopped_once_validated(tmp_path):
    id = received(tmp_path / "a")

    def stop(phase, rows):
        if phase == "validated":
            with acting(BY):
                actions.stop(id, by=BY)

    with pytest.raises(Stopped):
        actions.run(id, by=BY, tell=stop)
    return id


def spoilt(id) -> None:
    """Leave the working file as a fault of the software might: of no use."""
    for file in folder.of(id).glob("batch.duckdb*"):
        file.write_bytes(b"spoilt")


def test_after_an_upgrade_a_batch_begins_anew_from_the_files_as_they_came(tmp_path, monkeypatch):
    id = stopped_once_validated(tmp_path)
    spoilt(id)
    monkeypatch.setattr(stamp, "software", lambda: "the next release")
    told = []
    receipt = actions.run(id, by=BY, tell=lambda phase, rows: told.append((phase, batch(id).phase)))
    assert told[0][0] == "read"  # a file that takes longer tells of its rows before it is read whole
    assert ("read", Phase.READ) in told
    assert receipt["persons"]["new"] == 3
    assert batch(id).state is State.DONE


def test_with_the_same_software_what_is_whole_is_not_done_again(tmp_path):
    id = stopped_once_validated(tmp_path)
    note = folder.of(id) / "validated.json"
    before = note.stat().st_mtime_ns
    assert not stamp.begin(id)
    assert note.stat().st_mtime_ns == before


def test_the_stamp_changes_with_any_line_of_the_code_it_speaks_of(tmp_path, monkeypatch):
    for package in ("intake", "registry"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "one.py").write_text("1")
    monkeypatch.setattr(stamp, "__file__", str(tmp_path / "intake" / "stamp.py"))
    stamp.software.cache_clear()
    first = stamp.software()
    (tmp_path / "registry" / "one.py").write_text("2")
    stamp.software.cache_clear()
    second = stamp.software()
    stamp.software.cache_clear()
    assert first != second
