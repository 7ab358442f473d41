"""Tells which software a batch was begun with: what an earlier one left half done may hold the fault it died of."""

import hashlib
from functools import cache
from pathlib import Path
from uuid import UUID

import duckdb
import pyarrow

from amparo.intake import folder

_PACKAGES = ("intake", "registry")
_FILE = "software"


@cache
def software() -> str:
    """Return a digest of the code that reads, validates, compares and records a batch, and of what it stands on."""
    found = hashlib.sha256(f"{duckdb.__version__} {pyarrow.__version__}".encode())
    root = Path(__file__).parent.parent
    for package in _PACKAGES:
        for file in sorted((root / package).rglob("*")):
            if file.suffix in (".py", ".sql"):
                found.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes())
    return found.hexdigest()


def begin(batch: UUID) -> bool:
    """Stamp a batch's folder, without its work where that is another software's; return whether it begins anew."""
    note = folder.of(batch) / _FILE
    held = note.read_text() if note.exists() else None
    if held == software():
        return False
    folder.forget_work(batch)
    note.write_text(software())
    return held is not None
