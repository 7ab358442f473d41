"""A partner's list is checked over the API: yes, no, unknown or not found of each number, and nothing else (IBR-3, IBR-8, PRV-2)."""

import json
from datetime import date
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.db import connections

from amparo.interop.operations import checking
from amparo.kernel import clock
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.types import OverlapClass
from amparo.registry.actions import install_dictionary
from amparo.trust import context
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.covering import FieldTerm
from amparo.trust.models import Audit, Exchange
from amparo.trust.types import system
from tests.lib import agreeing, country, kin, machines, paying
from tests.lib.agreeing import in_force, stop
from tests.lib.dci import WORDS, by_number, member_of, number, partner, records
from tests.unit.programmes.country import installed
from tests.unit.programmes.feeding import LEAST, taken

QUESTIONS = tuple(FieldTerm("check", name) for name in ("registered", "enrolled", "incompatible"))
TERMS = {"fields": QUESTIONS, "identifiers": ("national_id",), "programme": "poor_home"}
PLAIN = {"fields": QUESTIONS[:1], "identifiers": ("national_id",)}
YES, NO, UNKNOWN, NOT_FOUND = "yes", "no", "unknown", "not-found"
LAW = "law-poor"
RULES = (
    OverlapRule(("poor_home", "pension"), OverlapClass.INCOMPATIBLE, LAW),
    OverlapRule(("maternity", "poor_home"), OverlapClass.COMPLEMENTARY, LAW),
)
_codes = (f"checked_{each}" for each in range(1000))


@pytest.fixture(scope="module")
def world(database):
    install_dictionary(WORDS, by=system("test"))
    installed()
    agreeing.install()


@pytest.fixture(autouse=True)
def stated(monkeypatch):
    monkeypatch.setattr(checking, "country", lambda _: SimpleNamespace(overlaps=RULES))


_numbers = iter(range(100, 10_000))


def home(area: str = "n1") -> tuple[UUID, UUID, str]:
    """Register a home of one person; return both, and the person's number."""
    made, each = country.household(area, {"birth_date": date(1990, 1, 2), "is_head": True}), number(next(_numbers))
    kin.number(member_of(made), each)
    return made, member_of(made), each


def takes_part(unit: UUID, programme: str, state: str = "enrolled") -> None:
    paying.enrolled(100, units=[unit], recipients=[None], programme=programme, state=state)


def agreed(**changes):
    """Return an agreement of this test's own, its code, and a program that may ask under it."""
    code = next(_codes)
    id = in_force(code, **(TERMS | changes))
    return id, code, machines.program(id)


def ask(program, code, question, *numbers, purpose="registration", scheme="national_id"):
    body = {"numbers": [{"scheme": scheme, "number": each} for each in numbers]}
    return program.post(f"agreements/{code}/checks/{question}?purpose={purpose}", body)


def answers(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["answer"] for each in answer.json()["answers"]]


def of(agreement: UUID) -> list[int]:
    return list(Exchange.objects.filter(agreement=agreement).order_by("id").values_list("records", flat=True))


# What is answered.


def test_each_number_is_answered_in_order_and_one_that_nobody_has_is_not_found_and_never_no(world):
    _, code, program = agreed()
    (one, _, first), (_, _, second) = home(), home()
    takes_part(one, "poor_home")
    told = ask(program, code, "enrolled", second, "99999999999", first, second)
    assert answers(told) == [NO, NOT_FOUND, YES, NO]
    names = [each["pseudonym"] for each in told.json()["answers"]]
    assert names[1] is None
    assert names[0] == names[3] != names[2]


def test_a_person_has_the_name_that_the_partner_knows_them_by(world):
    _, code, program = agreed(fields=(*PLAIN["fields"], FieldTerm("person", "birth_date")), programme="")
    _, _, each = home()
    [told] = ask(program, code, "registered", each).json()["answers"]
    asked = {"about": "person", "purpose": "registration", "fields": ["person.birth_date"]}
    begun = program.post(f"agreements/{code}/exchanges", asked).json()
    page = program.get(f"exchanges/{begun['exchange']}/records", {"after": begun["next"]}).json()
    assert told["pseudonym"] in {each["pseudonym"] for each in page["records"]}


def test_registered_is_yes_of_whoever_is_reached_and_not_found_of_all_others(world):
    _, code, program = agreed(**PLAIN, programme="")
    (_, _, here), (_, _, south) = home(), home("s1")
    assert answers(ask(program, code, "registered", here, south, "1")) == [YES, NOT_FOUND, NOT_FOUND]


@pytest.mark.parametrize(("state", "expected"), [("enrolled", YES), ("suspended", YES), ("waiting", NO), (None, NO)])
def test_who_is_suspended_takes_part_and_who_waits_does_not(world, state, expected):
    _, code, program = agreed()
    made, _, each = home()
    takes_part(home()[0], "poor_home")
    if state:
        takes_part(made, "poor_home", state)
    assert answers(ask(program, code, "enrolled", each)) == [expected]


