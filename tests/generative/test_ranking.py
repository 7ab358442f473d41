"""What holds of every ranking: no place too many, no rank lost by a greater need, no sure one displaced by an unknown."""

from datetime import date
from fractions import Fraction
from itertools import product
from random import Random
from uuid import UUID

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kernel.errors import Refused
from amparo.programmes import ranking
from amparo.programmes.config import Unit
from amparo.programmes.quota import Contested, Key, Quota, Ranking, Share, as_plain, from_plain, seats
from amparo.programmes.rulebook import InForce, Rulebook
from amparo.registry.dictionary import Dictionary
from amparo.rules.check import check
from amparo.rules.model.rule import ProgrammeRule
from tests.lib.rules.world import CATALOGUE, PARAMETERS

PATIENT = settings(deadline=None, database=None, max_examples=50, suppress_health_check=list(HealthCheck))
KEYS = (Key("household.income"), Key("household.rooms", descending=True))

# A claim: whether it is eligible, its need (the smaller the needier) and its second key; None is unknown.
CLAIM = st.tuples(
    st.sampled_from([True, True, True, False, None]),
    st.sampled_from([0, 1, 2, 3, 4, None]),
    st.sampled_from([0, 1, 2, None]),
)
CLAIMS = st.lists(CLAIM, max_size=7)


def book(places: int, contested: Contested) -> Rulebook:
    rule = ProgrammeRule(check("household.size >= 1", CATALOGUE, PARAMETERS))
    keys = tuple(check(each.rule, CATALOGUE, PARAMETERS, gives="order") for each in KEYS)
    wanted = Ranking(KEYS, Quota(places), contested)
    programme = InForce(1, "few", Unit.HOUSEHOLD, 1, "", "", rule, ranking=wanted, keys=keys)
    return Rulebook(date(2026, 1, 1), (programme,), PARAMETERS, Dictionary(()))


