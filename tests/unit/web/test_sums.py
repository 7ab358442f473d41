"""The printed arithmetic, done again from what is printed and nothing else (ELI-5)."""

import re
from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from random import Random
from types import SimpleNamespace

import pytest

from amparo.profiles.languages import say, written
from amparo.registry.dictionary import Dictionary
from amparo.rules.model.rule import RuleRefused
from amparo.rules.trace import explain
from amparo.web.explaining import Teller
from amparo.web.sums import Sum, reckoned
from tests.lib.rules.households import complete_records, records
from tests.lib.rules.tables import units
from tests.lib.rules.world import PARAMETERS, TODAY, rule
from tests.lib.rules.writing import a_rule, an_amount

CUT = Decimal("0.000002")  # a number of six decimals may have been cut on a line before
_NUMBER = r"-?\d{1,3}(?:,\d{3})*(?:\.\d+)?"


def teller(text: str, record: dict, *, gives: str = "boolean", unit: str = "household") -> Teller:
    told = explain(rule(text, gives=gives, unit=unit), record, on=TODAY, parameters=PARAMETERS)
    numbered = [(place, place + 1) for place in range(len(record["members"]))]
    nothing = SimpleNamespace(clauses=())
    traces = {"trace": told, "amount_trace": None} if gives == "boolean" else {"trace": nothing, "amount_trace": told}
    why = SimpleNamespace(
        group=None, members=numbered, input=lambda *named: None, **traces
    )  # what a trace alone can tell
    return Teller(why, Dictionary(currency="EUR", fields=()))  # type: ignore[arg-type]


def lines(text: str, record: dict, **settings) -> list[Sum]:
    rule, amount = reckoned(teller(text, record, **settings))
    return [*rule, *amount]


def number(words: str) -> Decimal:
    return Decimal(words.replace(",", "").strip("()"))


def redo(printed: str) -> tuple[Decimal, Decimal, Decimal]:
    """Return what a printed line comes to by hand, what it says it comes to, and how far the two may lie apart."""
    left, equals, result = re.fullmatch(rf"(.*) ([=≈]) ({_NUMBER})", printed).groups()
    numbers = [number(each) for each in re.findall(_NUMBER, re.sub(r" [−-] ", " ~ ", left))]
    if mean := re.fullmatch(r"\((.*)\) ÷ (\d+)", left):
        made = sum(number(each) for each in mean[1].split(" + ")) / number(mean[2])
    elif left.startswith("the "):
        made = (min if "smallest" in left else max)(number(each) for each in left.split(" of ")[1].split(", "))
    elif left.startswith("what is left"):
        made = numbers[0] % numbers[1]
    elif " ÷ " in left:
        made = numbers[0] / numbers[1]
    elif " × " in left:
        made = numbers[0] * numbers[1]
    elif " − " in left:
        made = numbers[0] - numbers[1]
    else:
        made = sum(numbers)
    is_cut = equals == "≈" or any(-each.as_tuple().exponent >= 5 for each in numbers)
    largest = max(abs(each) for each in [*numbers, Decimal(1)])
    # A double has sixteen digits: beyond these the paper knows better than the machine.
    slack = CUT * largest * (1 + abs(made)) if is_cut else abs(made) * Decimal("1e-14")
    return made, number(result), slack


ROUNDED = {
    "web-why-rounded": ROUND_HALF_UP,
    "web-why-rounded-half-even": ROUND_HALF_EVEN,
    "web-why-rounded-down": ROUND_FLOOR,
    "web-why-rounded-up": ROUND_CEILING,
    "web-why-rounded-trunc": ROUND_DOWN,
}


def redo_rounding(printed: str, way: str) -> None:
    """To whole numbers, to whole cents, or to a multiple; beside a boundary a number that was cut tells nothing."""
    first, result, *multiple = map(number, re.findall(_NUMBER, printed))
    unit = multiple[0] if multiple else Decimal(1).scaleb(-2 if "." in printed.split(" → ")[1] else 0)
    with localcontext(prec=700):
        made = [((first + shift) / unit).quantize(Decimal(1), rounding=way) * unit for shift in (-CUT, 0, CUT)]
        is_cut = -first.as_tuple().exponent >= 6 or abs(first) > 10**14
        assert result in made if is_cut else result == made[1], printed


