"""Registering one household: asked of who knows, filled in with source and day, disputed, and only the rest asked (REG-1, REG-3)."""

import json
import re
from html import unescape

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.trust.covering import Direction, FieldTerm
from tests.lib import agreeing, canaries, institutions, pages
from tests.unit.sources import setting

NEW = "/find/n1/register/"


@pytest.fixture(scope="module")
def ministry(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        yield ministry


@pytest.fixture
def healthy(ministry):
    setting.knowing(ministry)
    execute("DELETE FROM sources_connectionstate", using="owner")
    execute("DELETE FROM sources_keptanswer")
    execute("DELETE FROM registry_identifier")  # the numbers are for the homes of this test
    ministry.asked.clear()
    return ministry


def execute(statement: str, values=(), *, using: str = "bulk") -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def people(*rows: dict[str, str], **more: str) -> dict[str, str]:
    """Return what the first form sends: of each person the fields by their names."""
    sent = {f"{place}_{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    return {"rows": "3", "act": "register"} | sent | more


def registered(browser, *rows: dict[str, str]) -> str:
    """Register a home in the north and return its id."""
    response = browser.post(NEW, people(*rows))
    assert response.status_code == 302, pages.text(response)
    return response["Location"].split("/")[2]


def form(id: str) -> str:
    return f"/households/{id}/registration/"


def shown(response) -> list[str]:
    """Return what the page says that it showed: whose word stands where."""
    return [unescape(each) for each in re.findall(r'name="shown" value="([^"]*)"', response.content.decode())]


def inputs(response) -> set[str]:
    return set(re.findall(r'name="([hp]\d*_[a-z_]+)"', response.content.decode()))


def members(id: str) -> list[tuple[str, int]]:
    return execute(
        "SELECT p.id, p.number FROM registry_person p JOIN registry_membership m ON m.person_id = p.id"
        " WHERE m.household_id = %s ORDER BY p.number",
        [id],
    )


def said(id: str) -> list[tuple]:
    """Return (source, agreement, value's JSON) of everything that was observed of the people of a home, in turn."""
    return execute(
        """SELECT s.code, d.agreement, o.values::text FROM registry_observation o
        JOIN registry_delivery d ON d.id = o.delivery_id JOIN registry_source s ON s.id = o.source_id
        JOIN registry_subjectlink l ON l.subject_id = o.subject_id
        WHERE l.entity_id = %s OR l.entity_id IN (SELECT person_id FROM registry_membership WHERE household_id = %s)
        ORDER BY o.received_at, l.entity_id""",
        [id, id],
    )


@pytest.fixture
def home(healthy, amina) -> str:
    return registered(amina, {"national_id": setting.YARA, "given_name": "Yara"})


def test_both_forms_work_without_javascript_and_the_area_leads_to_the_first(healthy, amina, bruno):
    pages.assert_is_whole(amina.get(NEW))
    pages.assert_is_whole(amina.post(NEW, people(act="more")))
    assert f'href="{NEW}"' in amina.get("/find/n1/").content.decode()
    assert f'href="{NEW}"' not in bruno.get("/find/n1/").content.decode()


def test_another_person_is_added_with_what_was_typed_kept(healthy, amina):
    response = amina.post(NEW, people({"given_name": "Yara"}, act="more"))
    text = response.content.decode()
    assert 'name="3_given_name"' in text
    assert 'name="4_given_name"' not in text
    assert 'value="Yara"' in text


def test_a_home_is_registered_with_its_head_and_the_numbers_are_sealed(home, amina):
    assert form(home) in amina.get(f"/households/{home}/").content.decode()
    [(person, _)] = members(home)
    [(value, verified, live, contested)] = execute(
        "SELECT value, verified, is_live, contested FROM registry_identifier WHERE person_id = %s", [person]
    )
    assert setting.YARA.encode() not in bytes(value)
    assert (verified, live, contested) == (False, True, False)
    assert said(home) == [("application", "", '{"is_head": true, "given_name": "Yara"}')]
    rows = execute("SELECT purpose FROM trust_audit WHERE event = 'observation-recorded' AND about_id = %s", [home])
    assert rows == [("registration",)]


def test_somebody_without_a_document_is_registered_by_name(healthy, amina):
    id = registered(amina, {"given_name": "Una"}, {"given_name": "Ivo"})
    assert len(members(id)) == 2
    response = amina.post(form(id) + "ask/")
    pages.assert_is_whole(response)
    assert healthy.asked == []
    assert {f"p{number}_wage" for _, number in members(id)} <= inputs(response)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([], "0_national_id"),
        ([{"national_id": "123"}], "0_national_id"),
        ([{"national_id": "10000077"}, {"national_id": "1000 0077"}], "1_national_id"),
        ([{"given_name": "x" * 201}], "0_given_name"),
    ],
)
def test_what_is_missing_or_wrong_is_asked_for_again(healthy, amina, rows, field):
    pages.assert_asked_again(amina.post(NEW, people(*rows)), f"id_{field}")


