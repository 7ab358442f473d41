"""The folders of snapshots: what is swept, and what never is."""

import stat
from uuid import uuid4

import pytest
from django.test import override_settings

from amparo.snapshot import folder


@pytest.fixture(autouse=True)
def _place(tmp_path):
    with override_settings(SNAPSHOT_FOLDER=tmp_path / "snapshots"):
        yield


def left_by_a_killed_process(*, database: str, is_complete: bool):
    """A folder as it stands when the process is gone: its lock went with it."""
    id = uuid4()
    with folder.writing(id, database=database) as part:
        (part / "households.parquet").write_bytes(b"x")
        folder.complete(id)
    whole = folder.of(id)
    (whole / folder.MARK).write_text(database)
    return id if is_complete else whole.rename(whole.with_suffix(".part")) and id


def names() -> set[str]:
    return {each.name for each in folder.root().iterdir()}


@pytest.mark.parametrize("is_complete", [True, False])
def test_what_a_killed_process_left_is_swept(is_complete):
    left_by_a_killed_process(database="amparo", is_complete=is_complete)
    assert folder.sweep([], database="amparo") == 1
    assert names() == set()


@pytest.mark.parametrize("is_complete", [True, False])
def test_what_belongs_to_another_database_of_the_same_folder_is_left(is_complete):
    left_by_a_killed_process(database="amparo", is_complete=is_complete)
    assert folder.sweep([], database="bench") == 0
    assert len(names()) == 1


def test_a_finished_snapshot_is_left_whichever_database_knows_it():
    id = uuid4()
    with folder.writing(id, database="amparo"):
        folder.complete(id)
    assert folder.sweep([], database="amparo") == folder.sweep([], database="bench") == 0
    assert names() == {str(id)}


def test_a_snapshot_whose_row_was_committed_just_before_the_kill_is_kept():
    id = left_by_a_killed_process(database="amparo", is_complete=True)
    assert folder.sweep([id], database="amparo") == 0
    assert folder.sweep([], database="amparo") == 0
    assert names() == {str(id)}


def test_what_is_being_written_or_read_is_left():
    id = uuid4()
    with folder.writing(id, database="amparo"), folder.working() as work:
        assert stat.S_IMODE(work.stat().st_mode) == 0o700
        assert folder.sweep([], database="amparo") == 0
        folder.complete(id)
    assert names() == {str(id)}
