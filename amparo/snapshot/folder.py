"""The folders of snapshots: private, complete or absent, and deleted for good.

A snapshot is written under another name and renamed when whole. Until its row is committed the folder is locked by the
process that writes it and marked with the database it is for; marked and not locked, it is what a killed process left,
and is swept. One data folder may serve several databases (a benchmark's beside the real one), so nothing else is.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings


def of(id: UUID) -> Path:
    return root() / str(id)


def root() -> Path:
    folder = Path(settings.SNAPSHOT_FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


MARK = ".unfinished"


@contextmanager
def writing(id: UUID, *, database: str) -> Iterator[Path]:
    """Give a new private folder, locked while the block runs; nothing of it is left when the block fails.

    The block calls `complete` once everything is written, and has committed the snapshot's row when it ends.
    """
    part = _part(id)
    with _locked(part):
        try:
            (part / MARK).write_text(database)
            yield part
            (of(id) / MARK).unlink()
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(of(id), ignore_errors=True)
            raise


def complete(id: UUID) -> Path:
    """Give the folder its name, its content safely on disk."""
    part, folder = _part(id), of(id)
    for file in part.iterdir():
        file.chmod(0o600)
        _sync(file)
    part.rename(folder)
    _sync(root())
    return folder


@contextmanager
def working() -> Iterator[Path]:
    """Give a private folder for what a reader of a snapshot puts aside; it goes when the block ends."""
    folder = root() / f"{uuid4()}.work"
    with _locked(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove(id: UUID) -> None:
    shutil.rmtree(of(id), ignore_errors=True)


def sweep(known: Collection[UUID], *, database: str) -> int:
    """Remove what killed processes left in the making for this database, and readers' working folders; return how many.

    A marked folder whose row was committed lacks nothing but the removal of its mark.
    """
    names = {str(each) for each in known}
    with _opened(root()) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for each in root().iterdir():
            if each.name in names:
                (each / MARK).unlink(missing_ok=True)
        return sum(_swept(each) for each in root().iterdir() if each.is_dir() and _is_left(each, database))


def _is_left(folder: Path, database: str) -> bool:
    mark = folder / MARK
    return folder.suffix == ".work" or (mark.exists() and mark.read_text() == database)


def sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _part(id: UUID) -> Path:
    return root() / f"{id}.part"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Make a folder and hold it; no sweep can come between the two."""
    with _opened(root()) as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700)
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def _swept(folder: Path) -> bool:
    with _opened(folder) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True


def _sync(path: Path) -> None:
    with _opened(path) as handle:
        os.fsync(handle)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)
