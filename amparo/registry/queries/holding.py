"""Locks the homes of many people in one order, so that nobody else changes what is about to be written about them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from amparo.registry.models import Household, Membership, Person
from amparo.trust.scope import within
from amparo.trust.types import Actor


@dataclass(frozen=True)
class Held:
    """Who may be written about, and nobody else changes: person → number of their area; and their homes, in one order."""

    places: Mapping[UUID, int]
    homes: tuple[UUID, ...]


def hold(persons: Collection[UUID], *, by: Actor) -> Held:
    """Lock the homes of some people, as whoever writes about one does, and return who of them may be written about.

    Who is in danger, was erased or is out of reach by now is left out. Part of the transaction in which it is written.
    """
    living = Membership.objects.filter(person_id__in=persons, ends_on=None)
    rows = Household.objects.select_for_update().filter(id__in=living.values("household_id")).order_by("id")
    homes = {each.id for each in within(rows, by)}
    found = within(Person.objects.filter(id__in=persons, erased_on=None, area_number__gte=0), by)
    places = dict(found.values_list("id", "area_number"))
    inhabited = set(living.filter(person_id__in=places).values_list("household_id", flat=True))
    return Held(places, tuple(sorted(homes & inhabited)))
