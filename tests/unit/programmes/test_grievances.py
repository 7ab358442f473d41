"""Grievances that other programmes tell of: each accepted or set aside, counted once, corrected in order, and changed by nobody here."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.programmes import models
from amparo.programmes.actions import retract_feed
from amparo.programmes.config import GROUND
from amparo.programmes.feeds.mapping import FeedConfig, restored
from amparo.trust.types import system
from tests.unit.programmes.feeding import PAID, person, reasons, rows, taken, written_of
from tests.unit.programmes.grieving import GRIEVED, complained

pytestmark = pytest.mark.usefixtures("fresh_database")
ONE = "111-111 | cash_help | C-1 | MONEY | N | 2026-03-02 | "
ANSWERED = "111-111 | cash_help | C-1 | MONEY | Y | 2026-03-02 | 2026-04-20"
LATER = date(2026, 5, 10)


def held() -> list[tuple]:
    """What counts: of each grievance what the latest day told."""
    return rows(
        "SELECT DISTINCT ON (beneficiary_id, scheme, grievance) scheme, grievance, category, state, filed, closed"
        " FROM programmes_grievance ORDER BY beneficiary_id, scheme, grievance, day DESC, id DESC"
    )


def test_a_grievance_is_kept_as_told_with_whose_it_is_and_the_receipt_counts_states(tmp_path):
    yara = person("111111")
    other = "999-999 | food_help | C-1 | STAFF | X | 2026-02-01 | 2026-02-03"
    receipt = complained(ONE, other, folder=tmp_path)
    assert receipt["rows"]["new"] == 2
    assert receipt["states"] == {"dismissed": 1, "open": 1}
    assert receipt["beneficiaries"] == {"identifier": 1, "decided": 0, "review": 0, "programme": 1}
    assert sorted(held()) == [
        ("cash_help", "C-1", "unpaid", "open", date(2026, 3, 2), None),
        ("food_help", "C-1", "rude", "dismissed", date(2026, 2, 1), date(2026, 2, 3)),
    ]
    whose = "SELECT y.person_id FROM programmes_grievance g JOIN programmes_beneficiary y ON y.id = g.beneficiary_id WHERE g.scheme = 'cash_help'"
    assert rows(whose) == [(yara,)]


def test_each_wrong_row_is_set_aside_with_its_reason_and_the_others_are_taken_in(tmp_path):
    wrong = [
        ("nobody-named", " | cash_help | W1 | MONEY | N | 2026-03-02 | "),
        ("scheme-unknown", "1 | other | W2 | MONEY | N | 2026-03-02 | "),
        ("grievance-missing", "1 | cash_help | | MONEY | N | 2026-03-02 | "),
        ("category-unknown", "1 | cash_help | W3 | ABUSE | N | 2026-03-02 | "),
        ("state-unknown", "1 | cash_help | W4 | MONEY | lost | 2026-03-02 | "),
        ("filed-unreadable", "1 | cash_help | W5 | MONEY | N | March | "),
        ("filed-ahead", "1 | cash_help | W6 | MONEY | N | 2026-04-11 | "),
        ("closed-unreadable", "1 | cash_help | W7 | MONEY | Y | 2026-03-02 | soon"),
        ("closed-contradicting", "1 | cash_help | W8 | MONEY | Y | 2026-03-02 | 2026-03-01"),
    ]
    receipt = complained(ONE, *(row for _, row in wrong), folder=tmp_path)
    assert reasons(receipt) == {reason: 1 for reason, _ in wrong}
    assert receipt["rows"]["accepted"] == 1


@pytest.mark.parametrize(
    "row",
    [
        "1 | cash_help | C | MONEY | Y | 2026-03-02 | 2026-04-11",  # closed after the delivery's day
        "1 | cash_help | C | MONEY | N | 2026-03-02 | 2026-03-05",  # open, and closed
    ],
)
def test_an_end_that_cannot_be_is_set_aside(tmp_path, row):
    assert reasons(complained(row, folder=tmp_path)) == {"closed-contradicting": 1}
    assert held() == []


def test_a_number_that_is_too_long_is_none(tmp_path):
    assert reasons(complained(ONE.replace("C-1", "9" * 201), folder=tmp_path)) == {"grievance-missing": 1}


def test_two_rows_of_one_grievance_that_agree_count_once_and_that_do_not_count_never(tmp_path):
    assert reasons(complained(ONE, ONE, folder=tmp_path)) == {"repeated": 1}
    other = ONE.replace("C-1", "C-2"), ONE.replace("C-1", "C-2").replace("MONEY", "STAFF")
    assert reasons(complained(*other, folder=tmp_path)) == {"contradicting": 2}


def test_the_same_file_twice_changes_nothing_and_what_was_told_before_counts_once(tmp_path):
    first = complained(ONE, folder=tmp_path)
    assert complained(ONE, folder=tmp_path) == {**first, "already_delivered": True}
    assert complained(ONE, folder=tmp_path, day=LATER)["rows"]["unchanged"] == 1
    assert len(held()) == 1
    assert len(written_of("feed-taken")) == 2


def test_the_later_day_counts_in_whatever_order_they_come(tmp_path):
    complained(ANSWERED, folder=tmp_path, day=LATER)
    assert complained(ONE, folder=tmp_path)["rows"]["late"] == 1
    assert [each[3] for each in held()] == ["resolved"]
    reopened = complained(ONE, folder=tmp_path, day=date(2026, 5, 11))
    assert reopened["rows"]["corrected"] == 1
    assert [each[3] for each in held()] == ["open"]


def test_a_delivery_taken_back_takes_its_grievances_and_whom_nobody_else_tells_of(tmp_path):
    complained(ONE, folder=tmp_path)
    receipt = complained(ANSWERED, folder=tmp_path, day=LATER)
    gone = retract_feed(receipt["delivery"], reason="The wrong file.", by=system("test"), under=GROUND)
    assert (gone["rows"], gone["beneficiaries"]) == (1, 0)
    assert [each[3] for each in held()] == ["open"]
    [(first,)] = rows("SELECT delivery_id FROM programmes_grievance")
    assert retract_feed(first, reason="That too.", by=system("test"), under=GROUND)["beneficiaries"] == 1
    assert rows("SELECT count(*) FROM programmes_beneficiary") == [(0,)]


def test_it_goes_along_when_whose_it_is_moves_or_is_hidden(tmp_path):
    yara = person("111111")
    complained(ONE, folder=tmp_path)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_person SET area_number = -area_number WHERE id = %s", [yara])
    assert rows("SELECT bool_and(area_number < 0) FROM programmes_grievance") == [(True,)]


def test_whoever_is_registered_later_is_found_by_the_next_delivery(tmp_path):
    complained(ONE, folder=tmp_path)
    assert rows("SELECT area_number FROM programmes_grievance") == [(None,)]
    person("111111")
    complained(ONE, folder=tmp_path, day=LATER)
    assert rows("SELECT count(*) FROM programmes_grievance WHERE area_number IS NULL") == [(0,)]


def test_what_was_told_is_never_changed_by_any_door(tmp_path):
    complained(ONE, folder=tmp_path)
    for statement in ("UPDATE programmes_grievance SET state = 'resolved'", "DELETE FROM programmes_grievance"):
        with pytest.raises(DatabaseError), transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
            cursor.execute(statement)


def test_no_case_opens_by_a_grievance_and_nothing_of_a_row_is_in_the_log(tmp_path):
    person("111111")
    receipt = complained(ONE, folder=tmp_path)
    assert rows("SELECT count(*) FROM cases_case") == [(0,)]
    assert not any(each in str(receipt) + str(written_of("feed-taken")) for each in ("111111", "C-1"))


def test_what_was_delivered_before_there_were_grievances_is_known_again(tmp_path):
    """A key that a feed does not use is no part of what tells one of its deliveries from another."""
    plain = {name: each for name, each in vars(PAID).items() if name != "categories"}
    assert restored({**plain, "kind": "benefits"}).digest_of("x", "y") == PAID.digest_of("x", "y")
    assert FeedConfig(**{**plain, "categories": ("unpaid",)}).digest_of("x", "y") != PAID.digest_of("x", "y")


def test_a_system_tells_of_grievances_beside_what_it_pays(tmp_path):
    yara = person("111111")
    taken("no,id,what,state,kind,amount,month\nA1,111-111,cash_help,A,cash,10,2026-03\n", tmp_path,
          feed=replace(PAID, columns={k: v for k, v in PAID.columns.items() if v in ["no", "id", "what", "state", "kind", "amount", "month"]}))  # fmt: skip
    complained(ONE, folder=tmp_path)
    whose = models.Beneficiary.objects.using("bulk").order_by("feed").values_list("feed", "person_id")
    assert list(whose) == [(GRIEVED.code, yara), (PAID.code, yara)]
