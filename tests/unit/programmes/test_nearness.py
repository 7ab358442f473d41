"""Cut-offs moved by a tenth: whoever passes the moved rule and not the rule itself was near, whichever way it is written."""

from datetime import date

import pytest

from amparo.programmes import nearness
from amparo.programmes.catalogue import catalogue
from amparo.programmes.config import Unit
from amparo.programmes.inforce import InForce
from amparo.rules.check import check
from amparo.rules.engines.reference import evaluate
from amparo.rules.model.rule import ProgrammeRule
from amparo.rules.parameters import Parameters
from tests.lib.country import DICTIONARY

ON = date(2026, 4, 1)
NONE = Parameters(())


def programme(text: str) -> InForce:
    rule = check(text, catalogue(DICTIONARY), NONE, "household")
    return InForce(1, "drawn", Unit.HOUSEHOLD, 1, rule.hash, "law", ProgrammeRule(rule))


def told(text: str, *, rooms: int | None = None, ages: tuple[int, ...] = ()) -> tuple[bool | None, bool | None]:
    """Return what a rule says of a home, and what it says with its cut-offs moved."""
    members = [{"birth_date": date(ON.year - each, 1, 1)} for each in ages]
    record = {"household": {"rooms": rooms}, "members": members}
    of = programme(text)
    return tuple(
        evaluate(each.rule.outcome, record, on=ON, parameters=NONE)
        for each in (nearness.strict(of), nearness.relaxed(of, 2))
    )


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("household.rooms <= 10", 11, 12),
        ("household.rooms < 10", 10, 11),
        ("household.rooms >= 10", 9, 8),
        ("10 >= household.rooms", 11, 12),
        ("!(household.rooms > 10)", 11, 12),
        ("household.rooms >= 10 && household.rooms <= 20", 9, 8),
        ("household.rooms > 20 || household.rooms <= 10", 11, 12),
        ("household.rooms > 0 ? household.rooms <= 10 : false", 11, 12),
    ],
)
def test_within_a_tenth_is_near_and_beyond_it_is_not(text, near, far):
    assert told(text, rooms=near) == (False, True)
    assert told(text, rooms=far) == (False, False)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("members.exists(m, age(m.birth_date) >= 65)", 60, 58),
        ("household.size >= 1 && members.all(m, age(m.birth_date) <= 20)", 22, 23),
    ],
)
def test_what_is_asked_of_each_member_has_cut_offs_too(text, near, far):
    assert told(text, ages=(near,)) == (False, True)
    assert told(text, ages=(far,)) == (False, False)


@pytest.mark.parametrize("text", ["household.rooms == 10", "members.filter(m, age(m.birth_date) >= 0).size() >= 10"])
def test_what_has_no_tenth_stays_as_it_is(text):
    assert told(text, rooms=11, ages=(1,) * 9) == (False, False)


def test_nobody_is_near_by_what_is_not_known():
    assert told("household.rooms <= 10") == (None, None)


def test_whoever_passes_the_rule_passes_the_moved_one():
    assert told("!(household.rooms > 10)", rooms=10) == (True, True)
