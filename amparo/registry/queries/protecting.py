"""What protects people in danger, as it was said, for whoever may read it."""

from collections.abc import Iterator
from uuid import UUID

from amparo.registry.queries.installed import dictionary
from amparo.registry.queries.records import history
from amparo.registry.types import Observed, ProtectingFact
from amparo.trust.types import Actor, FieldClass, Ground


def protecting(household_id: UUID, *, by: Actor, under: Ground) -> list[ProtectingFact]:
    """Return what was said that protects a home and who lives in it, the latest first.

    Raises NotFound outside the actor's areas. The read leaves an audit row of the household.
    """
    found: list[ProtectingFact] = []
    told: set[tuple[UUID, str, str]] = set()
    for each in history(household_id, by=by, under=under):
        for name in _of_protection(each):
            key, value = (each.entity_id, name, each.source), each.values[name]
            holds = key not in told and value is not None
            told.add(key)
            found.append(ProtectingFact(each.entity_id, each.grain, name, value, each.source, each.observed_on, holds))
    return found


def _of_protection(observed: Observed) -> Iterator[str]:
    for field in dictionary().of(observed.grain):
        if field.field_class is FieldClass.PROTECTION and field.name in observed.values:
            yield field.name
