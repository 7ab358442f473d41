"""Reads of consents: the receipts of one person, each with what it was given for and whether it is live."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amparo.kernel.errors import NotPermitted
from amparo.trust.covering import State
from amparo.trust.log.recording import record
from amparo.trust.models import Agreement, Consent
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground


@dataclass(frozen=True)
class Receipt:
    """One consent as its person or an officer reads it. `is_current`: the agreement in force still asks the same."""

    row: Consent
    is_live: bool
    is_current: bool


def receipts(person_id: UUID, *, by: Actor, under: Ground | None, on: date) -> list[Receipt]:
    """Return every consent a person ever gave that the actor may see, the latest first."""
    expect_readable(by)
    rows = within(Consent.objects.filter(person_id=person_id), by, person="person_id")
    rows = list(rows.defer("area_number").select_related("text").order_by("-recorded_at"))
    asked = set(
        Agreement.objects.filter(state=State.IN_FORCE, starts_on__lte=on, ends_on__gte=on).values_list(
            "asked", flat=True
        )
    )
    record(Event.CONSENTS_READ, by=by, under=under, about_kind="person", about_id=person_id, receipts=len(rows))
    return [Receipt(each, is_live(each, on), each.asked in asked) for each in rows]


def expect_readable(by: Actor) -> None:
    """Raise NotPermitted for who runs a programme: what somebody agreed to elsewhere is no decision of theirs."""
    if by.scope.is_of_programmes:
        raise NotPermitted("trust-consents-withheld")


def is_live(row: Consent, on: date) -> bool:
    """Whether a receipt still stands on a day, whatever agreements ask by then."""
    return row.withdrawn_at is None and row.given_on <= on and (row.until is None or row.until >= on)
