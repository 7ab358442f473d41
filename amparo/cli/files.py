"""Files that the operator names."""

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
