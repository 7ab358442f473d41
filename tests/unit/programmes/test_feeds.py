"""What other programmes' systems tell: each row accepted or set aside, each beneficiary found or kept, nothing counted twice."""

import json
import logging
import time
from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.kernel.errors import Refused
from amparo.programmes import models
from amparo.trust.keys.encryption import decrypt
from tests.unit.programmes.feeding import LEAST, PAID, person, reasons, rows, table, taken, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
HEAD = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since\n"
WHOLE = HEAD + (
    "A1 | 111-111 | Yara | Haddad | 1980-05-01 | n1 | cash_help | A | cash | 120.50 | 2026-03 | paid | direct | 2025-01-01\n"
    "A2 |         | Omar | Nasser | 1975-01-02 | n2 | food_help | A | in-kind |     | 2026-03 |      |        |\n"
    "A3 | 333-333 |      |        |            |    | cash_help | S | cash | 80.00  | 2026-03 | due  | member |\n"
)


def benefits() -> list[tuple]:
    """What counts: of each beneficiary, programme and month what the latest day told."""
    return rows(
        "SELECT DISTINCT ON (y.reference, b.scheme, b.period) y.reference, b.period, b.amount_minor, b.status"
        " FROM programmes_benefit b JOIN programmes_beneficiary y ON y.id = b.beneficiary_id"
        " ORDER BY y.reference, b.scheme, b.period, b.day DESC, b.id DESC"
    )


def found() -> dict[str, str]:
    return dict(rows("SELECT reference, found FROM programmes_beneficiary"))


def one(amount: str = "10.00", month: str = "2026-03", *, id: str = "111-111", state: str = "A", no: str = "A1") -> str:
    return table(HEAD + f"{no} | {id} | | | | | cash_help | {state} | cash | {amount} | {month} | | | ")


def test_whoever_holds_the_identifier_is_found_and_the_others_are_kept(tmp_path):
    yara = person("111111")
    receipt = taken(table(WHOLE), tmp_path)
    assert receipt["beneficiaries"] == {"identifier": 1, "decided": 0, "review": 1, "programme": 1}
    assert found() == {"A1": "identifier", "A2": "review", "A3": "programme"}
    assert rows("SELECT person_id FROM programmes_beneficiary WHERE reference = 'A1'") == [(yara,)]


def test_the_receipt_has_control_totals(tmp_path):
    receipt = taken(table(WHOLE), tmp_path)
    assert receipt["rows"] | {"unchanged": 0} == {
        "delivered": 3,
        "accepted": 3,
        "rejected": 0,
        "new": 3,
        "corrected": 0,
        "late": 0,
        "unchanged": 0,
    }
    assert receipt["amounts"] == [{"currency": "EUR", "decimals": 2, "rows": 3, "amount_minor": 120_50 + 80_00}]


def test_the_least_that_may_be_told_is_enough(tmp_path):
    person("111111")
    told = "id,state,amount,month\n111111,enrolled,12,2026-03\n222222,exited,12,2026-03\n"
    assert taken(told, tmp_path, feed=LEAST)["beneficiaries"] == {
        "identifier": 1,
        "decided": 0,
        "review": 0,
        "programme": 1,
    }
    assert taken(told + "\n", tmp_path, feed=LEAST)["rows"]["unchanged"] == 2
    assert rows("SELECT count(*) FROM programmes_beneficiary") == [(2,)]


def test_each_wrong_row_is_set_aside_with_its_reason_and_the_others_are_taken_in(tmp_path):
    wrong = [
        ("nobody-named", " | | | | | | cash_help | A | cash | 1 | 2026-03 | | | "),
        ("scheme-unknown", "B1 | | | | | | other | A | cash | 1 | 2026-03 | | | "),
        ("status-unknown", "B2 | | | | | | cash_help | enrolled | cash | 1 | 2026-03 | | | "),
        ("kind-unknown", "B3 | | | | | | cash_help | A | gold | 1 | 2026-03 | | | "),
        ("payment-unknown", "B4 | | | | | | cash_help | A | cash | 1 | 2026-03 | lost | | "),
        ("receiver-unknown", "B5 | | | | | | cash_help | A | cash | 1 | 2026-03 | | dog | "),
        ("period-unreadable", "B6 | | | | | | cash_help | A | cash | 1 | March | | | "),
        ("period-ahead", "B7 | | | | | | cash_help | A | cash | 1 | 2062-03 | | | "),
        ("amount-missing", "B8 | | | | | | cash_help | A | cash | | 2026-03 | | | "),
        ("birth-date-unreadable", "B9 | | | | 1980-13-01 | | cash_help | A | cash | 1 | 2026-03 | | | "),
        ("since-unreadable", "C1 | | | | | | cash_help | A | cash | 1 | 2026-03 | | | soon"),
        ("ragged", "C2 | | | cash_help | A"),
    ]
    receipt = taken(table(WHOLE + "\n".join(row for _, row in wrong)), tmp_path)
    assert reasons(receipt) == {reason: 1 for reason, _ in wrong}
    assert receipt["rows"]["accepted"] == 3
    told = {
        reason: line
        for line, found in rows("SELECT line, reasons FROM programmes_feedrejection")
        for reason in json.loads(found)
    }
    assert told == {reason: 5 + number for number, (reason, _) in enumerate(wrong)}


