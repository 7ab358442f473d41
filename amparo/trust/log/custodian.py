"""The custodian's file: each seal's line once more, outside the database, so that a restored old state is seen.

The file here is a copy to be taken away: whoever keeps it elsewhere can prove what the log held on a day, whatever becomes
of this machine. One seal a line, the newest last; lines are only ever added.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from django.conf import settings

from amparo.kernel.errors import Refused
from amparo.trust.log.proof import Seal, read_seal

_TAIL_BYTES = 4096  # longer than any line


def custodian_file() -> Path:
    return Path(settings.AUDIT_CUSTODIAN)


@contextmanager
def held() -> Iterator[BufferedRandom]:
    """Open the file to add to it, alone. Raises Refused where it cannot be written: then nothing is sealed."""
    path = custodian_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b")
    except OSError as error:
        raise Refused("trust-custodian-unwritable", file=path.name) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def last_in(file: BufferedRandom) -> Seal | None:
    """Return the newest seal in the file, None in an empty one. Raises Refused where its end cannot be read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _TAIL_BYTES, 0))
    lines = file.read().splitlines(keepends=True)
    if not lines:
        return None
    seal = read_seal(lines[-1])
    if seal is None or not lines[-1].endswith(b"\n"):
        raise Refused("trust-custodian-damaged", file=custodian_file().name)
    return seal


def append(file: BufferedRandom, seal: Seal) -> None:
    """Add a seal, and return once it is on disk. Raises Refused where it cannot be."""
    try:
        file.write(seal.line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        raise Refused("trust-custodian-unwritable", file=custodian_file().name) from error


def seals_in(path: Path) -> Iterator[Seal | None]:
    """Yield what each line of a custodian's file says, None for one that cannot be read."""
    try:
        with path.open("rb") as lines:
            yield from map(read_seal, lines)
    except OSError as error:
        raise Refused("trust-custodian-missing", file=path.name) from error
