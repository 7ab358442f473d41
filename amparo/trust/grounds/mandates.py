"""Reads of mandates: who may act for whom, by what document, for what and how long."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from amparo.trust.models import Mandate
from amparo.trust.scope import within
from amparo.trust.types import Actor


class MandateScope(StrEnum):
    """What a mandate lets its holder do. To apply and to reply come with the pages for it."""

    VIEW = "view"


class ProofKind(StrEnum):
    """The kinds of document by which an officer knows who somebody is, or that somebody may act for another."""

    IDENTITY_CARD = "identity-card"
    PASSPORT = "passport"
    BIRTH_CERTIFICATE = "birth-certificate"
    REFUGEE_CARD = "refugee-card"
    POWER_OF_ATTORNEY = "power-of-attorney"
    COURT_ORDER = "court-order"
    KNOWN_IN_PERSON = "known-in-person"  # vouched for by somebody whom the office knows


def mandates_given(person_id: UUID, *, by: Actor) -> list[Mandate]:
    """Return the mandates that a person gave, the latest first; needs the gates open for officer or citizen."""
    rows = within(Mandate.objects.filter(person_id=person_id), by, person="person_id")
    return list(rows.defer("area_number").order_by("-recorded_at"))


def mandators_of(holder_id: UUID, *, on: date) -> list[UUID]:
    """Return for whom somebody holds a mandate on a day to look at their record.

    Asked of the citizen's own person only; the database shows no other mandates to a citizen.
    """
    rows = Mandate.objects.filter(holder_id=holder_id, revoked_at=None, starts_on__lte=on, ends_on__gte=on)
    rows = rows.filter(Q(scope__contains=[MandateScope.VIEW.value]))
    return list(dict.fromkeys(rows.order_by("starts_on", "id").values_list("person_id", flat=True)))


def is_in_force(row: Mandate, on: date) -> bool:
    return row.revoked_at is None and row.starts_on <= on <= row.ends_on
