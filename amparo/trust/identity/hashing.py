"""How passwords are hashed: Argon2id, a few at a time, so that a flood of sign-ins leaves room for everybody's pages.

Units   memory in KiB
Errors  TooBusy where too many wait already; nothing was compared
Source  RFC 9106; OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, t = 2, p = 1
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from amparo.kernel.errors import Refused

# In one Python of the server, which makes pages at four places (`project.patience`): one hashes, one waits, two read.
ROOM, TURN = BoundedSemaphore(2), BoundedSemaphore(1)


class TooBusy(Refused):
    """Too many people are signing in this instant."""

    def __init__(self) -> None:
        super().__init__("trust-too-busy")


class Hasher(Argon2PasswordHasher):
    """Argon2id as OWASP has it, one hash at a time and one waiting."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with in_turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with in_turn():
            return super().verify(password, encoded)


@contextmanager
def in_turn() -> Iterator[None]:
    """Run a block when it is its turn. Raises TooBusy instead of keeping a thread from others."""
    if not ROOM.acquire(blocking=False):
        raise TooBusy
    try:
        with TURN:
            yield
    finally:
        ROOM.release()
