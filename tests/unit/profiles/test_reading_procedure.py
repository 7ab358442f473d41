"""A programme's procedure as its file states it."""

import pytest

from amparo.profiles.places import Fault, top
from amparo.profiles.reading.procedure import read_procedure
from amparo.programmes.procedure import APPEAL_DAYS, Procedure


def read(**stated) -> Procedure:
    return read_procedure(top("programmes/x.toml", {"procedure": stated} if stated else {}))


def test_a_programme_that_states_nothing_lets_nothing_for_the_worse_take_effect():
    assert read() == Procedure(notice_days=None, needs_approval=False, needs_review=False, appeal_days=APPEAL_DAYS)


def test_what_is_stated_is_read():
    assert read(law="law-x", approval=True, review=True, notice_days=30, appeal_days=90) == Procedure(
        law="law-x", needs_approval=True, needs_review=True, notice_days=30, appeal_days=90
    )


@pytest.mark.parametrize("wrong", [{"notice_days": 0}, {"appeal_days": -1}, {"notice_days": 99_999}, {"other": 1}])
def test_no_days_at_all_and_unknown_keys_are_refused(wrong):
    with pytest.raises(Fault):
        read(law="law-x", **wrong)


def test_what_it_says_of_appeals_is_read_and_is_silent_where_nothing_is_said():
    assert (read(law="law-x").appeal_suspends, read(law="law-x").answer_days) == (False, None)
    said = read(law="law-x", appeal_suspends=True, answer_days=45)
    assert (said.appeal_suspends, said.answer_days) == (True, 45)


def test_a_procedure_without_a_law_is_refused():
    with pytest.raises(Fault):
        read(notice_days=30)


def test_it_comes_back_from_the_table_as_it_was():
    from amparo.programmes.procedure import restored

    stated = Procedure(law="law-x", notice_days=3, needs_review=True)
    assert restored(stated.kept()) == stated
