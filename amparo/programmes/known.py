"""What is known of one household: as rules read it, as a decision keeps it, and back.

Shape   the facts a decision keeps: {"number", "area_number", "household": {field: fact}, "members": [{"person_id",
        "number", "facts": {field: fact}}], "groups": [{"id", "kind", "persons"}], "parameters": {name: figure}}; a fact
        is value, source, days, conflict. Groups only of the kind that the rule asks about. The household and each member
        also have "lists": {name: [{"id", "grain", "facts", "lists"}] or null}
Nulls   a fact that is absent, or past its last day, is unknown to a rule (but see `freshness`); a stale one is kept, so that it
        can be shown
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from amparo.kernel.exports import OBSERVED_ON, SOURCE
from amparo.programmes.config import Unit
from amparo.programmes.freshness import Limits, counts
from amparo.programmes.inforce import InForce
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.units import UnitOf, units
from amparo.registry.attributes import AREA, attributes_of
from amparo.registry.dictionary import Dictionary, Type
from amparo.registry.exports import plain
from amparo.registry.lists import HOUSEHOLD
from amparo.registry.relatives import also_of_members
from amparo.registry.types import ElementRecord, Fact, GroupRecord, HouseholdRecord, Lists, PersonRecord

Reads = Collection[tuple[str, str]]


def in_order(household: HouseholdRecord) -> list[PersonRecord]:
    """Return the members in the order in which every engine counts them."""
    return sorted(household.members, key=lambda each: each.id)


def turns(household: HouseholdRecord) -> list[int]:
    """Return the places of the members, as engines count them, in the order in which people are told of them."""
    ids = [each.id for each in in_order(household)]
    return [ids.index(each.id) for each in household.members]


def placed(
    household: HouseholdRecord, reads: Reads, *, words: Dictionary, on: date, as_of: datetime | None = None
) -> HouseholdRecord:
    """Return the household with what is stated of its area on the day, as far as rules read it: `area.<name>`."""
    names = sorted(name for grain, name in reads if grain == AREA)
    stated = attributes_of(household.area_number, names, words=words, on=on, as_of=as_of) if names else {}
    return replace(household, facts={**household.facts, **stated})


def units_of(programme: InForce, household: HouseholdRecord) -> list[UnitOf]:
    """Return whom the programme decides about in the household: of a local one's, nobody who lives elsewhere."""
    if not programme.is_for(household.area_number):
        return []
    persons = [each.id for each in in_order(household)]
    groups = [household.group_of(programme.group, each) for each in persons] if programme.group else []
    return list(units(programme, household.id, persons, groups))


def fresh(household: HouseholdRecord, *, on: date, limits: Limits) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the household and its members as the reference engine reads them, with what may be relied on."""
    places = {each.id: place for place, each in enumerate(in_order(household))}
    read = partial(_as_read, places=places, on=on, limits=limits)
    return read(household), [read(each) for each in in_order(household)]


def _as_read(
    holder: HouseholdRecord | PersonRecord | ElementRecord, places: Mapping[UUID, int], on: date, limits: Limits
) -> dict[str, Any]:
    """Return facts that may still be relied on, with who said them and when, and lists; a member stands there by place."""
    found: dict[str, Any] = {}
    for name, each in holder.facts.items():
        if counts(limits.get((holder.grain, name)), each, on=on):
            found |= {name: each.value, name + OBSERVED_ON: each.observed_on, name + SOURCE: each.source}
    for name, elements in holder.lists.items():
        found[name] = elements and [
            places[each.id] if each.id in places else _as_read(each, places, on, limits) for each in elements
        ]
    return found


def holders(household: HouseholdRecord) -> Iterator[tuple[str, tuple[str | int, ...], Mapping[str, Fact]]]:
    """Yield path, place in the record and facts of the household, its area, its members, and whatever hangs off them.

    A relative who is a member has the member's place; so have the lists below.
    """
    members = in_order(household)
    places: dict[UUID, tuple[str | int, ...]] = {each.id: ("members", place) for place, each in enumerate(members)}
    yield from _below(HOUSEHOLD, (HOUSEHOLD,), household, places)
    yield AREA, (AREA,), _of_area(household.facts)
    for each in members:
        yield from _below("person", places[each.id], each, places)


def _of_area(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return what is stated of the area, by its own name."""
    return {name.removeprefix(f"{AREA}."): each for name, each in facts.items() if name.startswith(f"{AREA}.")}


def _below(
    path: str,
    place: tuple[str | int, ...],
    holder: HouseholdRecord | PersonRecord | ElementRecord,
    places: Mapping[UUID, tuple[str | int, ...]],
) -> Iterator[tuple[str, tuple[str | int, ...], Mapping[str, Fact]]]:
    yield path, place, holder.facts
    for name, elements in holder.lists.items():
        for number, each in enumerate(elements or ()):
            yield from _below(f"{path}.{name}", places.get(each.id, (*place, name, number)), each, places)


