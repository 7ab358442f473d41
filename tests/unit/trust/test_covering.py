"""What an agreement covers: each thing that must hold, one at a time (C1, C2, PRV-3, PRV-4)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.trust.covering import (
    Agreement,
    Comparison,
    Covered,
    Direction,
    FieldTerm,
    Given,
    Period,
    Refusal,
    Request,
    State,
    covers,
    first_day,
)
from tests.lib.agreeing import TERMS

DAY = date(2026, 6, 15)
BORN = FieldTerm("person", "birth_date")
POOR = FieldTerm("household", "income", Given.TEST, (20_000,), Comparison.AT_MOST)
RICH = FieldTerm("household", "income", Given.BAND, (10_000, 20_000))
AGREEMENT = Agreement(
    id=UUID(int=1),
    code="pension_status",
    version=1,
    terms=replace(
        TERMS, fields=(BORN, POOR), areas=("north", "s1"), exchanges=2, volume=500, identifiers=("national_id",)
    ),
    state=State.IN_FORCE,
    ranges=((10, 19), (30, 30)),
)
REQUEST = Request(
    consumer="pensions",
    direction=Direction.OUT,
    purpose="registration",
    fields=(("person", "birth_date"), ("household", "income")),
    areas=((10, 19),),
    records=100,
    identifiers=("national_id",),
)


def reason(agreement: Agreement = AGREEMENT, on: date = DAY, **changes) -> str:
    answer = covers(agreement, replace(REQUEST, **changes), on)
    return answer.reason.id if isinstance(answer, Refusal) else "covered"


def test_a_request_within_its_agreement_gets_each_field_in_the_form_agreed():
    answer = covers(AGREEMENT, REQUEST, DAY)
    assert isinstance(answer, Covered)
    assert answer.fields == (BORN, POOR)
    assert (answer.areas, answer.identifiers, answer.records) == (((10, 19),), ("national_id",), 100)


@pytest.mark.parametrize("state", [each for each in State if each is not State.IN_FORCE])
def test_only_an_agreement_in_force_covers_anything(state):
    assert reason(replace(AGREEMENT, state=state)) == "trust-agreement-not-in-force"


def test_it_covers_its_first_and_its_last_day_and_no_day_around_them():
    for day, expected in (
        (date(2025, 12, 31), "trust-agreement-not-begun"),
        (date(2026, 1, 1), "covered"),
        (date(2099, 12, 31), "covered"),
        (date(2100, 1, 1), "trust-agreement-expired"),
    ):
        assert reason(on=day) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"consumer": "water"}, "trust-agreement-of-others"),
        ({"direction": Direction.IN}, "trust-agreement-of-others"),
        ({"purpose": "research"}, "trust-agreement-other-purpose"),
        ({"fields": ()}, "trust-agreement-nothing-asked"),
        ({"fields": (("person", "birth_date"), ("person", "sex"))}, "trust-agreement-field-not-covered"),
        ({"fields": (("household", "birth_date"),)}, "trust-agreement-field-not-covered"),
        ({"identifiers": ("passport",)}, "trust-agreement-no-identifier"),
        ({"identifiers": ()}, "covered"),
        ({"areas": ()}, "trust-agreement-other-population"),
        ({"areas": ((10, 19), (30, 30))}, "covered"),
        ({"areas": ((10, 19), (40, 49))}, "trust-agreement-other-population"),
        ({"areas": ((10, 20),)}, "trust-agreement-other-population"),
        ({"areas": ((12, 15),)}, "trust-agreement-other-population"),  # a part would tell where somebody lives
        ({"programme": "grant"}, "trust-agreement-other-population"),  # it would tell who is in it
        ({"exchanges_so_far": 1}, "covered"),
        ({"exchanges_so_far": 2}, "trust-agreement-too-often"),
        ({"exchanges_so_far": 2, "is_continued": True}, "covered"),
        ({"records_so_far": 400}, "covered"),
        ({"records_so_far": 401}, "trust-agreement-too-many"),
        ({"records": 0}, "trust-agreement-too-many"),
        ({"records": -5}, "trust-agreement-too-many"),
        ({"records_so_far": -100, "records": 600}, "trust-agreement-too-many"),
    ],
)
def test_one_thing_that_does_not_hold_refuses_the_whole_request(changes, expected):
    assert reason(**changes) == expected


def test_an_agreement_about_a_programme_is_asked_for_by_it():
    about = replace(AGREEMENT, terms=replace(AGREEMENT.terms, programme="grant"))
    assert reason(about) == "trust-agreement-other-population"
    assert reason(about, programme="grant") == "covered"


def test_the_refusal_names_what_is_not_covered():
    answer = covers(AGREEMENT, replace(REQUEST, fields=(("person", "sex"), ("person", "birth_date"))), DAY)
    assert answer.reason.values == {"agreement": "pension_status", "fields": "person.sex"}


@pytest.mark.parametrize(
    ("field", "is_sound"),
    [
        (BORN, True),
        (POOR, True),
        (RICH, True),
        (replace(BORN, limits=(1,)), False),
        (replace(POOR, limits=()), False),
        (replace(POOR, limits=(1, 2)), False),
        (replace(POOR, comparison=None), False),
        (replace(RICH, limits=()), False),
        (replace(RICH, limits=(2, 1)), False),
        (replace(RICH, limits=(1, 1)), False),
        (replace(RICH, limits=("a", "b")), False),
        (replace(RICH, limits=(float("nan"),)), False),
        (replace(RICH, limits=(1, date(2026, 1, 1))), False),
        (replace(RICH, limits=(date(2000, 1, 1), date(2010, 1, 1))), True),
    ],
)
def test_limits_fit_how_a_field_is_given(field, is_sound):
    assert field.is_sound is is_sound


def test_a_field_with_broken_limits_is_not_covered_however_it_came_into_an_agreement():
    broken = replace(AGREEMENT, terms=replace(AGREEMENT.terms, fields=(BORN, replace(POOR, limits=()))))
    assert reason(broken) == "trust-agreement-field-not-covered"


def test_what_is_asked_of_a_person_changes_with_what_is_handed_over_and_with_nothing_else():
    terms = AGREEMENT.terms
    same = replace(terms, starts_on=date(2027, 1, 1), volume=9, retention_days=1, fields=(POOR, BORN))
    assert same.asked_under("a") == terms.asked_under("a") != terms.asked_under("b")
    for other in (
        {"fields": (BORN,)},
        {"fields": (BORN, RICH)},
        {"fields": (BORN, replace(POOR, limits=(20_001,)))},
        {"purpose": "research"},
        {"consumer": "water"},
        {"identifiers": ()},
        {"programme": "grant"},
    ):
        assert replace(terms, **other).asked_under("a") != terms.asked_under("a")


def test_a_period_begins_where_the_calendar_says():
    assert [first_day(each, date(2026, 11, 29)) for each in Period] == [
        date(2026, 11, 29),
        date(2026, 11, 1),
        date(2026, 10, 1),
        date(2026, 1, 1),
    ]


@given(st.data())
def test_who_asks_for_less_is_never_refused_where_more_was_covered(data):
    answer = covers(AGREEMENT, REQUEST, DAY)
    less = replace(
        REQUEST,
        fields=tuple(data.draw(st.lists(st.sampled_from(REQUEST.fields), min_size=1, unique=True))),
        identifiers=tuple(data.draw(st.lists(st.sampled_from(REQUEST.identifiers), unique=True))),
        records=data.draw(st.integers(1, REQUEST.records)),
    )
    smaller = covers(AGREEMENT, less, DAY)
    assert isinstance(smaller, Covered)
    assert set(smaller.fields) <= set(answer.fields)
    assert set(smaller.identifiers) <= set(answer.identifiers)
