"""Identifiers of our own records: UUID version 7, so that rows made together lie together on disk.

Source  RFC 9562, sections 5.7 and 6.2 (method 3, as `uuidv7()` of PostgreSQL does it)
"""

import os
import time
from threading import Lock
from typing import NewType
from uuid import UUID

HouseholdId = NewType("HouseholdId", UUID)

_PARTS = 4096  # of a millisecond, in the twelve bits that follow the milliseconds
_lock = Lock()
_last = 0


def uuid7() -> UUID:
    """Return a new identifier: 60 bits of the time since 1970, then 62 random bits. It sorts after those made before it."""
    part = _next_part()
    number = part // _PARTS << 80 | 0x7 << 76 | part % _PARTS << 64 | 0x2 << 62
    return UUID(int=number | int.from_bytes(os.urandom(8), "big") >> 2)


def _next_part() -> int:
    """Return the 4,096th part of a millisecond that it is, or the next that this process has not given yet."""
    global _last
    with _lock:
        _last = max(time.time_ns() * _PARTS // 1_000_000, _last + 1)
        return _last
