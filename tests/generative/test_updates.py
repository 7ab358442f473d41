"""Whatever the order in which updates come, however often, and by how many at once: what they leave is the same (UPD-2).

Two countries of the same homes live through the same events: one in the order in which they happened, each once; the other in any
order, each twice, and some once more long after. `AMPARO_EVENTS`: how many.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.sources.actions import take_updates
from amparo.sources.types import UpdateReason
from amparo.sources.updates.reading import digest, each_read
from amparo.trust.types import system
from tests.lib import live

EVENTS = int(os.environ.get("AMPARO_EVENTS", "60"))
HOMES, IN_HOME, AT_ONCE = max(EVENTS // 20, 3), 4, 4
BY = system("updates")
Drawn = tuple[str, int, datetime, dict[str, Any]]  # kind, whose place, when, what is told


@pytest.fixture(scope="module")
def countries(database) -> list[list[list[str]]]:
    """For each of three countries the numbers of the people of each home."""
    live.install()
    made = [
        [[f"{country}{home:04}{place:03}" for place in range(IN_HOME)] for home in range(HOMES)]
        for country in (1, 2, 3)
    ]
    for homes in made:
        for place, numbers in enumerate(homes):
            live.home(numbers, income=20_000 + place * 2_000)
    return made


@pytest.fixture(scope="module")
def events(countries) -> list[Drawn]:
    """What happens, which the first country has lived through in the right order, each once."""
    found = drawn(Random(20_261_130))
    begun = time.monotonic()
    assert set(taken(written(found, countries[0], "a"))) == {None}
    seconds = time.monotonic() - begun
    print(f"{EVENTS} events in order: {seconds:.1f} s, {seconds / EVENTS * 1000:.0f} ms each")
    return found


def drawn(random: Random) -> list[Drawn]:
    """Draw events of the last ninety days, each at a minute of its own, so that nobody's come at one moment."""
    minutes = random.sample(range(90 * 24 * 60), EVENTS)
    begin, dead, found = clock.now().replace(second=0, microsecond=0) - timedelta(days=91), set(), []
    for minute in sorted(minutes):
        # Many on few days, of few people: within a day the order of coming must not count either.
        at, who = begin + timedelta(minutes=minute), random.randrange(HOMES * IN_HOME)
        kind = random.choices(("Work", "Marriage", "Death"), (6, 5, 1))[0]
        if kind == "Death" and who in dead:
            kind = "Work"
        dead |= {who} if kind == "Death" else set()
        told = {
            "Work": {"works": random.random() < 0.5},
            "Marriage": {"status": random.choice("SMDW")},
            "Death": {"died": at.date().isoformat()},
        }[kind]
        found.append((kind, who, at, told))
    return found


def written(events: list[Drawn], homes: list[list[str]], name: str) -> list[dict[str, Any]]:
    people = [each for home in homes for each in home]
    return [
        live.event(kind, people[who], at.isoformat(), id=f"{name}-{number}", **told)
        for number, (kind, who, at, told) in enumerate(events)
    ]


def left(homes: list[list[str]]) -> Iterator[Any]:
    for numbers in homes:
        yield live.facts(numbers)
        yield live.decisions(home_of(numbers))


def home_of(numbers: list[str]):
    [(home,)] = live.rows(
        "SELECT DISTINCT household_id FROM registry_membership WHERE person_id = ANY (%s)",
        [[live.person(each) for each in numbers]],
    )
    return home


def taken(events: list[dict[str, Any]]) -> list[UpdateReason | None]:
    config = live.civil()
    return take_updates(each_read(events, config.source, config.updates), config, by=BY, on=clock.today())


def shuffled(events: list[dict[str, Any]], random: Random) -> list[dict[str, Any]]:
    twice = events + events
    random.shuffle(twice)
    return twice + random.sample(events, len(events) // 5)


def test_any_order_and_any_number_of_times_leave_what_the_right_order_leaves(countries, events):
    assert set(taken(shuffled(written(events, countries[1], "b"), Random(1)))) == {None}
    assert list(left(countries[0])) == list(left(countries[1]))
    assert done("b") == EVENTS


def test_many_at_once_leave_the_same_and_each_is_done_once(countries, events):
    told = shuffled(written(events, countries[2], "c"), Random(2))

    def act(part: list[dict[str, Any]]) -> list[UpdateReason | None]:
        try:
            return taken(part)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = [
            each for part in threads.map(act, [told[place::AT_ONCE] for place in range(AT_ONCE)]) for each in part
        ]
    assert set(outcomes) == {None}
    assert list(left(countries[0])) == list(left(countries[2]))
    assert done("c") == EVENTS


def done(name: str) -> int:
    ids = [digest("civil", f"{name}-{number}") for number in range(EVENTS)]
    return live.rows("SELECT count(*) FROM sources_update WHERE told = ANY (%s)", [ids])[0][0]
