"""Work that can wait runs behind all other work of its machine: this process, and the database's own for its connection.

Half of a rotation is done by the database, whose process is given way to only where it runs here: reached through a socket
of this machine, and called what the database calls its processes. Elsewhere, or where the system does not let us, this
process alone gives way, and the pauses between batches do the rest.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connections

NICE = 15  # of 19; whoever works meanwhile at 0 gets thirty times the share


@contextmanager
def behind_others(*, using: str = "bulk") -> Iterator[None]:
    """Give way within the block. Its connection ends with it; what cannot be taken back ends with this process."""
    connections[using].close()
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, 0, max(before, NICE))
        if pid := _database_here(using):
            os.setpriority(os.PRIO_PROCESS, pid, NICE)
    try:
        yield
    finally:
        connections[using].close()
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, before)


def _database_here(using: str) -> int | None:
    """Return the database's process for our connection, where it is one of this machine's."""
    connections[using].ensure_connection()
    held = connections[using].connection.info
    called = Path(f"/proc/{held.backend_pid}/cmdline")
    is_here = held.host.startswith("/") and called.exists() and called.read_bytes().startswith(b"postgres:")
    return held.backend_pid if is_here else None
