"""Steps in words: every function of the rule language is said, with the values it met (ELI-6)."""

from types import SimpleNamespace

import pytest

from amparo.profiles.languages import say
from amparo.registry.dictionary import Dictionary
from amparo.rules.trace import explain
from amparo.web.explaining import Teller
from amparo.web.explaining_functions import CALLED
from tests.lib.rules.world import PARAMETERS, TODAY, rule

DICTIONARY = Dictionary(currency="EUR", vocabularies=(), fields=())
NO_GROUP = SimpleNamespace(group=None)  # all that a phrase asks of an explanation
HOME = {"household": {"income": 25000, "rooms": 2, "area": 40.5, "village": "Alta"}, "members": [{}]}


def said(text: str, language: str = "en") -> str:
    """Return in words the left side of a comparison, or the whole of another condition."""
    root = explain(rule(f"household.size >= 1 && {text}"), HOME, on=TODAY, parameters=PARAMETERS).root.parts[1]
    teller = Teller(NO_GROUP, DICTIONARY)  # type: ignore[arg-type]
    return say(teller.phrase(root.parts[0] if root.what == "compare" else root), language)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ceil_to(household.income * 0.35, param.coin) > 0", "rounded up to a multiple of"),
        ("half_even(household.income * 0.35) > 0", "rounded (a half goes to the even number)"),
        ("math.trunc(household.area) > 0.0", "without what follows the point"),
        ("exp(household.area / 10, 2) > 0.0", "the exponential (e to the power) of"),
        ("months_between(household.registered, decision_day) > 2", "the completed months from"),
        ('add_months(date("2024-01-31"), 1) > decision_day', "the day 1 month after January 31, 2024"),
        ("year(decision_day) > 2", "the year of the day of the decision (March 1, 2024)"),
        ('household.village.startsWith("Al")', "begins with “Al”"),
        (
            "household.?registered.orValue(decision_day) > param.opened",
            "the rule says to count the day of the decision",
        ),
        ("members.exists_one(m, m.disabled)", "Exactly one person in the household meets this:"),
    ],
)
def test_a_function_is_said_with_what_it_was_asked_of(text, words):
    assert words in said(text)


@pytest.mark.parametrize(
    ("text", "is_bracketed"),
    [
        ("math.least(household.rooms, 3) * param.coin > 0", True),
        ("(household.rooms + 1) * 2 > 0", True),
        ("household.rooms + 1 > 0", False),
        ("household.rooms + 1 + 2 > 0", False),
        ("math.least(household.rooms, 3) > 0", False),
    ],
)
def test_what_is_reckoned_first_stands_in_brackets(text, is_bracketed):
    assert said(text).startswith("(") == is_bracketed


def test_a_default_that_was_not_needed_is_not_mentioned():
    assert "instead" not in said("household.?rooms.orValue(7) > 1")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("id", sorted(set(CALLED.values())))
def test_every_function_has_words(id, language):
    from amparo.kernel.messages import message

    assert say(message(id, first="X", second="Y"), language) != id


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("household.income / 3 <= household.income", "€166.67 a month below the limit."),
        ("household.income / 3 <= math.floor(household.income / 3)", "€0.01 a month above the limit."),
    ],
)
def test_money_in_a_distance_is_told_in_the_smallest_coin(text, words):
    root = explain(rule(f"household.size >= 1 && {text}"), HOME, on=TODAY, parameters=PARAMETERS).root.parts[1]
    assert say(Teller(NO_GROUP, DICTIONARY).far(root), "en") == words  # type: ignore[arg-type]
