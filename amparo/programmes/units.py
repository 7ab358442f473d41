"""Whom a programme decides about within one household, and whose members its rule asks.

A person in no family or couple is a unit by themselves, or cannot be decided about, as the programme states; nobody is
dropped. The same in the columnar engine: `rules.engines.columnar.units`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from amparo.programmes.config import Ungrouped, Unit
from amparo.programmes.inforce import InForce
from amparo.rules.engines.reference import decide
from amparo.rules.model.rule import Decided, ProgrammeRule
from amparo.rules.parameters import Parameters


@dataclass(frozen=True)
class UnitOf:
    """One unit of a household: `member` the place of the person decided about, `places` of the members asked.

    `id`  the household's, person's or group's; of somebody in no group their own
    """

    id: Any
    member: int | None = None
    places: tuple[int, ...] | None = None
    is_grouped: bool = True


def units(programme: InForce, household: Any, persons: Sequence[Any], groups: Sequence[Any]) -> Iterator[UnitOf]:
    """Yield the units of a household. `persons`, `groups`: each member's id, and that of the group they are in or None."""
    if programme.group is None:
        if programme.unit is Unit.HOUSEHOLD:
            yield UnitOf(household)
        else:
            yield from (UnitOf(person, place) for place, person in enumerate(persons))
        return
    keys = [group or person for group, person in zip(groups, persons, strict=True)]
    for key in dict.fromkeys(keys):
        places = tuple(place for place, each in enumerate(keys) if each == key)
        is_grouped = key in groups
        if programme.unit is Unit.PERSON:
            yield from (UnitOf(persons[place], place, places, is_grouped) for place in places)
        else:
            yield UnitOf(key, None, places, is_grouped)


def decided(
    programme: InForce,
    unit: UnitOf,
    household: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    *,
    on: date,
    parameters: Parameters,
    rule: ProgrammeRule | None = None,
) -> Decided:
    """Return what the programme's rule, or another over the same unit, says of a unit by the reference engine."""
    if is_unplaced(programme, unit):
        return Decided(None, None, (str(programme.group),))
    return decide(rule or programme.rule, record(unit, household, members), on=on, parameters=parameters)


def is_unplaced(programme: InForce, unit: UnitOf) -> bool:
    """Whether nothing can be decided because it is not known which group the person belongs to."""
    return programme.ungrouped is Ungrouped.UNKNOWN and not unit.is_grouped


def record(unit: UnitOf, household: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the unit as the reference engine reads it."""
    return {"household": household, "members": members, "member": unit.member, "places": unit.places}
