"""Reads the lists of one household: its items, its members' items and relatives, wherever these live.

A decision rests on the same facts whoever's change led to it, and a country's run sees every area. So relatives are read
with the nation's scope, also where the officer at work does not reach: otherwise a parent elsewhere would be no parent.
Only what is asked of them is read, and each who lives elsewhere has a line in the audit log.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.registry import lists, queries
from amparo.registry.dictionary import FOR_DECISIONS, Dictionary
from amparo.registry.exports import plain
from amparo.registry.types import ElementRecord, HouseholdRecord, Lists
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission, system

Reads = Collection[tuple[str, str]]


@dataclass(frozen=True)
class _Asked:
    words: Dictionary
    reads: Reads
    as_of: datetime | None

    def below(self, path: str) -> list[str]:
        """Return the paths of the lists that hang off a path's elements."""
        longer = {at for at, _ in self.reads if at.startswith(f"{path}.")}
        return sorted({f"{path}.{at.removeprefix(f'{path}.').split('.')[0]}" for at in longer})

    def names(self, path: str) -> set[str]:
        return {plain(name) for at, name in self.reads if at == path}


def with_lists(
    household: HouseholdRecord, *, reads: Reads, by: Actor, under: Ground, as_of: datetime | None = None
) -> HouseholdRecord:
    """Return the household with the lists that `reads` names, (path, field), and of their elements what it names.

    Unknown is None, as in a snapshot (`registry.lists`). Whoever reads must have been let read the household itself.
    """
    asked = _Asked(queries.dictionary(), also_of_members(reads), as_of)
    if not asked.below(lists.HOUSEHOLD) and not asked.below(lists.PERSON):
        return household
    with acting(system("relatives").narrowed(Permission.DETERMINE)):
        own = _lists(lists.HOUSEHOLD, [household.id], asked)[household.id]
        of_members = _lists(lists.PERSON, [each.id for each in household.members], asked)
    members = [replace(each, lists=of_members[each.id]) for each in household.members]
    found = replace(household, members=members, lists=own)
    _record_relatives(found, by=by, under=under)
    return found


def also_of_members(reads: Reads) -> frozenset[tuple[str, str]]:
    """Return `reads`, and what is read of relatives read of members too: a relative may be one of them."""
    found = set(reads)
    for path, name in reads:
        parts = path.split(".")
        for cut in range(1, len(parts)):
            if parts[cut] in lists.RELATIONS:
                found.add((".".join([lists.PERSON, *parts[cut + 1 :]]), name))
    return frozenset(found)


def _lists(path: str, ids: Sequence[UUID], asked: _Asked) -> dict[UUID, Lists]:
    """Return the lists of each of these holders, by name."""
    found: dict[UUID, dict[str, Any]] = {each: {} for each in ids}
    for below in asked.below(path):
        name = below.rpartition(".")[2]
        held = _elements(below, ids, asked)
        for each in ids:
            found[each][name] = held.get(each)
    return found


def _elements(path: str, holders: Sequence[UUID], asked: _Asked) -> dict[UUID, list[ElementRecord]]:
    """Return the elements of one list of each holder of whom it is known."""
    of, grain, names = lists.at(path, asked.words), lists.grain_of(path), asked.names(path)
    when = lists.NOW if asked.as_of is None else lists.AS_OF
    values = {"ids": list(holders), "as_of": asked.as_of, "day": asked.as_of and asked.as_of.date()}
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT holder_id FROM ({lists.known(of, when)}) k WHERE holder_id = ANY(%(ids)s)", values)
        known = {holder: [] for (holder,) in cursor.fetchall()}
        cursor.execute(f"SELECT holder_id, id FROM ({lists.rows(of, when)}) e WHERE holder_id = ANY(%(ids)s)", values)
        rows = sorted((holder, id) for holder, id in cursor.fetchall() if holder in known)
    ids = sorted({id for _, id in rows})
    # A decision rests on it whoever reads; what a reader may not read of it, an explanation withholds.
    facts = queries.facts_of(grain, ids, classes=FOR_DECISIONS, as_of=asked.as_of) if names - {""} else {}
    below = _lists(path, ids, asked)
    for holder, id in rows:
        told: Mapping[str, Any] = {name: fact for name, fact in facts.get(id, {}).items() if name in names}
        known[holder].append(ElementRecord(id, grain, told, below[id]))
    return known


def _record_relatives(household: HouseholdRecord, *, by: Actor, under: Ground) -> None:
    """Write one audit row for each person elsewhere of whom something was read."""
    here = {each.id for each in household.members}
    held = [household.lists, *(each.lists for each in household.members)]
    for id in dict.fromkeys(each.id for each in _relatives(held) if each.id not in here):
        record(
            Event.PERSON_READ,
            by=by,
            under=under,
            about_kind="person",
            about_id=id,
            area_number=household.area_number,
            seen="relative",
        )


def _relatives(held: Sequence[Lists]) -> Iterator[ElementRecord]:
    for each in held:
        for elements in each.values():
            for element in elements or ():
                if element.grain == lists.PERSON:
                    yield element
                yield from _relatives([element.lists])
