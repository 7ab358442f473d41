"""How long a search by name with a typo takes, for an officer over one district of 830, and over one region of ten.

Units     milliseconds: the median, and what nineteen searches of twenty stay within
Baseline  the same search over all names, without regard to how many of them the officer's areas hold
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connections

from amparo.profiles.synth.settings import Community, read
from amparo.profiles.types import Profile
from amparo.trust.context import acting
from amparo.trust.types import Actor
from bench.rows import lay_areas, officer_of

SEARCHES = 100
OFFICERS = {"district": "3-7", "region": "3"}
PLAIN = """
    SELECT person_id, strict_word_similarity(amparo_name_words(%(asked)s), words) AS alike FROM registry_person_name
    WHERE amparo_name_words(%(asked)s) <%% words AND area_number <@ %(reach)s::int8multirange
        AND strict_word_similarity(amparo_name_words(%(asked)s), words) >= 0.3
    ORDER BY alike DESC, person_id LIMIT 50
"""


def run(
    profile: Profile, *, persons: int, seed: int = 1, tell: Callable[[str], None] = lambda stage: None
) -> dict[str, Any]:
    """Return the times of both, for both officers. Needs an empty scratch database.

    Errors  AssertionError where a search does not find what the baseline finds
    """
    tell("people")
    lay_areas()
    invent(read(profile.folder).communities, persons)
    draw = random.Random(seed)
    asked = [with_typo(name, draw) for name in some_names(draw)]
    found: dict[str, Any] = {"persons": persons, "searches": len(asked)}
    for name, code in OFFICERS.items():
        tell(name)
        found |= {f"{name}_{figure}": value for figure, value in compare(asked, officer_of(code)).items()}
    return found


def invent(communities: tuple[Community, ...], persons: int) -> None:
    """Name people of every community, the common names more often, scattered over all places."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE drawn (community int, given text[], family text[])")
        for number, each in enumerate(communities):
            cursor.execute(
                "INSERT INTO drawn VALUES (%s, %s, %s)", [number, [*each.female, *each.male], list(each.family)]
            )
        cursor.execute(
            """INSERT INTO registry_person_name (person_id, words, area_number)
               SELECT amparo_uuid7(), amparo_name_words(given[1 + floor(power(random(), 2) * cardinality(given))] || ' '
                   || family[1 + floor(power(random(), 2) * cardinality(family))]), place.number
               FROM generate_series(0, %(persons)s - 1) n
               JOIN drawn ON community = n %% %(communities)s
               JOIN (SELECT number, row_number() OVER (ORDER BY md5(code)) - 1 AS place
                     FROM trust_area WHERE level = 'place') place ON place = (n / %(communities)s) %% 83000""",
            {"persons": persons, "communities": len(communities)},
        )
        cursor.execute("ANALYZE registry_person_name")


def some_names(draw: random.Random) -> list[str]:
    """Return names of people anywhere, as common as they are."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT words FROM registry_person_name ORDER BY person_id LIMIT 100000")
        return draw.sample([words for (words,) in cursor.fetchall()], SEARCHES)


def with_typo(name: str, draw: random.Random) -> str:
    place = draw.choice([place for place in range(1, len(name) - 1) if name[place] != " "])
    return name[:place] + draw.choice("aeiou") + name[place + 1 :]


def compare(asked: list[str], officer: Actor) -> dict[str, float]:
    """Search for each name both ways in turn, so that drift meets both."""
    ours, plain = [], []
    with acting(officer), connections["default"].cursor() as cursor, connections["bulk"].cursor() as past_gates:
        for name in asked:
            mine = timed(ours, cursor, "SELECT * FROM amparo_search_names(%(asked)s, 50)", {"asked": name})
            values = {"asked": name, "reach": officer.scope.multirange}
            past_gates.execute("SET pg_trgm.word_similarity_threshold = 0.4")
            assert mine == timed(plain, past_gates, PLAIN, values)
    return {
        "p50_ms": round(statistics.median(ours), 1),
        "p95_ms": round(statistics.quantiles(ours, n=20)[-1], 1),
        "baseline_p50_ms": round(statistics.median(plain), 1),
        "baseline_p95_ms": round(statistics.quantiles(plain, n=20)[-1], 1),
    }


def timed(times: list[float], cursor: Any, statement: str, values: dict[str, Any]) -> list[tuple]:
    """Ask, note how many milliseconds it took, and return what was found."""
    start = time.perf_counter()
    found = cursor.execute(statement, values).fetchall()
    times.append((time.perf_counter() - start) * 1000)
    return found
