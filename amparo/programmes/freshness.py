"""How old a fact may be for one programme, and what an older one counts as. For all other fields their own validity holds.

Shape   what a version of a programme states of a field; a registry's fact in, its last day for the programme out
Units   days from the day a value was observed; with 0 it counts on that day only
Nulls   `days` None: the field's own validity. An older value counts as unknown, unless the programme says that it is usable:
        then it decides, and whatever explains the decision says that it rests on an older value. Nothing else flags it
Source  docs/decisions/0013-stale-for-a-programme.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from amparo.registry.types import Fact


@dataclass(frozen=True)
class Freshness:
    grain: str
    field: str
    days: int | None = None
    is_usable: bool = False


Limits = Mapping[tuple[str, str], Freshness]


def limits(stated: Iterable[Freshness]) -> dict[tuple[str, str], Freshness]:
    return {(each.grain, each.field): each for each in stated}


def under(limit: Freshness | None, fact: Fact) -> Fact:
    """Return a fact with the last day that it has for the programme."""
    if limit is None or limit.days is None:
        return fact
    return replace(fact, valid_until=fact.observed_on + timedelta(days=limit.days))


def counts(limit: Freshness | None, fact: Fact, *, on: date) -> bool:
    """Whether a rule may read a fact on the day."""
    return (limit is not None and limit.is_usable) or not under(limit, fact).is_stale(on)


def as_plain(stated: Iterable[Freshness]) -> list[dict[str, Any]] | None:
    """Return what a version states as the database keeps it, in one order however it was written."""
    return sorted(map(asdict, stated), key=lambda each: (each["grain"], each["field"])) or None


def from_plain(plain: Iterable[Mapping[str, Any]]) -> tuple[Freshness, ...]:
    return tuple(Freshness(**each) for each in plain)
