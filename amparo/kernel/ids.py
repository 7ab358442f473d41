"""Identifiers of our own records: UUID version 7, so that rows made together lie together on disk.

Source  RFC 9562, section 5.7
"""

import os
import time
from typing import NewType
from uuid import UUID

HouseholdId = NewType("HouseholdId", UUID)


def uuid7() -> UUID:
    """Return a new identifier: 48 bits of milliseconds since 1970, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)