def ranked(claims: dict[int, tuple], places: int, contested: Contested = Contested.GRANT) -> dict[int, tuple]:
    """Return unit → outcome, rank, missing, as a run finds them."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE answer_kept (programme_id SMALLINT, unit_id UUID, household_id UUID, outcome BOOLEAN, amount BIGINT,"
        " missing VARCHAR[], rank INTEGER, places INTEGER);"
        "CREATE TABLE key_1 (unit_id UUID, k0 BIGINT, k1 BIGINT, missing VARCHAR[]);"
        "CREATE TABLE home (household_id UUID, area_number BIGINT, size BIGINT, weight DOUBLE)"
    )
    for number, (eligible, need, second) in claims.items():
        unit, lacking = str(UUID(int=number)), ["eligible"] if eligible is None else []
        unknown = [name for name, key in (("income", need), ("rooms", second)) if key is None]
        connection.execute(
            "INSERT INTO answer_kept VALUES (1, ?, ?, ?, NULL, ?, NULL, NULL)", [unit, unit, eligible, lacking]
        )
        connection.execute("INSERT INTO key_1 VALUES (?, ?, ?, ?)", [unit, need, second, unknown])
        connection.execute("INSERT INTO home VALUES (?, 1, 1, 1)", [unit])
    ranking.rank(connection, book(places, contested))
    rows = connection.execute("SELECT unit_id, outcome, rank, missing FROM answer_kept").fetchall()
    return {unit.int: (outcome, rank, tuple(missing)) for unit, outcome, rank, missing in rows}


def numbered(claims: list[tuple]) -> dict[int, tuple]:
    return dict(enumerate(claims, start=1))


def is_sure(claim: tuple) -> bool:
    return claim[0] is True and None not in claim[1:]


def possible(claim: tuple) -> list[tuple | None]:
    """Return how a claim may turn out: nobody, or a key to sort by."""
    eligible, need, second = claim
    if eligible is False:
        return [None]
    keys: list[tuple | None] = [(need, -second)] if None not in (need, second) else [(-9, 0), (9, 0)]
    return keys if eligible else [None, *keys]


def in_every_case(claims: dict[int, tuple], places: int, unit: int) -> bool | None:
    """Return whether a sure unit is within the places however the unknown turns out, or beyond; None where it depends."""
    found = set()
    for case in product(*(possible(each) for each in claims.values())):
        order = sorted((key, number) for number, key in zip(claims, case, strict=True) if key is not None)
        found.add([number for _, number in order].index(unit) < places)
    return found.pop() if len(found) == 1 else None


@PATIENT
@given(CLAIMS, st.integers(0, 5))
def test_held_places_are_decided_exactly_where_every_case_of_the_unknown_agrees(claims, places):
    claims = numbered(claims)
    found = ranked(claims, places, Contested.HOLD)
    assert found.keys() == claims.keys()
    for unit, claim in claims.items():
        if is_sure(claim):
            assert found[unit][0] is in_every_case(claims, places, unit)
        else:
            assert found[unit][:2] == (False if claim[0] is False else None, None)
        assert (found[unit][0] is None) == bool(found[unit][2])


@PATIENT
@given(CLAIMS, st.integers(0, 5))
def test_granted_places_go_to_the_sure_in_their_order_and_never_beyond_the_quota(claims, places):
    found = ranked(numbered(claims), places)
    sure = [unit for unit, claim in numbered(claims).items() if is_sure(claim)]
    assert sorted(found[unit][1] for unit in sure) == list(range(1, len(sure) + 1))
    assert {unit for unit in found if found[unit][0]} == {unit for unit in sure if found[unit][1] <= places}
    assert sum(1 for unit in sure if found[unit][0]) == min(places, len(sure))


@PATIENT
@given(CLAIMS, CLAIMS, st.integers(0, 5), st.sampled_from(Contested))
def test_the_unknown_never_displace_a_sure_one(claims, others, places, contested):
    """Whoever is added of whom something is unknown: no sure one gets a worse rank, and nobody a refusal for it."""
    before = numbered(claims)
    unknown = {
        100 + number: each for number, each in numbered(others).items() if each[0] is not False and not is_sure(each)
    }
    alone, together = ranked(before, places, contested), ranked(before | unknown, places, contested)
    for unit, claim in before.items():
        assert together[unit][1] == alone[unit][1]
        if contested is Contested.GRANT:
            assert together[unit][0] is alone[unit][0]
        elif is_sure(claim) and alone[unit][0]:
            assert together[unit][0] in (True, None)


@PATIENT
@given(CLAIMS, st.integers(0, 5), st.integers(0, 6), st.sampled_from(Contested))
def test_a_greater_need_never_worsens_a_rank(claims, places, who, contested):
    claims = numbered(claims)
    sure = [unit for unit, claim in claims.items() if is_sure(claim)]
    if not sure:
        return
    unit = sure[who % len(sure)]
    needier = claims | {unit: (True, claims[unit][1] - 1, claims[unit][2])}
    (was, rank, _), (then, higher, _) = (ranked(each, places, contested)[unit] for each in (claims, needier))
    worth = {False: 0, None: 1, True: 2}
    assert higher <= rank
    assert worth[then] >= worth[was]


@PATIENT
@given(CLAIMS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(claims, places, draw: Random):
    claims = numbered(claims)
    shuffled = list(claims.items())
    draw.shuffle(shuffled)
    assert ranked(dict(shuffled), places) == ranked(claims, places)


WEIGHTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 10**9), min_size=1)


@PATIENT
@given(st.integers(0, 10**6), st.integers(0, 100), WEIGHTS)
def test_seats_are_whole_and_sum_to_the_places_and_lie_within_one_of_the_exact_share(places, equal, weights):
    shares = (Share(equal), Share(100 - equal, tuple(sorted(weights.items()))))
    if not any(weights.values()):
        with pytest.raises(Refused, match="programmes-quota-without-weight"):
            seats(places, shares, weights)
        return
    found, total = seats(places, shares, weights), sum(weights.values())
    assert sum(found.values()) == places
    for area, given_seats in found.items():
        exact = places * (Fraction(equal, 100 * len(weights)) + Fraction((100 - equal) * weights[area], 100 * total))
        assert abs(given_seats - exact) < 1


def test_equal_remainders_get_the_last_places_in_the_order_of_their_codes():
    assert seats(2, (Share(100),), ["c", "a", "b"]) == {"a": 1, "b": 1, "c": 0}
    assert seats(4, (Share(25), Share(75, (("n", 1), ("s", 3)))), ["s", "n"]) == {"n": 1, "s": 3}


def test_numbers_fixed_by_area_are_kept_as_they_are():
    assert seats(10, (Share(100, (("n", 7), ("s", 3))),), ["n", "s"]) == {"n": 7, "s": 3}


def test_an_area_without_a_weight_is_refused():
    with pytest.raises(Refused, match="programmes-quota-area-without-weight"):
        seats(4, (Share(100, (("n", 1),)),), ["n", "s"])


def test_a_ranking_comes_back_from_the_database_as_it_went_in():
    quota = Quota("places", "region", (Share(25), Share(75, (("n", 1), ("s", 3)))))
    wanted = Ranking(KEYS, quota, Contested.HOLD)
    assert from_plain(as_plain(wanted)) == wanted
    assert from_plain(as_plain(None)) is None
