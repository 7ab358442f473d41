"""The pages of cases: the worklist, one case, what is done about it, one taken down at the counter, and figures (OPS-2, OPS-4)."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client

from amparo.cases.types import Act, State
from amparo.kernel import clock
from amparo.payments import actions as payments
from amparo.payments.types import Check
from amparo.programmes.models import Decision
from amparo.trust.types import Permission
from tests.lib import country, pages, paying
from tests.unit.cases import setting
from tests.unit.cases.setting import done, filed, home, officer, rows
from tests.views.conftest import signed_in


@pytest.fixture(scope="module")
def world(database) -> dict[str, UUID]:
    """A home in the north that is refused the grant, who lives there, and an appeals officer."""
    setting.prepare()
    id, person = home("n1", income=90_000)
    officer("vera")
    return {"household": id, "person": person}


@pytest.fixture
def vera(world) -> Client:
    return signed_in("vera")


@pytest.fixture
def case(world) -> str:
    """The address of a grievance in the north."""
    return f"/cases/{filed(country.cast().amina, person=world['person'], words='Nothing came in May.').id}/"


def test_the_worklist_is_whole_and_says_until_when(amina, case):
    response = amina.get("/cases/")
    pages.assert_is_whole(response)
    assert case in response.content.decode()
    assert "To be answered by" in pages.text(response)


def test_nobody_is_sent_to_sign_in(nobody, case):
    for address in ("/cases/", case, "/cases/figures/", "/cases/new/"):
        pages.assert_leads_to_sign_in(nobody, address)


def test_the_officer_of_another_area_sees_none_of_it(chen, case):
    pages.assert_refused(chen.get(case), 404)
    pages.assert_refused(chen.post(f"{case}step/", {"act": "take"}), 404)
    assert case not in chen.get("/cases/").content.decode()


def test_who_is_charged_with_something_else_is_refused(emre, lina, case):
    for browser in (emre, lina):
        pages.assert_refused(browser.get(case), 403)
        pages.assert_refused(browser.post(f"{case}step/", {"act": "take"}), 403)


def test_a_case_shows_what_was_said_who_did_what_and_what_one_may_do(amina, case):
    amina.post(f"{case}step/", {"act": "take"})
    response = amina.get(case)
    pages.assert_is_whole(response)
    text = pages.text(response)
    for said in ("Nothing came in May.", "Taken on", "Amina", "Resolve"):
        assert said in text
    assert "Uphold" not in text


def test_an_answer_without_words_is_refused_and_says_what_to_do(amina, case):
    response = amina.post(f"{case}step/", {"act": "resolve", "words": " "})
    pages.assert_refused(response, 400)
    assert "Nothing was said" in pages.text(response)


@pytest.mark.parametrize("act", ["", "fly", "uphold", "execute", "file"])
def test_what_cannot_be_done_is_refused(amina, case, act):
    pages.assert_refused(amina.post(f"{case}step/", {"act": act, "words": "x"}), 400)


def test_words_that_are_too_long_are_asked_for_again(amina, case):
    pages.assert_asked_again(amina.post(f"{case}step/", {"act": "note", "words": "x" * 5_001}), "id_case-work_words")
    assert amina.get(f"{case}step/")["Location"] == case


def test_a_case_is_handed_on_by_a_colleagues_name(amina, bruno, case):
    pages.assert_asked_again(
        amina.post(f"{case}step/", {"act": "hand-on", "words": "x", "to": "nemo"}), "id_case-work_to"
    )
    pages.assert_refused(amina.post(f"{case}step/", {"act": "hand-on", "words": "x", "to": "chen"}), 400)
    assert amina.post(f"{case}step/", {"act": "hand-on", "words": "Yours.", "to": "bruno"}).status_code == 302
    assert case in bruno.get("/cases/?of=mine").content.decode()


def test_the_list_is_narrowed_and_asks_again_for_nonsense(amina, case):
    assert case not in amina.get("/cases/?kind=appeal").content.decode()
    assert case in amina.get("/cases/?kind=grievance&of=all&when=open").content.decode()
    assert case not in amina.get("/cases/?when=late").content.decode()
    pages.assert_asked_again(amina.get("/cases/?kind=fly"), "id_kind")


def test_a_case_at_the_counter_gives_out_a_code(amina, world):
    person = f"/households/{world['household']}/people/{world['person']}/case/"
    assert "case" in amina.get(person[:-5]).content.decode()
    pages.assert_is_whole(amina.get(person))
    pages.assert_is_whole(amina.get(f"{person}unpaid/"))
    pages.assert_asked_again(amina.post(f"{person}unpaid/", {"channel": "counter", "words": " "}), "id_words")
    response = amina.post(f"{person}unpaid/", {"channel": "phone", "words": "It never came.", "answer_month": "May"})
    pages.assert_is_whole(response)
    [code] = re.findall(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", pages.text(response))
    assert "Open" in pages.text(Client().post("/report/code/", {"code": code}))
    [(channel, whose)] = rows("SELECT channel, person_id FROM cases_case WHERE code = %s", code.replace("-", ""))
    assert (channel, whose) == ("phone", world["person"])


def test_a_case_about_nobody_who_is_known_lies_where_the_officer_says(amina, world):
    pages.assert_is_whole(amina.get("/cases/new/"))
    told = {"channel": "phone", "words": "The road is broken."}
    pages.assert_asked_again(amina.post("/cases/new/unpaid/", told | {"area": "nowhere"}), "id_area")
    pages.assert_refused(amina.post("/cases/new/unpaid/", told | {"area": "s1"}), 404)
    pages.assert_is_whole(amina.post("/cases/new/unpaid/", told | {"area": "n1"}))
    pages.assert_refused(amina.get("/cases/new/fly/"), 404)


def test_nobody_takes_a_case_down_about_somebody_elsewhere(chen, world):
    person = f"/households/{world['household']}/people/{world['person']}/case/"
    pages.assert_refused(chen.get(person), 404)
    pages.assert_refused(chen.post(f"{person}unpaid/", {"channel": "counter", "words": "x"}), 404)


def test_an_officer_takes_an_appeal_down_and_the_appeals_officer_hears_it(amina, vera, world):
    made = Decision.objects.using("bulk").get(unit_id=world["household"], superseded_at=None)
    address = f"/decisions/{made.id}/appeal/"
    assert address in amina.get(f"/decisions/{made.id}/").content.decode()
    pages.assert_is_whole(amina.get(address))
    sent = {"channel": "counter", "words": "I earn less.", "person": str(world["person"])}
    pages.assert_asked_again(amina.post(address, sent | {"person": ""}), "id_person")
    case = amina.post(address, sent)["Location"]
    pages.assert_refused(amina.post(address, sent), 400)  # once
    pages.assert_refused(amina.post(f"{case}review/", {"act": "begin-review"}), 403)
    assert "Begin the review" in pages.text(vera.get(case))
    assert vera.post(f"{case}review/", {"act": "begin-review"}).status_code == 302
    pages.assert_refused(vera.post(f"{case}review/", {"act": "uphold", "words": ""}), 400)
    assert vera.post(f"{case}review/", {"act": "uphold", "words": "The payslips say so."}).status_code == 302
    pages.assert_refused(vera.post(f"{case}execute/"), 400)  # nothing was corrected yet
    setting.earns(world["household"], 5_000)
    assert vera.post(f"{case}execute/").status_code == 302
    text = pages.text(vera.get(case))
    for said in ("Executed", "What the appeal changed", "€20.00", "Granted"):
        assert said in text


@pytest.mark.parametrize("stands", [State.OPEN, State.REVIEW, State.UPHELD])
def test_whoever_decided_hears_no_appeal_through_any_page(world, stands):
    """Vlad hears appeals, and an account of his made the decision; whoever reviewed it until here is another."""
    name, cast = f"vlad-{stands}", country.cast()
    vlad, other = officer(name), officer(f"other-{stands}")
    id, _ = home("n1", income=90_000)
    made = setting.decided(id)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE trust_account SET human = %s WHERE id = %s", [made.made_by, vlad.id])
    appeals = setting.appealed(made.id, cast.amina)
    for act in {State.OPEN: (), State.REVIEW: (Act.BEGIN_REVIEW,)}.get(stands, (Act.BEGIN_REVIEW, Act.UPHOLD)):
        done(appeals, act, other, Permission.REVIEW_APPEAL)
    setting.earns(id, 5_000)
    before = rows("SELECT state, owner FROM cases_case WHERE id = %s", appeals.id)
    browser, address = signed_in(name), f"/cases/{appeals.id}/"
    for act in (Act.TAKE, Act.BEGIN_REVIEW, Act.UPHOLD, Act.DISMISS, Act.EXECUTE):
        for door in ("review/", "step/", "judge/"):
            response = browser.post(address + door, {"act": act.value, "words": "It is right."})
            assert response.status_code in (400, 403), (act, door)
    pages.assert_refused(browser.post(f"{address}execute/"), 400)
    for words in ("Begin the review", "Uphold", "Decide again"):
        assert words not in pages.text(browser.get(address))
    assert rows("SELECT state, owner FROM cases_case WHERE id = %s", appeals.id) == before


def test_an_executed_appeal_shows_what_is_owed_cycle_by_cycle(amina, vera, world):
    paying.pays()
    id, _ = home("n1", income=90_000)
    paying.enrolled(1)
    appeals = setting.appealed(setting.decided(id).id, country.cast().amina)
    paying.sent(country.cast(), _list("2026-11"))
    by = setting.officer("vito")
    for act, words in ((Act.BEGIN_REVIEW, ""), (Act.UPHOLD, "The payslips say so.")):
        done(appeals, act, by, Permission.REVIEW_APPEAL, words=words)
    setting.earns(id, 5_000)
    assert vera.post(f"/cases/{appeals.id}/execute/").status_code == 302
    page = vera.get(f"/cases/{appeals.id}/")
    pages.assert_is_whole(page)
    for words in ("What is owed for earlier cycles", "2026-11", "20.00", "Waits for the next list"):
        assert words in pages.text(page)


def _list(cycle: str):
    return payments.prepare("poor_home", cycle, by=country.cast().paz, under=country.GROUND, on=clock.today())


def test_a_held_payment_says_why_and_is_released_from_its_case(amina, chen, world):
    paying.pays(replace(paying.TERMS, checks=(Check.OVER_CEILING,), ceiling_minor=500))
    paying.enrolled(501)
    _list("2026-12")
    ((id,),) = rows("SELECT id FROM cases_case WHERE kind = 'payment'")
    page = amina.get(f"/cases/{id}/")
    pages.assert_is_whole(page)
    for words in ("Held payment", "over the ceiling", "5.01", "2026-12", "Pay it", "Withhold it", "it is paid"):
        assert words in pages.text(page)
    pages.assert_refused(chen.get(f"/cases/{id}/"), 404)
    answer = {"act": "release", "words": "The household is larger now."}
    pages.assert_refused(chen.post(f"/cases/{id}/step/", answer), 404)
    assert amina.post(f"/cases/{id}/step/", answer).status_code == 302
    assert "Released" in pages.text(amina.get(f"/cases/{id}/"))
    assert rows("SELECT state FROM payments_payment WHERE check_failed IS NOT NULL") == [("ready",)]


def test_a_suspicion_is_judged_on_its_page_by_a_second_person(amina, bruno, ines, world):
    flag = filed(country.cast().amina, "flag", person=world["person"])
    done(flag, Act.TAKE, country.cast().bruno, words="")
    address = f"/cases/{flag.id}/"
    assert "A suspicion stops nothing" in pages.text(amina.get(address))
    pages.assert_refused(amina.post(f"{address}judge/", {"act": "clear", "words": "x"}), 403)
    pages.assert_refused(bruno.post(f"{address}judge/", {"act": "clear", "words": "x"}), 400)
    assert "Clear: it is unfounded" not in pages.text(bruno.get(address))
    assert ines.post(f"{address}judge/", {"act": "clear", "words": "Two people of one name."}).status_code == 302
    assert "Unfounded" in pages.text(bruno.get(address))


def test_a_sensitive_case_is_not_shown_to_whoever_took_it_down(amina, bruno, world):
    person = f"/households/{world['household']}/people/{world['person']}/case/violence/"
    response = amina.post(person, {"channel": "counter", "words": "He hits me."})
    assert "See the case" not in pages.text(response)
    [(id,)] = rows("SELECT id FROM cases_case WHERE category_id = 'violence' ORDER BY id DESC LIMIT 1")
    pages.assert_refused(amina.get(f"/cases/{id}/"), 404)
    pages.assert_is_whole(bruno.get(f"/cases/{id}/"))


def test_figures_are_told_by_category_and_area_and_few_are_not(amina, emre, world):
    for _ in range(6):
        done(filed(country.cast().amina, "wrong_fact"), Act.RESOLVE, country.cast().amina)
    filed(country.cast().amina, "jobs")
    response = emre.get("/cases/figures/")
    pages.assert_is_whole(response)
    text = pages.text(response)
    assert "100%" in text
    assert "fewer than 5" in text
    assert "violence" not in text  # counted for those who may see them
    pages.assert_is_whole(amina.get("/cases/figures/?area=n1"))
    pages.assert_refused(amina.get("/cases/figures/?area=s1"), 404)
    pages.assert_asked_again(emre.get("/cases/figures/?since=soon"), "id_since")


def test_a_case_in_arabic_runs_from_right_to_left(amina, case):
    amina.cookies["amparo_language"] = "ar"
    response = amina.get(case)
    assert 'dir="rtl"' in response.content.decode()
    assert "شكوى" in pages.text(response)
