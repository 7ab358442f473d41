"""Lists over the API: who takes part in a programme and what it pays, for its own system, under its agreement (IBR-8, PRV-2)."""

import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.payments.types import RailKind
from amparo.trust import context
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.models import Audit, Exchange
from tests.lib import agreeing, country, machines, paying
from tests.lib.agreeing import in_force, stop
from tests.lib.dci import member_of
from tests.lib.paying import CYCLE

ENROLMENT = tuple(FieldTerm("enrolment", name) for name in ("state", "starts_on", "ends_on"))
PAYMENT = tuple(FieldTerm("payment", name) for name in ("amount", "state", "paid", "paid_on"))
TERMS = {"fields": (*ENROLMENT, *PAYMENT), "programme": "poor_home"}
LISTS = ("enrolments", f"payments/{CYCLE}")
_codes = (f"listed_{each}" for each in range(1000))


@pytest.fixture(scope="module")
def world(database):
    """Four homes of the north and one of the south that take part, one that waits, and one of another programme; four are paid."""
    paying.installed(replace(paying.TERMS, rail=RailKind.AGENTS))
    agreeing.install()
    homes = [country.household(each, {"birth_date": date(1990, 1, 2)}) for each in ("n1", "n1", "n2", "n2", "s1", "n1")]
    for home, area, state in zip(
        homes, ("n1", "n1", "n2", "n2", "s1", "n1"), (*["enrolled"] * 5, "waiting"), strict=True
    ):
        paying.enrolled(40_00, units=[home], area=area, state=state)
    paying.enrolled(10_00, units=[homes[0]], programme="pension")
    paying.sent(country.cast())
    return homes


def agreed(**changes):
    """Return an agreement of this test's own, its code, and a program that may ask under it."""
    code = next(_codes)
    id = in_force(code, **(TERMS | changes))
    return id, code, machines.program(id)


def ask(program, code, what, *, purpose="registration", accept="application/json", **asked):
    path = f"agreements/{code}/{what}"
    return program.get(path, {"purpose": purpose, **asked}, Accept=accept)


def records(answer) -> list[dict]:
    assert answer.status_code == 200, answer.content
    return answer.json()["records"]


def whole(program, code, what, most=2) -> list[dict]:
    """Read a list page by page to its end."""
    found, after = [], {}
    while after is not None:
        answer = ask(program, code, what, most=most, **after)
        found += records(answer)
        after = {"after": answer.json()["next"]} if answer.json()["next"] else None
    return found


def of(agreement: UUID) -> list[int]:
    return list(Exchange.objects.filter(agreement=agreement).order_by("id").values_list("records", flat=True))


def test_enrolments_are_told_page_by_page_with_their_standing_and_days(world):
    id, code, program = agreed()
    found = whole(program, code, "enrolments")
    assert sorted(each["fields"]["enrolment.state"] for each in found) == ["enrolled"] * 4 + ["waiting"]
    assert {each["fields"]["enrolment.starts_on"] for each in found} == {"2026-01-01"}
    assert {each["fields"]["enrolment.ends_on"] for each in found} == {None}
    assert {each["unit"] for each in found} == {"household"}
    assert len({each["pseudonym"] for each in found}) == 5
    assert of(id) == [5]  # all pages of a day are one exchange, and each record counts


def test_payments_are_told_with_amount_state_and_reference_and_never_where_they_go(world):
    _, code, program = agreed()
    found = whole(program, code, LISTS[1])
    assert [each["fields"] for each in found] == [
        {"payment.amount": 40_00, "payment.state": "ready", "payment.paid": 0, "payment.paid_on": None}
    ] * 4
    assert {(each["currency"], each["decimals"]) for each in found} == {("EUR", 2)}
    assert len({each["reference"] for each in found}) == 4
    assert {each["pseudonym"] for each in found} <= {each["pseudonym"] for each in whole(program, code, "enrolments")}
    assert found[0].keys() == {"unit", "pseudonym", "reference", "currency", "decimals", "fields"}


