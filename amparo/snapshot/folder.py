"""The folders of snapshots: private, complete or absent, and deleted for good.

A snapshot is written under another name and renamed when whole. The folder is locked by the process that writes it
until its row is committed; a folder that nobody locks and no row names is what a killed process left, and is swept.
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


@contextmanager
def writing(id: UUID) -> Iterator[Path]:
    """Give a new private folder, locked while the block runs; nothing of it is left when the block fails.

    The block calls `complete` once everything is written.
    """
    part = _part(id)
    with _locked(part):
        try:
            yield part
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


def sweep(known: Collection[UUID]) -> int:
    """Remove every folder that no row names and no living process holds; return how many."""
    names = {str(each) for each in known}
    with _opened(root()) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return sum(_swept(each) for each in root().iterdir() if each.is_dir() and each.name not in names)


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
