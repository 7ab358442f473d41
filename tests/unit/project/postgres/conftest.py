"""Folders for real servers. Each test's server is stopped and deleted by the product's own `discard`."""

import subprocess
import tempfile
from pathlib import Path

import pytest

from amparo.project.postgres import discard, start, stop


@pytest.fixture(scope="session")
def installation():
    """An installation whose server was started once and stopped: tests work on copies of it."""
    with temporary_folder() as folder:
        start(folder / "here")
        stop(folder / "here")
        yield folder / "here"
        discard(folder / "here")


@pytest.fixture
def empty_dir():
    """Where an installation may be made."""
    with temporary_folder() as folder:
        yield folder / "here"
        discard(folder / "here")


@pytest.fixture
def data_dir(installation, empty_dir):
    """An installation with a cluster of its own, not running."""
    subprocess.run(["cp", "-a", installation, empty_dir], check=True)
    return empty_dir


class temporary_folder(tempfile.TemporaryDirectory):
    """A short path that every user of the machine may pass through, as an installation folder is."""

    def __init__(self) -> None:
        super().__init__(prefix="amparo-test-", dir="/tmp")
        Path(self.name).chmod(0o711)

    def __enter__(self) -> Path:
        return Path(super().__enter__())