def test_a_unit_has_the_name_that_the_partner_knows_it_by(world):
    _, code, program = agreed(fields=(*ENROLMENT, FieldTerm("household", "rooms")), programme="poor_home")
    names = {each["pseudonym"] for each in whole(program, code, "enrolments")}
    _, plain, same = agreed(fields=(FieldTerm("household", "rooms"),), programme="")
    asked = {"about": "household", "purpose": "registration", "fields": ["household.rooms"]}
    begun = same.post(f"agreements/{plain}/exchanges", asked).json()
    page = same.get(f"exchanges/{begun['exchange']}/records", {"after": begun["next"]}).json()
    assert names <= {each["pseudonym"] for each in page["records"]}


def test_without_the_state_only_who_takes_part_is_told_of_and_no_field_more_than_was_agreed(world):
    _, code, program = agreed(fields=ENROLMENT[1:2])
    found = whole(program, code, "enrolments")
    assert [each["fields"] for each in found] == [{"enrolment.starts_on": "2026-01-01"}] * 4
    _, code, program = agreed(fields=PAYMENT[:1])
    assert {tuple(each["fields"]) for each in whole(program, code, LISTS[1])} == {("payment.amount",)}


@pytest.mark.parametrize("what", LISTS)
def test_in_lines_all_of_it_comes_and_the_last_line_says_that_it_did(world, what):
    id, code, program = agreed()
    paged = whole(program, code, what)
    answer = ask(program, code, what, accept="application/x-ndjson", most=2)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    *told, last = map(json.loads, answer.getvalue().splitlines())
    assert sorted(map(repr, told)) == sorted(map(repr, paged))
    assert last == {"end": {"records": len(paged)}}
    assert of(id) == [2 * len(paged)]


def test_lines_end_with_the_reason_where_the_agreement_is_used_up_on_the_way(world):
    id, code, program = agreed(volume=3)
    answer = ask(program, code, "enrolments", accept="application/x-ndjson", most=2)
    *told, last = map(json.loads, answer.getvalue().splitlines())
    assert (len(told), last["end"]["records"], last["end"]["problem"]["id"]) == (2, 2, "trust-agreement-too-many")
    assert of(id) == [2]


REFUSED = {
    "nothing that it lists": ({"fields": (FieldTerm("person", "birth_date"),)}, {}, "trust-agreement-nothing-asked"),
    "another purpose": ({}, {"purpose": "taxing"}, "trust-agreement-other-purpose"),
    "more than is left": ({"volume": 1}, {"most": 2}, "trust-agreement-too-many"),
    "no programme": ({"programme": ""}, {}, "interop-agreement-without-programme"),
}


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("asked", REFUSED)
def test_what_goes_beyond_the_agreement_is_refused_whole_and_written_down(world, asked, what):
    terms, changes, reason = REFUSED[asked]
    id, code, program = agreed(**terms)
    answer = ask(program, code, what, **changes)
    assert (answer.status_code, answer.json()["id"]) == (403, reason)
    assert Audit.objects.using("bulk").get(event="exchange-refused", about_id=id).details["reason"] == reason
    assert of(id) == []


@pytest.mark.parametrize("what", LISTS)
def test_a_suspended_agreement_and_one_by_which_others_give_tell_nothing(world, what):
    id, code, program = agreed()
    after = ask(program, code, what, most=2).json()["next"]
    stop(id, suspend_agreement)
    assert ask(program, code, what, after=after).json()["id"] == "trust-agreement-not-in-force"
    _, code, program = agreed(provider="pensions", consumer="ministry", direction=Direction.IN)
    assert ask(program, code, what).status_code == 403


@pytest.mark.parametrize("what", LISTS)
def test_where_consent_is_needed_a_home_is_told_of_when_all_in_it_agreed(world, what):
    _, code, program = agreed(needs_consent=True)
    assert whole(program, code, what) == []


@pytest.mark.parametrize("what", LISTS)
def test_a_place_belongs_to_its_list_and_its_agreement_and_tells_nothing(world, what):
    _, code, program = agreed()
    after = ask(program, code, what, most=2).json()["next"]
    _, other, stranger = agreed()
    elsewhere = next(each for each in LISTS if each != what)
    for who, where, which in ((program, code, elsewhere), (stranger, other, what)):
        answer = ask(who, where, which, after=after)
        assert (answer.status_code, answer.json()["id"]) == (400, "interop-cursor-unknown")


