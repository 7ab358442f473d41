"""What is known of one household: as rules read it, as a decision keeps it, and back.

Shape   the facts a decision keeps: {"number", "area_number", "household": {field: fact}, "members": [{"person_id",
        "number", "facts": {field: fact}}], "parameters": {name: figure}}; a fact is value, source, days, conflict
Nulls   a fact that is absent, or past its last day, is unknown to a rule; a stale one is kept, so that it can be shown
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from amparo.programmes.rulebook import InForce, Rulebook
from amparo.registry.attributes import AREA, attributes_of
from amparo.registry.dictionary import Dictionary, Type
from amparo.registry.types import Fact, HouseholdRecord, PersonRecord

Reads = Collection[tuple[str, str]]


def in_order(household: HouseholdRecord) -> list[PersonRecord]:
    """Return the members in the order in which every engine counts them."""
    return sorted(household.members, key=lambda each: each.id)


def placed(
    household: HouseholdRecord, reads: Reads, *, words: Dictionary, on: date, as_of: datetime | None = None
) -> HouseholdRecord:
    """Return the household with what is stated of its area on the day, as far as rules read it: `area.<name>`."""
    names = sorted(name for grain, name in reads if grain == AREA)
    stated = attributes_of(household.area_number, names, words=words, on=on, as_of=as_of) if names else {}
    return replace(household, facts={**household.facts, **stated})


def record(household: HouseholdRecord, *, on: date, member: UUID | None = None) -> dict[str, Any]:
    """Return the household as the reference engine reads it; `member` is the person decided about."""
    members = in_order(household)
    return {
        "household": _fresh(household.facts, on),
        "members": [_fresh(each.facts, on) for each in members],
        "member": None if member is None else [each.id for each in members].index(member),
    }


def is_read(programme: InForce, unit_id: UUID, person_id: UUID) -> bool:
    """Whether a decision about the unit may rest on this member's facts."""
    return programme.reads_other_members or person_id == unit_id


def kept(household: HouseholdRecord, programme: InForce, unit_id: UUID, book: Rulebook) -> dict[str, Any]:
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
                "facts": _plain(each.facts, "person", programme.reads) if is_read(programme, unit_id, each.id) else {},
            }
            for each in in_order(household)
        ],
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
    )


def _fresh(facts: Mapping[str, Fact], on: date) -> dict[str, Any]:
    return {name: each.value for name, each in facts.items() if not each.is_stale(on)}


def _plain(facts: Mapping[str, Fact], grain: str, reads: Reads) -> dict[str, Any]:
    return {name: _plain_fact(each) for name, each in sorted(facts.items()) if _key(grain, name) in reads}


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
