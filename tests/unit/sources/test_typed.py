"""What a source said becomes a typed value, or the reason why there is none; never a value that it may not have meant (VIR-1)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from amparo.registry.dictionary import Field, FieldClass, Type
from amparo.sources.connectors.raw import Raw
from amparo.sources.typed import answer_of, typed
from amparo.sources.types import Attribute, Caching, ConnectionConfig, Question, Reason
from tests.lib.country import USED
from tests.unit.sources.setting import WORDS

TODAY = date(2026, 11, 30)
LAND = Field("land", "person", Type.NUMBER, unit="hectares", minimum=0, **USED)
KNOWN = replace(
    WORDS,
    fields=(*WORDS.fields, LAND, Field("born", "person", Type.DATE, field_class=FieldClass.SITUATION, **USED)),
    _by_key={},
)


def of(said, name: str = "wage", **attribute):
    one = Attribute(name, "/x", Caching.NONE, **attribute)
    return typed(Raw({name: said}), one, KNOWN)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("512.50", 51_250),
        (Decimal("512.5"), 51_250),
        (512, 51_200),
        (0, 0),
        ("512.505", Reason.MALFORMED),  # more exact than money is
        ("512,50", Reason.MALFORMED),
        ("٥١٢", Reason.MALFORMED),
        ("", Reason.MALFORMED),
        ("1e400000", Reason.MALFORMED),
        (True, Reason.MALFORMED),
        (-1, Reason.MALFORMED),
        (100_000.01, Reason.MALFORMED),  # past the field's limit
        ([512], Reason.MALFORMED),
        ({"amount": 512}, Reason.MALFORMED),
        (None, Reason.SILENT),
    ],
)
def test_money_is_exact_or_unknown(said, found):
    assert of(said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [(True, True), (False, False), ("true", Reason.MALFORMED), (1, Reason.MALFORMED), (None, Reason.SILENT)],
)
def test_yes_and_no_are_said_as_such(said, found):
    assert of(said, "insured") is found


def test_codes_are_translated_and_an_unknown_one_is_drift():
    codes = {"N": "none", "1": "primary", "true": "primary"}
    assert of("N", "level", codes=codes) == "none"
    assert of(1, "level", codes=codes) == "primary"
    assert of(True, "level", codes=codes) == "primary"
    assert of("Z", "level", codes=codes) is Reason.DRIFT
    assert of("primary", "level") == "primary"
    assert of("tertiary", "level") is Reason.MALFORMED


def test_units_are_converted_exactly():
    assert of(25_000, "land", factor="0.0001") == 2.5
    assert of("12", "wage", factor="1000") == 12_000_00


def test_days_are_written_one_way():
    assert of("1986-02-28", "born") == date(1986, 2, 28)
    for said in ("1986-02-30", "28.02.1986", "19860228", 19860228, "1986-W09-5"):
        assert of(said, "born") is Reason.MALFORMED


def test_a_place_that_is_missing_is_drift():
    assert typed(Raw({}), Attribute("wage", "/x", Caching.NONE), KNOWN) is Reason.DRIFT


def test_the_day_of_an_answer_is_held_against_what_was_agreed():
    one = Attribute("wage", "/x", Caching.NONE)
    config = ConnectionConfig("tax", "tax_office", "told", "rest", "national_id", (one,), fresh_days=60)

    def answer(day, config=config):
        return answer_of(Raw({"wage": 1}, has_day=True, day=day), Question("1", (one,)), config, KNOWN, on=TODAY)

    assert answer("2026-10-01").observed_on == date(2026, 10, 1)
    assert answer("2026-09-30").reasons == {"wage": Reason.STALE}
    assert answer("2026-12-01").reasons == {"wage": Reason.MALFORMED}
    assert answer(None).reasons == {"wage": Reason.MALFORMED}
    assert answer("1990-01-01", replace(config, fresh_days=None)).values == {"wage": 100}


def test_no_value_and_no_number_stands_in_what_is_printed():
    one = Attribute("wage", "/x", Caching.NONE)
    config = ConnectionConfig("tax", "tax_office", "told", "rest", "national_id", (one,))
    raw, question = Raw({"wage": "512.50"}), Question("10000001", (one,))
    answer = answer_of(raw, question, config, KNOWN, on=TODAY)
    assert answer.values == {"wage": 51_250}
    for printed in map(repr, (raw, question, answer)):
        assert "512" not in printed
        assert "10000001" not in printed
