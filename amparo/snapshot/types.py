"""Words of snapshots that cross the border."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from amparo.kernel.exports import Grade


@dataclass(frozen=True)
class Frozen:
    """What one export became.

    `rows`      rows written; `nested` counts those inside its list columns
    `sha256`    of the encrypted file: whether it is the one that was written
    `earliest`  column of days → the earliest of them; None where the column holds no day. Tells cheaply whether
                anything has gone stale by a later day
    `hashed_by` what gave each row its hash, in the view `<name>_hashed`: rows of two snapshots that were hashed by the same
                are the same where their hashes are. Empty: there are none
    """

    name: str
    rows: int
    sha256: str
    size_bytes: int
    nested: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    earliest: Mapping[str, date | None] = field(default_factory=dict)
    hashed_by: str = ""


@dataclass(frozen=True)
class Snapshot:
    """One snapshot: when it was frozen, what it holds, until when it may be opened. The key is not in here.

    `log_position`  the database's write-ahead log at that instant: what came later is not in the snapshot
    `versions`      of rules, dictionary and code that held when it was taken
    """

    id: UUID
    grade: Grade
    on: date
    taken_at: datetime
    log_position: str
    retain_until: date
    exports: Mapping[str, Frozen]
    versions: Mapping[str, Any]
    expired_at: datetime | None = None


@dataclass(frozen=True)
class SnapshotTaken:
    """A snapshot can be opened from now on."""

    snapshot: Snapshot
