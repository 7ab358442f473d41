"""The pages of agreements: a list, a contract one can read, a draft, signatures, stopping (PRV-4, U13)."""

import re

import pytest

from amparo.trust.covering import Comparison, FieldTerm, Given
from amparo.trust.grounds.agreements import agreements
from tests.lib import agreeing, pages
from tests.lib.agreeing import in_force, officer
from tests.views.conftest import signed_in

DRAFT = {
    "act": "save",
    "code": "water_discount",
    "partner": "water",
    "direction": "out",
    "purpose": "registration",
    "legal_basis": "Water Act, section 9",
    "terms-0-0": "household.income",
    "terms-0-1": "test",
    "terms-0-2": "at-most 150",
    "terms-1-0": "person.birth_date",
    "terms-1-1": "band",
    "terms-1-2": "1960-01-01, 2008-01-01",
    "areas": "north, s1",
    "programme": "",
    "needs_consent": "yes",
    "identifiers": "",
    "period": "month",
    "exchanges": "2",
    "volume": "500",
    "retention_days": "30",
    "starts_on": "2026-01-01",
    "ends_on": "2030-12-31",
}
SIGNED = {"side": "provider", "name": "Rosa Lind", "position": "Secretary", "confidentiality": "Term 12/2026"}


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    return in_force(
        "pension_check",
        fields=(
            FieldTerm("person", "birth_date"),
            FieldTerm("person", "pregnant", Given.KNOWN),
            FieldTerm("household", "income", Given.BAND, (10_000, 20_000)),
            FieldTerm("household", "rooms", Given.TEST, (2,), Comparison.AT_LEAST),
        ),
    )


def newest(code: str):
    return agreements(officer("lina")).filter(code=code).first()


def test_the_list_works_without_javascript_and_says_how_each_stands(lina, agreed):
    response = lina.get("/agreements/")
    pages.assert_is_whole(response)
    assert "From Ministry of Social Protection to Pension Fund" in pages.text(response)
    assert "in force" in pages.text(response)


def test_an_agreement_reads_as_a_contract(lina, agreed):
    response = lina.get(f"/agreements/{agreed}/")
    pages.assert_is_whole(response)
    words = pages.text(response)
    for told in (
        "Pensions Act, section 4",
        "only between which of these it lies: €100.00, €200.00",
        "only yes or no: at least 2",
        "only whether it is known",
        "At most 1,000,000 records in one month",
        "90 days after it was handed over",
        "Rosa Lind",
        "Confidentiality term 13/2026",
        "only by pseudonyms that are the partner",
        "sensitive",
    ):
        assert told in words


def test_what_flows_is_drawn_with_words_and_a_table_beside(lina, agreed):
    page = lina.get(f"/agreements/{agreed}/").content.decode()
    drawing = re.search(r"<svg class=.amparo-flow.*?</svg>", page, re.S)[0]
    assert 'role="img"' in drawing
    assert "What Ministry of Social Protection hands over to Pension Fund" in drawing
    for arrow in ("the value itself: 1", "in steps: 1", "yes or no: 1", "whether known: 1"):
        assert arrow in drawing
    assert drawing.count("<line") == 4
    assert "stroke-dasharray" not in drawing
    assert page.index("<table") > page.index(drawing[:40])


def test_the_drawing_turns_with_the_language_and_is_broken_where_nothing_flows(lina, agreed):
    id = agreeing.draft("only_drafted")
    lina.cookies["amparo_language"] = "ar"
    page = lina.get(f"/agreements/{id}/").content.decode()
    assert 'direction="rtl"' in page
    assert "stroke-dasharray" in page


def test_a_draft_is_written_from_the_form_with_each_limit_in_its_own_type(lina, agreed):
    pages.assert_is_whole(lina.get("/agreements/new/"))
    response = lina.post("/agreements/new/", DRAFT)
    row = newest("water_discount")
    assert response["Location"] == f"/agreements/{row.id}/"
    assert row.fields == [
        {"grain": "household", "name": "income", "given": "test", "limits": [15_000], "comparison": "at-most"},
        {
            "grain": "person",
            "name": "birth_date",
            "given": "band",
            "limits": [{"day": "1960-01-01"}, {"day": "2008-01-01"}],
            "comparison": None,
        },
    ]
    assert (row.state, row.areas, row.needs_consent, row.exchanges) == ("drafted", ["north", "s1"], True, 2)
    again = lina.get(f"/agreements/{row.id}/draft/")
    pages.assert_is_whole(again)
    assert 'value="at-most 150' in again.content.decode()
    assert lina.post(f"/agreements/{row.id}/draft/", DRAFT | {"volume": "600"})["Location"] == f"/agreements/{row.id}/"
    assert newest("water_discount").volume == 600


