"""Whose word holds, and when nobody's does (VIR-6)."""

from datetime import date

import pytest

from amparo.registry.dictionary import Field, Type
from amparo.sources.combining import combined
from amparo.sources.types import FileValue, Lost, Reason
from tests.lib.country import USED

TODAY = date(2026, 11, 30)
FIELD = Field("wage", "person", Type.MONEY, precedence=("tax", "pensions"), **USED)


def said(source: str, value: int, day: date = date(2026, 11, 1), **more) -> FileValue:
    return FileValue(value, source, day, **more)


def holds(*values: FileValue, missing=None, **settings):
    found = combined(FIELD, values, missing or {}, on=TODAY, **settings)
    return found.value and found.value.value, [(each.source, why) for each, why in found.losing]


def test_the_source_that_comes_first_is_believed_whoever_spoke_later():
    found = holds(said("pensions", 2, date(2026, 11, 29)), said("tax", 1), said("census", 3))
    assert found == (1, [("pensions", Lost.OUTRANKED), ("census", Lost.OUTRANKED)])


def test_of_sources_that_are_not_named_the_later_is_believed():
    assert holds(said("census", 3), said("office", 4, date(2026, 11, 2))) == (4, [("census", Lost.OLDER)])


def test_what_is_past_its_last_day_is_unknown_and_stays_with_its_reason():
    old = said("tax", 1, date(2020, 1, 1), valid_until=date(2021, 1, 1))
    assert holds(old, said("census", 3)) == (3, [("tax", Lost.OUTDATED)])
    assert holds(old) == (None, [("tax", Lost.OUTDATED)])
    assert holds(said("tax", 1, is_outlived=True)) == (None, [("tax", Lost.OUTDATED)])


@pytest.mark.parametrize("why", sorted(set(Reason) - {Reason.NOT_COVERED, Reason.NO_KEY}))
def test_nobodys_word_holds_while_one_that_comes_first_was_asked_and_did_not_tell(why):
    assert holds(said("pensions", 2), missing={"tax": why}) == (None, [("pensions", Lost.UNCERTAIN)])
    assert holds(said("tax", 1), missing={"pensions": why}) == (1, [])
    assert holds(said("census", 3), missing={"office": why}) == (None, [("census", Lost.UNCERTAIN)])


@pytest.mark.parametrize("why", [Reason.NOT_COVERED, Reason.NO_KEY])
def test_one_that_may_not_be_asked_changes_nothing(why):
    assert holds(said("pensions", 2), missing={"tax": why}) == (2, [])


def test_a_source_may_leave_the_word_to_the_next_where_it_does_not_know_the_person():
    for why in (Reason.NOBODY, Reason.SILENT):
        assert holds(said("pensions", 2), missing={"tax": why}, yielding={"tax"}) == (2, [])
    assert holds(said("pensions", 2), missing={"tax": Reason.DOWN}, yielding={"tax"})[0] is None


def test_where_nobody_says_anything_it_is_unknown():
    assert holds() == (None, [])
    assert holds(missing={"tax": Reason.SLOW}) == (None, [])