def test_who_is_registered_already_is_not_registered_twice(home, amina):
    response = amina.post(NEW, people({"national_id": setting.YARA}))
    pages.assert_asked_again(response, "id_0_national_id")
    assert form(home) in response.content.decode()


def test_who_left_and_lives_nowhere_is_not_made_another_person(home, amina):
    [(person, _)] = members(home)
    left = {"why": "left", "on": clock.today().isoformat(), "to": ""}
    assert amina.post(f"/households/{home}/people/{person}/leave/", left).status_code == 302
    response = amina.post(NEW, people({"national_id": setting.YARA}))
    pages.assert_asked_again(response, "id_0_national_id")


def test_a_number_that_somebody_elsewhere_holds_is_kept_and_nobody_is_asked_by_it(home, healthy, chen, amina):
    """ID-4: an identifier that two people claim excludes neither of them, and Chen learns nothing of Yara."""
    response = chen.post("/find/s1/register/", people({"national_id": setting.YARA, "given_name": "Sara"}))
    other = response["Location"].split("/")[2]
    [(person, _)] = members(other)
    assert execute("SELECT is_live, contested FROM registry_identifier WHERE person_id = %s", [person]) == [
        (False, True)
    ]
    chen.post(form(other) + "ask/")
    assert healthy.asked == []


def test_the_form_says_who_would_be_asked_on_which_ground_and_asks_nobody(home, healthy, amina):
    response = amina.get(form(home))
    pages.assert_is_whole(response)
    text = pages.text(response)
    for each in ("Who can be asked", "tax_told", "Pensions Act, section 4", "wage", "2 of 8 fields are filled in"):
        assert each in text, each
    assert healthy.asked == []


def test_asked_it_opens_filled_in_each_value_with_its_source_and_day_and_asks_only_the_rest(home, healthy, amina):
    response = amina.post(form(home) + "ask/")
    pages.assert_is_whole(response)
    [(_, number)] = members(home)
    assert sorted(shown(response)) == sorted(
        f"p{number}_{name}:{source}"
        for name, source in (
            ("wage", "tax"),
            ("insured", "health"),
            ("level", "school"),
            ("given_name", "application"),
            ("is_head", "application"),
        )
    )
    text = pages.text(response)
    for each in ("512.50", "Answered now", "1 day ago", "This is not right"):
        assert each in text, each
    assert "no-store" in response["Cache-Control"]
    whys = {each for each in inputs(response) if each.endswith("_why")}
    assert whys == {f"p{number}_{name}_why" for name in ("wage", "insured", "level")}


def test_what_they_say_is_theirs_and_what_a_source_said_is_the_sources(home, amina):
    amina.post(form(home) + "ask/")
    [(_, number)] = members(home)
    sent = {f"p{number}_sex": "female", f"p{number}_birth_date": "1986-01-01"}
    assert amina.post(form(home), sent).status_code == 302
    assert said(home)[1:] == [
        ("school", "school_told", '{"level": "primary"}'),
        ("application", "", '{"sex": "female", "birth_date": "1986-01-01"}'),
    ]


def test_what_is_disputed_is_kept_twice_and_a_case_opens(home, amina):
    answer = amina.post(form(home) + "ask/")
    [(person, number)] = members(home)
    level = f"p{number}_level"
    sent = {"shown": shown(answer), level: "none", f"{level}_why": "I never went to school."}
    assert amina.post(form(home), sent).status_code == 302
    assert [(source, text) for source, _, text in said(home)[1:]] == [
        ("school", '{"level": "primary"}'),
        ("application", '{"level": "none"}'),
    ]
    [(id, kind, told)] = execute("SELECT id, kind, told_at FROM cases_case WHERE person_id = %s", [person])
    assert kind == "correction"
    assert told is not None
    text = pages.text(amina.get(f"/cases/{id}/"))
    for each in ("I never went to school.", "school", "level"):
        assert each in text, each
    record = execute("SELECT level FROM registry_fact_person WHERE person_id = %s", [person])
    assert record == [("primary",)]  # the school comes first by the table of precedence; the other is not lost


def test_a_dispute_needs_a_reason_and_what_was_told_and_not_kept_is_not_shown_again(home, amina):
    answer = amina.post(form(home) + "ask/")
    [(_, number)] = members(home)
    wage = f"p{number}_wage"
    response = amina.post(form(home), {"shown": shown(answer), wage: "300"})
    pages.assert_asked_again(response, f"id_{wage}_why")
    text = pages.text(response)
    assert "512.50" not in text
    assert "Told, and kept nowhere" in text
    assert f"{wage}:tax" in shown(response)
    assert len(said(home)) == 2  # the names, and the school


