"""Where snapshots keep personal data: in files that open with one key each, which stands in the snapshot's row.

A snapshot holds everybody. Without its key no copy of it can be read, and nobody can be taken out of it alone. So somebody's
erasure wipes the key of every snapshot on which no decision rests; one on which a decision rests goes on its own day.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.snapshot import folder
from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Leaves, Reached, Stone

# Held shared while a snapshot is taken: one that was begun before an erasure is there to be wiped by it.
TAKING = 7270
NONE_TAKEN = f"SELECT pg_advisory_xact_lock({TAKING}, 0)"
_WIPED = """
UPDATE snapshot_snapshot SET wrapped_key = NULL, expired_at = now()
WHERE expired_at IS NULL AND id <> ALL(%(rested_on)s) RETURNING id
"""
_WAITING = "SELECT id, retain_until FROM snapshot_snapshot WHERE expired_at IS NULL ORDER BY retain_until, id"


def kept(rested_on: Callable[[Any], Collection[UUID]]) -> tuple[Kept, ...]:
    """Return the places of snapshots; `rested_on` names those that decisions rest on."""

    def wipe(cursor: Any, reached: Reached, stone: Stone) -> int:
        cursor.execute(_WIPED, {"rested_on": list(rested_on(cursor))})
        ids = [id for (id,) in cursor.fetchall()]
        for id in ids:
            transaction.on_commit(partial(folder.remove, id), using="bulk")
        return len(ids)

    return (
        Kept(
            "snapshot_snapshot",
            Holds.COPIES,
            FoundBy.SNAPSHOT,
            Leaves.LOCKED,
            columns=("wrapped_key",),
            bare=("grade", "purpose", "log_position", "manifest"),
            erase=wipe,
            of_class=wipe,
        ),
        Kept("snapshots", Holds.COPIES, FoundBy.SNAPSHOT, Leaves.LOCKED, is_folder=True),
    )


def waiting(cursor: Any) -> list[tuple[UUID, Any]]:
    """Return the snapshots that can still be opened, each with its last day."""
    cursor.execute(_WAITING)
    return cursor.fetchall()