def is_read(programme: InForce, unit: UnitOf, place: int) -> bool:
    """Whether a decision about the unit may rest on the facts of the member at this place."""
    if unit.places is not None and place not in unit.places:
        return False
    return programme.reads_other_members or place == unit.member


def kept(household: HouseholdRecord, programme: InForce, unit: UnitOf, book: Rulebook) -> dict[str, Any]:
    """Return the facts that a programme's rule could read of a unit, with source and day, as a decision stores them.

    Of members whose facts do not matter only the id stays, because a rule may count them.
    """
    reads = also_of_members(programme.reads)
    places = {each.id: place for place, each in enumerate(in_order(household))}
    return {
        "number": household.number,
        "area_number": household.area_number,
        "household": _plain(household.facts, "household", programme.reads),
        "lists": _plain_lists(household.lists),
        "members": [
            {
                "person_id": str(each.id),
                "number": each.number,
                "facts": _plain(each.facts, "person", reads) if is_read(programme, unit, places[each.id]) else {},
                "lists": _plain_lists(each.lists) if is_read(programme, unit, places[each.id]) else {},
            }
            for each in household.members
        ],
        **_groups(household, programme.group),
        "parameters": book.figures((programme.code,)),
    }


def restored(household_id: UUID, facts: Mapping[str, Any], words: Dictionary) -> HouseholdRecord:
    """Return the household as it was when a decision stored these facts."""
    return HouseholdRecord(
        id=household_id,
        number=facts["number"],
        area_number=facts["area_number"],
        facts=_facts(facts["household"], "household", words),
        lists=_lists(facts.get("lists", {}), words),
        members=[
            PersonRecord(
                UUID(each["person_id"]),
                each["number"],
                _facts(each["facts"], "person", words),
                (),
                household_id,
                _lists(each.get("lists", {}), words),
            )
            for each in facts["members"]
        ],
        groups=[
            GroupRecord(UUID(each["id"]), each["kind"], tuple(map(UUID, each["persons"])))
            for each in facts.get("groups", ())
        ],
    )


def _groups(household: HouseholdRecord, kind: Unit | None) -> dict[str, Any]:
    if kind is None:
        return {}
    of_kind = [each for each in household.groups if each.kind == kind]
    return {
        "groups": [{"id": str(g.id), "kind": g.kind, "persons": [str(each) for each in g.persons]} for g in of_kind]
    }


def _plain(facts: Mapping[str, Fact], path: str, reads: Reads) -> dict[str, Any]:
    """Return the facts that are read; what is stated of the area stands among the household's."""
    read = {plain(name) for at, name in reads if at == path}
    if path == HOUSEHOLD:
        read |= {f"{AREA}.{name}" for at, name in reads if at == AREA}
    return {name: _plain_fact(each) for name, each in sorted(facts.items()) if name in read}


def _plain_lists(lists: Lists) -> dict[str, Any]:
    return {
        name: elements
        and [
            {
                "id": str(each.id),
                "grain": each.grain,
                "facts": {field: _plain_fact(fact) for field, fact in sorted(each.facts.items())},
                "lists": _plain_lists(each.lists),
            }
            for each in elements
        ]
        for name, elements in lists.items()
    }


def _lists(plain: Mapping[str, Any], words: Dictionary) -> dict[str, list[ElementRecord] | None]:
    return {
        name: elements
        and [
            ElementRecord(
                UUID(each["id"]),
                each["grain"],
                _facts(each["facts"], each["grain"], words),
                _lists(each["lists"], words),
            )
            for each in elements
        ]
        for name, elements in plain.items()
    }


def _plain_fact(fact: Fact) -> dict[str, Any]:
    return {
        "value": _iso(fact.value),
        "source": fact.source,
        "observed_on": _iso(fact.observed_on),
        "valid_until": _iso(fact.valid_until),
        "conflict": fact.conflict,
    }


def _facts(plain: Mapping[str, Any], grain: str, words: Dictionary) -> dict[str, Fact]:
    return {
        name: Fact(
            field=name,
            value=_typed(each["value"], grain, name, words),
            source=each["source"],
            observed_on=date.fromisoformat(each["observed_on"]),
            valid_until=each["valid_until"] and date.fromisoformat(each["valid_until"]),
            conflict=each["conflict"],
        )
        for name, each in plain.items()
    }


def _typed(value: Any, grain: str, name: str, words: Dictionary) -> Any:
    """Return a stored value in its type; a field that the dictionary has dropped since is as it was stored."""
    key = _key(grain, name)
    is_day = key in words and words[key].type is Type.DATE
    return date.fromisoformat(value) if is_day and value is not None else value


def _key(grain: str, name: str) -> tuple[str, str]:
    """Return the dictionary's key of a fact; what is stated of the area stands among the household's."""
    return (AREA, name.removeprefix("area.")) if name.startswith("area.") else (grain, name)


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