def test_an_income_for_each_head_is_divided_and_held_against_the_line():
    divided, held = lines(
        "household.size >= 1 && household.income / household.size <= param.poverty_line",
        {"household": {"income": 10_000}, "members": [{}, {}, {}]},
    )[1:]
    assert say(divided.reckoning) == "100.00 ÷ 3 ≈ 33.333333"
    assert say(held.words).startswith("line 2 (EUR 33.333333 a month)")
    assert say(held.reckoning) == "33.333333 ≤ 100.00"
    assert (held.holds, say(held.note)) == (True, "€66.67 a month below the limit.")


def test_each_member_who_counts_stands_on_a_line_and_the_amount_follows():
    record = {
        "household": {},
        "members": [
            {"birth_date": date(2020, 1, 1)},
            {"birth_date": date(1980, 1, 1)},
            {"birth_date": date(2015, 1, 1)},
        ],
    }
    found = lines(
        "math.least(members.filter(m, age(m.birth_date) < param.child_age).size(), 1) * param.child_benefit",
        record,
        gives="money",
    )
    assert [each.holds for each in found[:3]] == [True, False, True]
    assert "the age of somebody born on January 1, 2020 (4 years) is less than" in say(found[0].words)
    assert say(found[3].reckoning) == "1 + 0 + 1 = 2"
    assert say(found[4].reckoning) == "the smallest of 2, 1 = 1"
    assert say(found[5].reckoning) == "1 × 30.00 = 30.00"
    assert written(found[5].result, "en") == "€30.00 a month"


def test_a_condition_within_another_stands_in_brackets_and_a_list_of_one_names_its_line():
    record = {"household": {}, "members": [{"birth_date": date(1980, 1, 1), "disabled": False}]}
    first, last = lines("members.exists(m, m.disabled || age(m.birth_date) > 9 && age(m.birth_date) < 99)", record)
    assert "; (all of these are needed: " in say(first.words)
    assert say(first.words).endswith("– yes)")
    assert say(last.words).endswith("(line 1)")


def test_what_lies_below_zero_stands_in_brackets_behind_a_sign():
    (line, *_) = lines("household.rooms + (0 - 3) > 0", {"household": {"rooms": 2}, "members": []})[1:]
    assert say(line.reckoning) == "2 + (-3) = -1"


def test_a_line_of_which_something_is_not_known_reckons_nothing():
    (line, *_) = lines("household.income * 2 < param.poverty_line", {"household": {}, "members": []})
    assert (line.result, line.reckoning) == (None, "")


@pytest.mark.parametrize("seed", range(6))
def test_every_printed_line_done_again_by_hand_comes_to_what_is_printed(seed):
    draw, redone, held, rounded = Random(seed), 0, 0, 0
    for _ in range(60):
        unit, gives = draw.choice(["household", "person"]), draw.choice(["boolean", "money"])
        text = a_rule(draw, unit) if gives == "boolean" else an_amount(draw, unit)
        try:
            rule(text, unit=unit, gives=gives)
        except RuleRefused:
            continue
        for _, record in units(complete_records(draw, 3), unit):
            for line in lines(text, record, gives=gives, unit=unit):
                printed = written(line.reckoning, "en")
                if re.search(r" [=≈] ", printed) and not line.is_condition:
                    with localcontext(prec=700):
                        made, result, slack = redo(printed)
                        assert abs(made - result) <= slack, printed
                    redone += 1
                elif printed and (way := ROUNDED.get(line.words.id.removesuffix("-to"))):
                    redo_rounding(printed, way)
                    rounded += 1
                elif line.is_condition and printed:
                    left, sign, right = printed.rpartition(" ")[0].rpartition(" ")[0], *printed.split(" ")[-2:]
                    a, b = number(left), number(right)
                    if abs(a - b) > CUT and max(abs(a), abs(b)) < 10**14:
                        answer = {"<": a < b, "≤": a <= b, ">": a > b, "≥": a >= b, "=": a == b, "≠": a != b}[sign]
                        assert answer is line.holds, printed
                        held += 1
    assert redone > 30
    assert held > 20
    assert rounded > 0


@pytest.mark.parametrize("seed", range(3))
def test_every_rule_has_lines_whatever_is_missing_and_the_last_is_its_answer(seed):
    """No construct of the language is without lines, in any language of the product."""
    draw, told = Random(100 + seed), 0
    for _ in range(60):
        text = an_amount(draw)
        try:
            asked = rule(text, gives="money")
        except RuleRefused:
            continue
        for record in records(draw, 3):
            *_, last = lines(text, record, gives="money")
            answer = explain(asked, record, on=TODAY, parameters=PARAMETERS).value
            assert (last.result is None) == (answer is None) or "between" in written(last.result, "en")
            for language in ("en", "ar"):
                assert written(last.words, language)
            told += 1
    assert told > 60
