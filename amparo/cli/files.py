"""Files that the operator names."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amparo.kernel.errors import Refused

LARGEST_TEXT = 1_000_000  # bytes; a long rule has a few thousand


def read_text(file: Path) -> str:
    """Return a small text file. Raises Refused when it is missing, closed to us, too large, or not UTF-8."""
    try:
        if file.stat().st_size > LARGEST_TEXT:
            raise Refused("cli-file-too-large", file=str(file), bytes=LARGEST_TEXT)
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("cli-file-not-text", file=str(file), byte=error.start) from error
    except OSError as error:
        raise Refused("cli-file-unreadable", file=str(file)) from error


def expect_file(file: Path) -> None:
    """Refuse a file that is missing, is a folder, or is closed to us, before anything is done with it."""
    try:
        file.open("rb").close()
    except OSError as error:
        raise Refused("cli-file-unreadable", file=str(file)) from error


@contextmanager
def written_to(place: Path) -> Iterator[None]:
    """Refuse where the block cannot write to the file or folder that the operator named."""
    try:
        yield
    except OSError as error:
        raise Refused("cli-file-unwritable", file=str(place)) from error
