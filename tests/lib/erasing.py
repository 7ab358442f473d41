"""Erases people in tests as it is done at work: proposed by one, confirmed by another, done by the worker's role."""

from uuid import UUID

from django.db import connections

from amparo.trust.actions.erasures import confirm_erasure, propose_erasure
from amparo.trust.context import acting
from amparo.trust.keeping import erasing
from amparo.trust.models import Erasure
from amparo.trust.types import Permission, system
from tests.lib import country

GROUND, REFERENCE = "Data Protection Act, section 17", "2026/117"
WORKER = system("erase")


def proposed(person: UUID, *, by: str = "ines", ground: str = GROUND, reference: str = REFERENCE) -> UUID:
    with acting(getattr(country.cast(), by).narrowed(Permission.PROPOSE_ERASURE)) as who:
        return propose_erasure(person, ground=ground, reference=reference, by=who, under=country.GROUND)


def confirmed(id: UUID, *, by: str = "lina") -> UUID:
    with acting(getattr(country.cast(), by).narrowed(Permission.CONFIRM_ERASURE)) as who:
        confirm_erasure(id, by=who)
    return id


def erased(person: UUID) -> Erasure:
    return erasing.erase(confirmed(proposed(person)), by=WORKER)


def rows(statement: str, values=None) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def people(home: UUID) -> list[UUID]:
    """Return who lives in a home, in the order in which they were registered."""
    return [
        id for (id,) in rows("SELECT person_id FROM registry_membership WHERE household_id = %s ORDER BY id", [home])
    ]
