"""Whether an officer reads of themselves: their own household, or one where a relative of theirs lives.

Asked while the household is read, wherever it is read from, so that the audit row says it and no page can forget to. Who is
related is read with the nation's scope, and nothing of it is shown to anybody.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from amparo.registry.models import Membership, Relationship
from amparo.trust.context import acting
from amparo.trust.types import Permission, system

OWN, RELATIVE = "own", "relative"


def nearness(person: UUID | None, household: UUID, members: Collection[UUID]) -> str | None:
    """Return "own" of a household that the person lives in or has lived in, "relative" where one of theirs lives.

    A relative is whoever is or was their parent, spouse, child, caregiver or guardian, or lives with them. None: neither, or
    nobody has said who the person is.
    """
    if person is None:
        return None
    with acting(system("nearness").narrowed(Permission.READ_HOUSEHOLD)):
        homes = set(Membership.objects.filter(person_id=person).values_list("household_id", flat=True))
        if household in homes or person in members:
            return OWN
        return RELATIVE if _relatives(person, homes) & set(members) else None


def _relatives(person: UUID, homes: Collection[UUID]) -> set[UUID]:
    ties = Relationship.objects.filter(Q(person_id=person) | Q(other_id=person)).values_list("person_id", "other_id")
    lived_with = Membership.objects.filter(household_id__in=homes).values_list("person_id", flat=True)
    return {id for pair in ties for id in pair} | set(lived_with)
