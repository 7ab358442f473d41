"""Reads of erasures: proposals that wait, certificates, and what keeps somebody from being erased. Nobody's record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.keeping.erasing import BULK, digest
from amparo.trust.models import Erasure, Hold
from amparo.trust.scope import within
from amparo.trust.types import Actor, Permission
from amparo.trust.types.erasures import ErasureState


@dataclass(frozen=True)
class Line:
    """One certificate in a list."""

    id: UUID
    done_at: datetime
    ground: str
    persons: int
    rows: int


@dataclass(frozen=True)
class Told:
    """A certificate as it was written, seen to be so."""

    line: Line
    certificate: dict[str, Any]
    digest: str
    row: Erasure


def _line(row: Erasure) -> Line:
    told = row.certificate
    rows = sum(each["erased"] for each in told["places"])
    return Line(row.id, row.done_at, row.ground, told["persons"], rows)


def latest(*, at_most: int, by: Actor | None = None, using: str = BULK) -> list[Line]:
    """Return the newest certificates; on pages to whoever may read them."""
    rows = Erasure.objects.using(using).filter(state=ErasureState.DONE).order_by("-done_at", "-id")
    if by is not None:
        rows = within(rows, by.narrowed(Permission.READ_RETENTION))
    return [_line(each) for each in rows[:at_most]]


def certificate(id: UUID, *, by: Actor | None = None, using: str = BULK) -> Told:
    """Return a certificate. Raises NotFound, and Refused where it is not what was written: then it proves nothing."""
    rows = Erasure.objects.using(using).filter(id=id, state=ErasureState.DONE)
    row = (within(rows, by.narrowed(Permission.READ_RETENTION)) if by is not None else rows).first()
    if row is None:
        raise NotFound("trust-erasure-unknown")
    if digest(row.certificate) != row.digest:
        raise Refused("trust-certificate-changed")
    return Told(_line(row), row.certificate, row.digest, row)


def open_erasures(*, by: Actor) -> list[Erasure]:
    """Return what waits to be confirmed or done, the oldest first."""
    states = (ErasureState.PROPOSED, ErasureState.CONFIRMED)
    rows = Erasure.objects.filter(state__in=states).order_by("proposed_at")
    return list(within(rows, by.narrowed(Permission.READ_RETENTION)))


def open_erasure(id: UUID, *, by: Actor) -> Erasure:
    found = next((each for each in open_erasures(by=by) if each.id == id), None)
    if found is None:
        raise NotFound("trust-erasure-unknown")
    return found


def erasure_of_person(person: UUID, *, by: Actor) -> Erasure | None:
    """Return the open or done erasure of a person in the actor's areas; None where there is none."""
    rows = within(Erasure.objects.filter(person_id=person), by).exclude(state=ErasureState.DISMISSED)
    return rows.order_by("-proposed_at").first()


def holds_of(person: UUID, *, by: Actor) -> list[Hold]:
    """Return the holds on a person that are on today, the oldest first."""
    rows = within(Hold.objects.filter(person_id=person, ended_at=None), by).exclude(until__lt=clock.today())
    return list(rows.order_by("placed_at"))
