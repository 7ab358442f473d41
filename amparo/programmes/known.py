"""What is known of one household: as rules read it, as a decision keeps it, and back.

Shape   the facts a decision keeps: {"number", "area_number", "household": {field: fact}, "members": [{"person_id",
        "number", "facts": {field: fact}}], "groups": [{"id", "kind", "persons"}], "parameters": {name: figure}}; a fact
        is value, source, days, conflict. Groups only of the kind that the rule asks about
Nulls   a fact that is absent, or past its last day, is unknown to a rule; a stale one is kept, so that it can be shown
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from amparo.programmes.config import Unit
from amparo.programmes.inforce import InForce
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.units import UnitOf, units
from amparo.registry.dictionary import Dictionary, Type
from amparo.registry.types import Fact, GroupRecord, HouseholdRecord, PersonRecord

Reads = Collection[tuple[str, str]]


def in_order(household: HouseholdRecord) -> list[PersonRecord]:
    """Return the members in the order in which every engine counts them."""
    return sorted(household.members, key=lambda each: each.id)


def units_of(programme: InForce, household: HouseholdRecord) -> list[UnitOf]:
    """Return whom the programme decides about in the household."""
    persons = [each.id for each in in_order(household)]
    groups = [household.group_of(programme.group, each) for each in persons] if programme.group else []
    return list(units(programme, household.id, persons, groups))


def fresh(household: HouseholdRecord, *, on: date) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the values of household and members that may be relied on, as the reference engine reads them."""
    return _fresh(household.facts, on), [_fresh(each.facts, on) for each in in_order(household)]


def is_read(programme: InForce, unit: UnitOf, place: int) -> bool:
    """Whether a decision about the unit may rest on the facts of the member at this place."""
    if unit.places is not None and place not in unit.places:
        return False
    return programme.reads_other_members or place == unit.member


def kept(household: HouseholdRecord, programme: InForce, unit: UnitOf, book: Rulebook) -> dict[str, Any]:
    """Return the facts that a programme's rule could read of a unit, with source and day, as a decision stores them.

    Of members whose facts do not matter only the id stays, because a rule may count them.
    """
    return {
        "number": household.number,
        "area_number": household.area_number,
        "household": _plain(household.facts, "household", programme.reads),
        "members": [
            {
                "person_id": str(each.id),
                "number": each.number,
                "facts": _plain(each.facts, "person", programme.reads) if is_read(programme, unit, place) else {},
            }
            for place, each in enumerate(in_order(household))
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
        members=[
            PersonRecord(
                UUID(each["person_id"]), each["number"], _facts(each["facts"], "person", words), (), household_id
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


def _fresh(facts: Mapping[str, Fact], on: date) -> dict[str, Any]:
    return {name: each.value for name, each in facts.items() if not each.is_stale(on)}


def _plain(facts: Mapping[str, Fact], grain: str, reads: Reads) -> dict[str, Any]:
    return {name: _plain_fact(each) for name, each in sorted(facts.items()) if (grain, name) in reads}


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
    is_day = (grain, name) in words and words[grain, name].type is Type.DATE
    return date.fromisoformat(value) if is_day and value is not None else value


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