def test_what_another_system_told_counts_as_much(world, tmp_path):
    _, code, program = agreed(programme="cash_help")
    (_, _, told), (_, _, other) = home(), home()
    month = f"{clock.today():%Y-%m}"
    taken(f"id,state,amount,month\n{told},enrolled,10.00,{month}\n", tmp_path, feed=LEAST, day=clock.today())
    assert answers(ask(program, code, "enrolled", told, other)) == [YES, NO]


def test_of_a_programme_of_which_nothing_was_ever_heard_nobody_knows_who_is_in_it(world):
    _, code, program = agreed(programme="unheard_of")
    _, _, each = home()
    assert answers(ask(program, code, "enrolled", each)) == [UNKNOWN]


@pytest.mark.parametrize(
    ("others", "expected"),
    [([], NO), (["maternity"], NO), (["pension"], YES), (["maternity", "pension"], YES), (["unstated"], UNKNOWN)],
)
def test_what_goes_together_is_no_what_does_not_is_yes_and_what_nobody_stated_is_unknown(world, others, expected):
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO programmes_programme (code, unit, position, procedure, enrolment, conditions) VALUES"
                       " ('unstated', 'household', 9, '{}', '{}', '[]') ON CONFLICT DO NOTHING")  # fmt: skip
    _, code, program = agreed()
    made, _, each = home()
    takes_part(home()[0], "pension")
    for other in ("poor_home", *others):
        takes_part(made, other)
    assert answers(ask(program, code, "incompatible", each)) == [expected]


def test_while_it_is_not_known_who_is_in_what_does_not_go_together_nobody_is_told_no(world, monkeypatch):
    rules = (OverlapRule(("poor_home", "silent_scheme"), OverlapClass.INCOMPATIBLE, LAW),)
    monkeypatch.setattr(checking, "country", lambda _: SimpleNamespace(overlaps=rules))
    _, code, program = agreed()
    _, _, each = home()
    assert answers(ask(program, code, "incompatible", each)) == [UNKNOWN]


def test_it_is_never_told_of_which_other_programme(world):
    _, code, program = agreed()
    made, _, each = home()
    takes_part(made, "pension")
    told = ask(program, code, "incompatible", each)
    assert "pension" not in told.content.decode()
    assert told.json().keys() == {"agreement", "question", "answers"}


# Under the agreement.

REFUSED = {
    "a question that it does not list": ({"fields": QUESTIONS[:1]}, {}, "trust-agreement-field-not-covered"),
    "another purpose": ({}, {"purpose": "taxing"}, "trust-agreement-other-purpose"),
    "a kind of number that it does not list": ({"identifiers": ()}, {}, "trust-agreement-no-identifier"),
    "more numbers than are left": ({"volume": 1}, {}, "trust-agreement-too-many"),
    "no programme": ({"programme": ""}, {}, "interop-agreement-without-programme"),
}


@pytest.mark.parametrize("asked", REFUSED)
def test_what_goes_beyond_the_agreement_is_refused_whole_and_written_down(world, asked):
    terms, changes, reason = REFUSED[asked]
    id, code, program = agreed(**terms)
    answer = ask(program, code, "enrolled", home()[2], "1", **changes)
    assert (answer.status_code, answer.json()["id"]) == (403, reason)
    row = Audit.objects.using("bulk").get(event="exchange-refused", about_id=id)
    assert row.details["reason"] == reason
    assert of(id) == []


def test_a_suspended_agreement_answers_nobody(world):
    id, code, program = agreed()
    assert ask(program, code, "enrolled", home()[2]).status_code == 200
    stop(id, suspend_agreement)
    assert ask(program, code, "enrolled", home()[2]).json()["id"] == "trust-agreement-not-in-force"


def test_where_it_needs_consent_who_gave_none_is_not_found(world):
    _, code, program = agreed(needs_consent=True)
    made, _, each = home()
    takes_part(made, "poor_home")
    for question in ("registered", "enrolled", "incompatible"):
        assert answers(ask(program, code, question, each)) == [NOT_FOUND]


def test_every_number_counts_found_or_not_and_a_days_lists_are_one_exchange(world):
    id, code, program = agreed(exchanges=1, volume=5)
    _, _, each = home()
    assert ask(program, code, "enrolled", each, "1").status_code == 200
    assert ask(program, code, "enrolled", "1", "2").status_code == 200
    assert of(id) == [4]
    assert ask(program, code, "enrolled", each, "1").json()["id"] == "trust-agreement-too-many"
    assert program.get(f"agreements/{code}").json()["records_left"] == 1


def test_who_was_found_is_in_the_log_with_the_question_and_their_number_is_not(world):
    _, code, program = agreed()
    _, person, each = home()
    ask(program, code, "enrolled", each, "77777777777")
    row = Audit.objects.using("bulk").filter(event="records-exchanged", agreement=code).latest("at")
    assert (row.details["persons"], row.details["fields"]) == ([str(person)], ["check.enrolled"])
    assert each not in json.dumps(row.details)
    assert "77777777777" not in json.dumps(row.details)