@pytest.mark.parametrize("amount", ["-1", "1.005", "1,50", "1e3", "twelve", "99999999999999"])
def test_an_amount_that_is_not_exactly_minor_units_is_set_aside(tmp_path, amount):
    receipt = taken(one().replace("10.00", f'"{amount}"'), tmp_path)
    assert reasons(receipt) == {"amount-unreadable": 1}
    assert benefits() == []


def test_a_file_with_a_wrong_heading_is_refused_whole(tmp_path):
    with pytest.raises(Refused) as refusal:
        taken(table(WHOLE).replace("amount", "sum"), tmp_path)
    assert refusal.value.message.id == "intake-column-missing"
    assert rows("SELECT count(*) FROM programmes_feeddelivery") == [(0,)]


def test_a_file_without_a_row_is_refused(tmp_path):
    with pytest.raises(Refused) as refusal:
        taken(table(HEAD), tmp_path)
    assert refusal.value.message.id == "programmes-feed-rows-missing"


def test_a_mapping_that_fits_nothing_takes_in_nothing_and_the_receipt_says_so(tmp_path):
    broken = replace(PAID, codes={"status": {"active": "enrolled"}})
    receipt = taken(table(WHOLE), tmp_path, feed=broken)
    assert receipt["rows"]["accepted"] == 0
    assert reasons(receipt) == {"status-unknown": 3}
    assert receipt["amounts"] == []


def test_a_mapping_with_another_scheme_finds_nobody_and_loses_nobody(tmp_path):
    person("111111")
    broken = replace(PAID, fixed={**PAID.fixed, "identifier_scheme": "passport"})
    receipt = taken(table(WHOLE), tmp_path, feed=broken)
    assert receipt["beneficiaries"]["identifier"] == 0
    assert sum(receipt["beneficiaries"].values()) == 3


def test_names_and_codes_of_any_signs_are_only_names_and_codes(tmp_path):
    odd = """a"b'c;--"""
    feed = replace(
        LEAST, columns={**LEAST.columns, "status": odd}, codes={"status": {odd: "enrolled", "') --": "exited"}}
    )
    quoted = '"' + odd.replace('"', '""') + '"'
    receipt = taken(f"id,{quoted},amount,month\n1,{quoted},12,2026-03\n2,') --,12,2026-03\n", tmp_path, feed=feed)
    assert receipt["rows"]["accepted"] == 2
    assert rows("SELECT status FROM programmes_benefit ORDER BY 1") == [("enrolled",), ("exited",)]


def test_the_same_file_twice_changes_nothing_and_gives_its_receipt_again(tmp_path):
    first = taken(table(WHOLE), tmp_path)
    assert taken(table(WHOLE), tmp_path) == {**first, "already_delivered": True}
    assert rows("SELECT count(*) FROM programmes_benefit") == [(3,)]
    assert len(written_of("feed-taken")) == 1


def test_what_was_told_before_counts_once_and_stands_as_what_both_deliveries_told(tmp_path):
    first = taken(one(), tmp_path)
    held = benefits()
    receipt = taken(one(), tmp_path, day=date(2026, 5, 10))
    assert receipt["rows"] == {**first["rows"], "new": 0, "unchanged": 1}
    assert benefits() == held
    assert rows("SELECT count(DISTINCT delivery_id), count(DISTINCT said), count(*) FROM programmes_benefit") == [
        (2, 1, 2)
    ]


def test_a_corrected_row_takes_the_place_of_the_one_before_it(tmp_path):
    taken(one("10.00"), tmp_path)
    receipt = taken(one("12.00"), tmp_path, day=date(2026, 5, 10))
    assert receipt["rows"]["corrected"] == 1
    assert benefits() == [("A1", date(2026, 3, 1), 12_00, "enrolled")]
    assert rows("SELECT count(*) FROM programmes_benefit") == [(2,)]  # both stay