def test_of_what_is_kept_nowhere_only_their_own_word_and_reason_are_kept(home, healthy, amina, server, database):
    """VIR-4: no table, no session and no case has it, once the form was sent."""
    healthy.records["tax"][setting.YARA] = setting.record("tax", setting.YARA, "7319.46")
    answer = amina.post(form(home) + "ask/")
    assert "7,319.46" in pages.text(answer)
    [(person, number)] = members(home)
    wage = f"p{number}_wage"
    sent = {"shown": shown(answer), wage: "300", f"{wage}_why": "I earn less than that."}
    assert amina.post(form(home), sent).status_code == 302
    held = canaries.dumped(server, database)
    for each in ("731946", "7319.46"):
        assert not canaries.holds(held, each)
    assert ("application", "", '{"wage": 30000}') in said(home)
    assert execute("SELECT count(*) FROM cases_case WHERE person_id = %s", [person]) == [(1,)]


@pytest.mark.parametrize("fault", ["not now", "too often", "another person", "nulls"])
def test_what_a_source_does_not_tell_is_asked_or_stays_unknown_and_is_never_no(home, healthy, amina, fault):
    healthy.faults["health"] = fault
    answer = amina.post(form(home) + "ask/")
    [(person, number)] = members(home)
    insured = f"p{number}_insured"
    assert insured in inputs(answer)
    assert f"{insured}_why" not in inputs(answer)
    assert not any(each.startswith(insured) for each in shown(answer))
    assert amina.post(form(home), {"shown": shown(answer), insured: ""}).status_code == 302
    assert execute("SELECT insured FROM registry_fact_person WHERE person_id = %s", [person]) == [(None,)]
    assert "insured" not in json.dumps(said(home))


def test_what_is_answered_where_a_source_was_silent_needs_no_reason(healthy, amina):
    """The census has an older word, which holds until somebody is asked; on the page that was sent back it did not."""
    id = str(setting.home())
    healthy.faults["tax"] = "not now"
    answer = amina.post(form(id) + "ask/")
    wage = f"p{members(id)[0][1]}_wage"
    assert wage in inputs(answer)
    assert amina.post(form(id), {"shown": shown(answer), wage: "300"}).status_code == 302
    assert ("application", "", '{"wage": 30000}') in said(id)


def test_a_source_that_no_page_showed_is_disputed_by_nobody(home, amina):
    [(person, number)] = members(home)
    amina.post(form(home), {"shown": [f"p{number}_sex:nobody"], f"p{number}_sex": "female"})
    assert execute("SELECT count(*) FROM cases_case WHERE person_id = %s", [person]) == [(0,)]
    assert ("application", "", '{"sex": "female"}') in said(home)


@pytest.fixture
def on_consent(healthy):
    """The tax office tells only of who agrees."""
    terms = {"provider": "tax_office", "consumer": "ministry", "direction": Direction.IN}
    fields = (FieldTerm("person", "wage"),)
    agreeing.in_force("tax_agreed", needs_consent=True, fields=fields, identifiers=("national_id",), **terms)
    setting.connect(healthy, tax={"agreement": "tax_agreed"})
    yield
    setting.connect(healthy)


def test_who_is_asked_about_on_consent_says_yes_on_a_page_that_the_form_leads_to(home, healthy, on_consent, amina):
    [(person, _)] = members(home)
    address = f"/households/{home}/people/{person}/consents/"
    assert address in amina.get(form(home)).content.decode()
    amina.post(form(home) + "ask/")
    assert ("tax", setting.YARA) not in healthy.asked

    assert "tax_agreed" in pages.text(amina.get(address))
    [(id,)] = execute("SELECT id FROM trust_agreement WHERE code = 'tax_agreed'")
    assert amina.post(address, {"agreement": id, "kind": "signed", "until": ""}).status_code == 302
    answer = amina.post(form(home) + "ask/")
    assert ("tax", setting.YARA) in healthy.asked
    assert "512.50" in pages.text(answer)


def test_each_person_asked_about_is_on_the_record_with_the_ground(home, amina):
    amina.post(form(home) + "ask/")
    [(person, _)] = members(home)
    rows = execute(
        "SELECT purpose, details FROM trust_audit WHERE event = 'sources-asked' AND about_id = %s", [str(person)]
    )
    [(purpose, details)] = rows
    assert purpose == "registration"
    assert json.loads(details)["agreements"] == ["tax_told", "health_told", "school_told"]


def test_only_who_registers_sees_it_and_only_in_their_areas(home, healthy, nobody, bruno, chen, emre):
    for address in (NEW, form(home)):
        pages.assert_leads_to_sign_in(nobody, address)
        for browser in (bruno, emre):
            pages.assert_refused(browser.get(address), 403)
    pages.assert_refused(chen.get(form(home)), 404)
    pages.assert_refused(chen.post(form(home) + "ask/"), 404)
    pages.assert_refused(chen.get(NEW), 404)
    for browser in (bruno, emre):
        pages.assert_refused(browser.post(form(home) + "ask/"), 403)
    assert healthy.asked == []


def test_in_arabic_it_says_the_same(home, amina):
    text = amina.get(form(home), headers={"accept-language": "ar"}).content.decode()
    for each in ("من يمكن سؤاله", "استمارة الأسرة المعيشية"):
        assert each in text
