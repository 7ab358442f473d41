"""Snapshot and determination, with a bar for each: what several commands do."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from amparo.cli.printing import progress
from amparo.kernel.errors import Refused

if TYPE_CHECKING:
    from amparo.programmes.types import Engine, Run
    from amparo.snapshot.types import Snapshot


def freeze(*, on: date) -> "Snapshot":
    """Take a snapshot for decisions, with every field that a rule reads."""
    from amparo.kernel.exports import Grade
    from amparo.programmes.config import GROUND
    from amparo.programmes.rulebook import fields_read, groups_read
    from amparo.registry.exports import households
    from amparo.registry.queries import dictionary
    from amparo.snapshot.actions import take
    from amparo.trust.types import system

    words, groups = dictionary(using="bulk"), groups_read(using="bulk")
    exports = [households(words, reads=fields_read(using="bulk"), groups=groups)]
    with progress("cli-snapshot-progress") as tell:
        return take(
            exports,
            grade=Grade.DECISION,
            on=on,
            by=system("snapshot"),
            under=GROUND,
            progress=lambda export, rows: tell(rows, None),
        )


def snapshot_with_id(id: UUID) -> "Snapshot":
    """Return a snapshot that can still be opened."""
    from amparo.snapshot.queries import snapshot

    return snapshot(id)


def engine_named(name: str) -> "Engine":
    from amparo.programmes.types import Engine

    try:
        return Engine(name)
    except ValueError:
        raise Refused("cli-determine-engine-unknown", engine=name, known=[each.value for each in Engine]) from None


def decide(*, on: date, snapshot: "Snapshot | None" = None, engine: "Engine | None" = None) -> "Run":
    """Decide every programme for everybody in a snapshot, taken now unless one is given."""
    from amparo.programmes.actions import determine
    from amparo.programmes.config import GROUND
    from amparo.programmes.types import Engine
    from amparo.trust.types import system

    taken = snapshot or freeze(on=on)
    with progress("cli-determine-progress") as tell:
        return determine(
            taken,
            on=on,
            by=system("determine"),
            under=GROUND,
            engine=engine or Engine.COLUMNAR,
            progress=lambda share: tell(round(share * 100), 100),
        )
