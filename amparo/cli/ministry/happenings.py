"""What happens to the people whom the institutions know, drawn from the seed: the same every time it is asked for.

Shape   an institution and how many in; events out, in the order in which they happened
Units   instants in UTC, of the last month, one second of its own each
Nulls   a death carries the day, a change what is new; of an address only that it changed
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from amparo.cli.ministry.institutions import drawn
from amparo.cli.ministry.people import People

MONTH_SECONDS = 30 * 86_400
Told = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of event of an institution. `is_once`: it happens to nobody twice; `tells`: what is new, by chance and day."""

    name: str
    tells: Callable[[float, date], Told]
    is_once: bool = False


def _one_of(name: str, *values: Any) -> Callable[[float, date], Told]:
    return lambda chance, on: {name: values[int(chance * len(values))]}


KINDS: Mapping[str, tuple[Kind, ...]] = {
    "civil-registry": (
        Kind("death", lambda chance, on: {"died_on": on.isoformat()}, is_once=True),
        Kind("marriage", _one_of("marital_status", "married", "divorced", "widowed")),
    ),
    "population": (Kind("address", lambda chance, on: {}),),
    "education": (Kind("enrolment", _one_of("is_enrolled", True, False)),),
    "employment": (Kind("employment", _one_of("work_status", "employee", "unemployed", "own_account", "inactive")),),
    "social-insurance": (Kind("enrolment", _one_of("has_pension", True, False)),),
}


def happened(people: People, institution: str, count: int, *, seed: int, on: date) -> list[Told]:
    """Return so many events of an institution, as it tells them; fewer where everybody has died."""
    found = list(_drawn(people, institution, count, seed, on))
    return sorted(found, key=lambda each: (each["at"], each["event"]))


def _drawn(people: People, institution: str, count: int, seed: int, on: date) -> Iterator[Told]:
    kinds, dead = KINDS.get(institution, ()), set()
    begin = datetime.combine(on, time(), UTC) - timedelta(seconds=MONTH_SECONDS)
    for number in range(count if kinds else 0):
        chance = [drawn(seed, institution, "event", number, each) for each in ("who", "what", "when", "how")]
        identifier = people.identifiers[int(chance[0] * len(people))]
        kind = kinds[int(chance[1] * len(kinds))]
        if kind.is_once and identifier in dead:
            continue
        dead |= {identifier} if kind.is_once else set()
        at = begin + timedelta(seconds=int(chance[2] * MONTH_SECONDS / count) * count + number)
        yield {
            "event": f"{institution}-{seed}-{number}",
            "kind": kind.name,
            "at": at.isoformat().replace("+00:00", "Z"),
            "person": {"identifier": identifier, **kind.tells(chance[3], at.date())},
        }