def test_what_an_earlier_day_tells_late_is_kept_and_does_not_count(tmp_path):
    taken(one("12.00"), tmp_path, day=date(2026, 5, 10))
    receipt = taken(one("10.00", state="S"), tmp_path, day=date(2026, 4, 10))
    assert receipt["rows"]["late"] == 1
    assert benefits() == [("A1", date(2026, 3, 1), 12_00, "enrolled")]


def test_two_rows_of_one_month_that_agree_count_once_and_that_do_not_count_never(tmp_path):
    same = one("10.00") + one("10.00").splitlines()[1] + "\n"
    assert reasons(taken(same, tmp_path)) == {"repeated": 1}
    other = one("10.00", no="A2") + one("12.00", no="A2").splitlines()[1] + "\n"
    assert reasons(taken(other, tmp_path)) == {"contradicting": 2}
    assert benefits() == [("A1", date(2026, 3, 1), 10_00, "enrolled")]


def test_a_birth_date_that_contradicts_leaves_it_to_a_person(tmp_path):
    person("111111", born=date(1999, 9, 9))
    taken(table(WHOLE), tmp_path)
    assert found()["A1"] == "review"
    assert rows("SELECT person_id FROM programmes_beneficiary WHERE reference = 'A1'") == [(None,)]


def test_whoever_is_registered_later_is_found_by_the_next_delivery(tmp_path):
    taken(one(), tmp_path)
    assert found() == {"A1": "programme"}
    yara = person("111111")
    taken(one(month="2026-04"), tmp_path, day=date(2026, 5, 10))
    assert rows("SELECT person_id, told FROM programmes_beneficiary") == [(yara, None)]
    places = (
        "SELECT DISTINCT b.area_number = p.area_number FROM programmes_benefit b, registry_person p WHERE p.id = %s"
    )
    assert rows(places, yara) == [(True,)]


def test_a_row_without_an_identifier_does_not_lose_whom_an_earlier_one_found(tmp_path):
    yara = person("111111")
    taken(one(), tmp_path)
    taken(one(id="", month="2026-04"), tmp_path, day=date(2026, 5, 10))
    assert rows("SELECT person_id FROM programmes_beneficiary") == [(yara,)]


def test_benefits_go_along_when_whose_they_are_moves_or_is_hidden(tmp_path):
    yara = person("111111")
    taken(one(), tmp_path)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_person SET area_number = -area_number WHERE id = %s", [yara])
    assert rows("SELECT bool_and(area_number < 0) FROM programmes_benefit") == [(True,)]
    assert rows("SELECT bool_and(area_number < 0) FROM programmes_beneficiary") == [(True,)]


def test_what_was_told_is_never_changed_by_any_door(tmp_path):
    taken(one(), tmp_path)
    for statement in ("UPDATE programmes_benefit SET amount_minor = 1", "DELETE FROM programmes_benefit"):
        with pytest.raises(DatabaseError), transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(DatabaseError), transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM programmes_feeddelivery")


def test_no_identifier_or_name_lies_in_the_clear(tmp_path):
    taken(table(WHOLE), tmp_path)
    for kept in models.Beneficiary.objects.using("bulk").all():
        place = f"programmes_beneficiary.identifier:{kept.id}".encode()
        if kept.identifier is not None:
            assert decrypt("identity", kept.identifier, place).decode() in ("111111", "333333")
    dump = str(
        rows(
            "SELECT y::text, b::text FROM programmes_beneficiary y JOIN programmes_benefit b ON b.beneficiary_id = y.id"
        )
    )
    assert not any(each in dump for each in ("111111", "111-111", "Yara", "Nasser", "1975"))


def test_nothing_of_a_row_is_in_the_log_or_the_receipt(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        receipt = taken(
            table(WHOLE + "A9 | 999-999 | Zed | Zedd | x | n1 | cash_help | A | cash | 1 | 2026-03 | | | "), tmp_path
        )
    logged = str(written_of("feed-taken"))
    for each in ("111-111", "111111", "999999", "Yara", "Zed", "A9"):
        assert each not in caplog.text + str(receipt) + logged


def test_twenty_thousand_rows_take_seconds(tmp_path):
    text = "id,state,amount,month\n" + "".join(f"{number:09d},enrolled,12.50,2026-03\n" for number in range(20_000))
    started = time.monotonic()
    receipt = taken(text, tmp_path, feed=LEAST)
    assert receipt["amounts"][0]["amount_minor"] == 20_000 * 12_50
    assert time.monotonic() - started < 20  # on a machine that does other work; alone it is two
