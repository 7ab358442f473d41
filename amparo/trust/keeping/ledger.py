"""The ledger of erasures: which ids were erased, when and on what ground, outside the database.

A backup from before an erasure brings back what was erased. So the ledger lies beside the custodian's file, is copied out as
that is, and never into a backup of the database; after a restore every erasure in it is done once more (`replaying`). One line an
erasure, the newest last; lines are only ever added. It holds ids and grounds, nobody's name, and of
numbers a digest that only a master key can make.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings

from amparo.kernel.errors import Refused
from amparo.trust.models import Erasure


@dataclass(frozen=True)
class Entry:
    """One erasure. `classes` of fields, where not all was erased; no persons where a schedule took what is of no person.

    `numbers` by what they would be known again in a delivery: (key, scheme, digest)
    """

    id: UUID
    on: date
    ground: str
    reference: str
    schedule: str
    persons: tuple[UUID, ...]
    classes: tuple[str, ...] = ()
    numbers: tuple[tuple[int, str, str], ...] = ()


def ledger_file() -> Path:
    return Path(settings.ERASURE_LEDGER)


def append(
    row: Erasure,
    *,
    persons: Sequence[UUID],
    on: date,
    classes: Sequence[str] = (),
    numbers: Sequence[tuple[int, str, str]] = (),
) -> None:
    """Add an erasure, and return once it is on disk: before the database commits it, for then it may be lost there alone.

    Raises Refused where the file cannot be written: then nothing is erased.
    """
    told = {
        "id": str(row.id),
        "on": on.isoformat(),
        "ground": row.ground,
        "reference": row.reference,
        "schedule": row.schedule,
        "persons": [str(each) for each in persons],
        "classes": list(classes),
        "numbers": [list(each) for each in numbers],
    }
    path = ledger_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
            file.write(json.dumps(told).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Refused("trust-ledger-unwritable", file=path.name) from error


def entries() -> Iterator[Entry]:
    """Yield what the ledger holds, the oldest first. Raises Refused where a line cannot be read."""
    path = ledger_file()
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _entry(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise Refused("trust-ledger-damaged", file=path.name, line=str(number)) from error


def _entry(told: dict) -> Entry:
    return Entry(
        id=UUID(told["id"]),
        on=date.fromisoformat(told["on"]),
        ground=told["ground"],
        reference=told["reference"],
        schedule=told["schedule"],
        persons=tuple(UUID(each) for each in told["persons"]),
        classes=tuple(told["classes"]),
        numbers=tuple(
            (key, scheme, digest) for key, scheme, digest in told.get("numbers", ())
        ),  # older lines have none
    )
