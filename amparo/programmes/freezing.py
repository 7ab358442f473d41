"""The snapshot that decisions are made from: every field that a rule reads, of everybody, at one instant."""

from collections.abc import Callable
from datetime import date

from amparo.kernel.exports import Grade
from amparo.programmes.publishing import BULK
from amparo.programmes.rulebook import fields_read, groups_read
from amparo.registry.exports import households
from amparo.registry.queries import dictionary
from amparo.snapshot.actions import take
from amparo.snapshot.types import Snapshot
from amparo.trust.types import Actor, Ground


def freeze(
    *, on: date, by: Actor, under: Ground, progress: Callable[[str, int], None] = lambda export, rows: None
) -> Snapshot:
    """Take a snapshot for decisions; `take` writes the audit row. Runs under the bulk login."""
    exports = [households(dictionary(using=BULK), reads=fields_read(using=BULK), groups=groups_read(using=BULK))]
    return take(exports, grade=Grade.DECISION, on=on, by=by, under=under, progress=progress)