def test_rows_of_fields_come_and_go_without_a_script(lina, agreed):
    response = lina.post("/agreements/new/", DRAFT | {"act": "add:terms"})
    assert response.status_code == 200
    assert 'name="terms-2-0"' in response.content.decode()
    response = lina.post("/agreements/new/", DRAFT | {"act": "remove:terms:0"})
    assert 'name="terms-1-0"' not in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"code": "No spaces"}, ["id_code"]),
        ({"volume": "none", "ends_on": ""}, ["id_volume", "id_ends_on"]),
        ({"partner": "ministry"}, ["id_partner"]),
        ({"legal_basis": ""}, ["id_legal_basis"]),
    ],
)
def test_what_is_missing_is_asked_for_again(lina, agreed, changes, fields):
    pages.assert_asked_again(lina.post("/agreements/new/", DRAFT | {"code": "again"} | changes), *fields)
    assert newest("again") is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"terms-0-0": "household.shoes"}, "household.shoes"),
        ({"terms-0-2": "at-most much"}, "Row 1"),
        ({"terms-0-1": "guess"}, "Row 1"),
        ({"terms-1-2": "2008-01-01 1960-01-01"}, "limits of"),
        ({"areas": "nowhere"}, "names no area"),
        ({"ends_on": "2020-01-01"}, "end before it begins"),
    ],
)
def test_terms_that_do_not_hold_together_are_told_above_the_form(lina, agreed, changes, told):
    response = lina.post("/agreements/new/", DRAFT | {"code": "odd"} | changes)
    pages.assert_refused(response, 400)
    assert told in pages.text(response)
    assert 'value="Water Act, section 9"' in response.content.decode()
    assert newest("odd") is None


def test_two_colleagues_take_the_signatures_down_and_the_drafter_cannot(lina, agreed):
    id = agreeing.draft("to_sign")
    assert "a colleague takes its signatures down" in pages.text(lina.get(f"/agreements/{id}/"))
    pages.assert_refused(lina.post(f"/agreements/{id}/sign/", SIGNED), 403)
    jamal, keiko = signed_in("jamal"), signed_in("keiko")
    pages.assert_asked_again(jamal.post(f"/agreements/{id}/sign/", SIGNED | {"name": ""}), "id_name")
    assert jamal.post(f"/agreements/{id}/sign/", SIGNED).status_code == 302
    pages.assert_refused(jamal.post(f"/agreements/{id}/sign/", SIGNED | {"side": "consumer", "name": "Pavel Orr"}), 403)
    assert keiko.post(f"/agreements/{id}/sign/", SIGNED | {"side": "consumer", "name": "Pavel Orr"}).status_code == 302
    assert newest("to_sign").state == "in-force"


def test_it_is_suspended_resumed_and_ended_with_a_reason(lina, agreed):
    id = in_force("to_stop")
    pages.assert_asked_again(lina.post(f"/agreements/{id}/suspend/", {"reason": ""}), "id_reason")
    for step, state in (("suspend", "suspended"), ("resume", "in-force"), ("end", "ended")):
        assert lina.post(f"/agreements/{id}/{step}/", {"reason": "Audit of June"}).status_code == 302
        assert newest("to_stop").state == state
    page = lina.get(f"/agreements/{id}/")
    pages.assert_is_whole(page)
    assert pages.text(page).count("Audit of June") == 3
    pages.assert_refused(lina.post(f"/agreements/{id}/resume/", {"reason": "No"}), 400)


def test_a_renewal_is_drafted_from_what_stands(lina, agreed):
    id = in_force("to_renew")
    filled = lina.get(f"/agreements/{id}/draft/")
    pages.assert_is_whole(filled)
    lina.post(f"/agreements/{id}/draft/", DRAFT | {"code": "ignored"})
    assert (newest("to_renew").version, newest("to_renew").state) == (2, "drafted")
    assert "Version 2 succeeds it" in pages.text(lina.get(f"/agreements/{id}/"))


def test_a_partner_is_added(lina, agreed):
    pages.assert_asked_again(
        lina.post("/agreements/partners/", {"organisation": "Gas Co", "called": "Gas"}), "id_organisation"
    )
    assert lina.post("/agreements/partners/", {"organisation": "gas", "called": "Gas Company"}).status_code == 302
    assert "Gas Company" in pages.text(lina.get("/agreements/new/"))
    pages.assert_refused(lina.post("/agreements/partners/", {"organisation": "gas", "called": "Gas"}), 400)


def test_an_auditor_reads_and_changes_nothing(emre, agreed):
    page = emre.get(f"/agreements/{agreed}/")
    pages.assert_is_whole(page)
    assert '<form method="post" action="/agreements' not in page.content.decode()
    pages.assert_refused(emre.post(f"/agreements/{agreed}/suspend/", {"reason": "No"}), 403)


def test_an_unknown_agreement_is_told_so(lina, agreed):
    pages.assert_refused(lina.get("/agreements/00000000-0000-7000-8000-000000000009/"), 404)