def test_who_is_told_of_is_in_the_log_with_the_fields(world):
    _, code, program = agreed()
    whole(program, code, "enrolments", most=100)
    row = Audit.objects.using("bulk").filter(event="records-exchanged", agreement=code).latest("at")
    assert set(row.details["households"]) == {str(each) for each in (*world[:4], world[5])}
    assert str(member_of(world[0])) in row.details["persons"]
    assert row.details["fields"] == ["enrolment.state", "enrolment.starts_on", "enrolment.ends_on"]


@pytest.mark.parametrize(
    ("cycle", "status", "id"),
    [("2027-01", 200, ""), ("2025-12", 400, "payments-cycle-unknown"), ("2026-13", 422, "interop-form-wrong")],
)
def test_a_cycle_without_a_list_is_empty_and_what_is_no_cycle_is_refused(world, cycle, status, id):
    _, code, program = agreed()
    answer = ask(program, code, f"payments/{cycle}")
    assert answer.status_code == status
    assert answer.json().get("id", "") == id


def test_a_list_that_nobody_approved_yet_is_told_to_nobody(world):
    _, code, program = agreed()
    paying.prepared(country.cast().paz, cycle="2026-12")
    assert records(ask(program, code, "payments/2026-12")) == []


def test_the_database_tells_no_field_that_the_agreement_does_not_list_nor_anybody_outside_it(world):
    """The first gate is not asked: the second reads the agreement's own row."""
    asked = {
        "SELECT state, starts_on, ends_on FROM amparo_enrolments_lent(NULL, 100)": [
            (None, date(2026, 1, 1), None),
        ],
        f"SELECT amount, state, paid, paid_on FROM amparo_payments_lent('{CYCLE}', '', 100)": [
            (None, "ready", None, None),
        ],
    }
    for changes, many in (
        ({}, 4),
        ({"areas": ("n1",)}, 2),
        ({"programme": "maternity"}, 0),
        ({"fields": PAYMENT[3:]}, 0),
    ):
        id, *_ = agreed(**({"fields": (ENROLMENT[1], PAYMENT[1])} | changes))
        with context.acting(agreeing.partner_of(id)), connections["default"].cursor() as cursor:
            for statement, expected in asked.items():
                cursor.execute(statement)
                found = cursor.fetchall()
                if "fields" in changes:
                    assert [each for row in found for each in row if each is not None] == []
                else:
                    assert found == expected * many


def test_where_operations_are_off_there_are_no_lists(world, monkeypatch):
    _, code, program = agreed()
    monkeypatch.setenv("AMPARO_MODE", "sr")
    for what in LISTS:
        assert ask(program, code, what).json()["id"] == "trust-part-off"


# The programme itself.


def test_the_terms_of_the_agreements_programme_are_told_and_of_no_other(world):
    _, code, program = agreed()
    [told] = program.get(f"agreements/{code}/programmes").json()["programmes"]
    assert (told["code"], told["unit"], told["area"], told["places"]) == ("poor_home", "household", None, None)
    [rule] = told["rules"]
    assert (rule["starts_on"], rule["ends_on"], rule["pays"]) == ("2026-01-01", None, True)
    assert told["payment"]["cycle"]["name"] == f"{clock.today():%Y-%m}"
    assert (told["payment"]["every_months"], told["payment"]["rail"]) == (1, "agents")
    assert "account" not in json.dumps(told)


def test_an_agreement_about_no_programme_has_none_and_where_nothing_pays_there_are_no_cycles(world, monkeypatch):
    _, code, program = agreed(programme="", fields=(FieldTerm("person", "birth_date"),))
    assert program.get(f"agreements/{code}/programmes").json() == {"programmes": []}
    _, code, program = agreed()
    monkeypatch.setenv("AMPARO_MODE", "sr")
    [told] = program.get(f"agreements/{code}/programmes").json()["programmes"]
    assert told["payment"] is None