def test_the_database_answers_a_question_that_the_agreement_does_not_list_of_nobody(world):
    """The first gate is not asked: the second reads the agreement's own row."""
    made, person, _ = home()
    takes_part(made, "poor_home")
    for fields, expected in ((QUESTIONS[1:], 1), (QUESTIONS[:1], 0)):
        id, *_ = agreed(fields=fields)
        with context.acting(agreeing.partner_of(id)), connections["default"].cursor() as cursor:
            for question in ("enrolled", "incompatible"):
                cursor.execute("SELECT count(*) FROM amparo_checked_lent(%s, %s, %s::text[], %s::text[])",
                               [[person], question, [], []])  # fmt: skip
                assert cursor.fetchone() == (expected,)


# The form.


def test_as_a_number_on_each_line_a_list_is_answered_line_by_line(world, monkeypatch):
    monkeypatch.setattr(checking, "MOST_ON_A_PAGE", 2)
    id, code, program = agreed()
    made, _, each = home()
    takes_part(made, "poor_home")
    sent = "".join(json.dumps({"scheme": "national_id", "number": one}) + "\n" for one in ("1", each, "2", each, "3"))
    answer = lines(program, code, sent)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    *told, last = map(json.loads, answer.getvalue().splitlines())
    assert [one["answer"] for one in told] == [NOT_FOUND, YES, NOT_FOUND, YES, NOT_FOUND]
    assert last == {"end": {"records": 5}}
    assert of(id) == [5]


def lines(program, code, sent, **headers):
    path = f"/api/v1/agreements/{code}/checks/enrolled?purpose=registration"
    return program.browser.post(path, sent, content_type="application/x-ndjson", headers=program.headers(**headers))


def test_lines_that_go_beyond_the_volume_end_with_the_reason_and_say_how_many_were_answered(world, monkeypatch):
    monkeypatch.setattr(checking, "MOST_ON_A_PAGE", 2)
    id, code, program = agreed(volume=3)
    sent = "".join(json.dumps({"scheme": "national_id", "number": str(each)}) + "\n" for each in range(1, 5))
    *told, last = map(json.loads, lines(program, code, sent).getvalue().splitlines())
    assert (len(told), last["end"]["records"]) == (2, 2)
    assert last["end"]["problem"]["id"] == "trust-agreement-too-many"
    assert of(id) == [2]
    refused = lines(program, code, sent)  # one is left, and two are asked for at once
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")


def test_lines_are_not_signed_and_say_so(world):
    _, code, program = agreed()
    sent = json.dumps({"scheme": "national_id", "number": "1"})
    answer = lines(program, code, sent, **{"Amparo-Sign": "answer"})
    assert (answer.status_code, answer.json()["id"]) == (400, "interop-lines-unsigned")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"numbers": []},
        {"numbers": [{"scheme": "national_id"}]},
        {"numbers": [{"scheme": "national_id", "number": 7}]},
        {"numbers": [{"scheme": "national_id", "number": ""}]},
        {"numbers": [{"scheme": "national_id", "number": "1", "name": "Zqyara"}]},
        {"numbers": [{"scheme": "national_id", "number": "1"}] * 1001},
        {"numbers": [{"scheme": "national_id", "number": "1"}], "more": 1},
        [],
    ],
)
def test_what_does_not_have_the_right_form_is_told_where_and_never_what_was_sent(world, body):
    _, code, program = agreed()
    answer = program.post(f"agreements/{code}/checks/enrolled?purpose=registration", body)
    assert (answer.status_code, answer.json()["id"]) == (422, "interop-form-wrong")
    assert answer.json()["errors"]
    assert "Zqyara" not in answer.content.decode()


def test_an_unknown_question_and_no_purpose_are_refused(world):
    _, code, program = agreed()
    body = {"numbers": [{"scheme": "national_id", "number": "1"}]}
    for path in ("checks/rich?purpose=registration", "checks/enrolled"):
        assert program.post(f"agreements/{code}/{path}", body).status_code == 422


def test_where_feeds_are_off_only_who_is_registered_is_answered(world, monkeypatch):
    _, code, program = agreed()
    monkeypatch.setenv("AMPARO_MODE", "sr")
    assert ask(program, code, "registered", "1").status_code == 200
    answer = ask(program, code, "enrolled", "1")
    assert (answer.status_code, answer.json()["id"]) == (404, "trust-part-off")


def test_what_is_listed_beside_facts_is_no_field_of_a_record(world):
    _, code, program = agreed()
    asked = {"about": "person", "purpose": "registration", "fields": ["check.enrolled"]}
    answer = program.post(f"agreements/{code}/exchanges", asked)
    assert (answer.status_code, answer.json()["id"]) == (400, "registry-field-not-lent")
    assert program.get(f"agreements/{code}/checks/enrolled").status_code == 405
    assert program.get(f"exchanges/{uuid4()}/records", {"after": "x"}).status_code == 404


def test_in_records_and_events_of_the_dci_standard_is_nothing_of_what_is_listed_beside_facts(world):
    id, *_ = agreed(fields=(QUESTIONS[0], FieldTerm("person", "birth_date")), programme="")
    _, _, each = home()
    [found] = records(partner(id).search(by_number(each)))
    assert found["demographic_info"]["birth_date"] == "1990-01-02"
    assert "check" not in json.dumps(found)
