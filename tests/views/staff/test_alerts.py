"""Alerts and breaches on pages: listed, looked into, judged; a breach opened from one, its clock on the first page (C3, C8)."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.trust.actions import install_watch
from amparo.trust.actions.breaching import count_breach
from amparo.trust.queries import account_named
from amparo.trust.types import BreachConfig, WatchConfig, system
from amparo.trust.watching.running import watch
from tests.lib import agreeing, audit_log, pages
from tests.views.conftest import signed_in

pytestmark = pytest.mark.usefixtures("database")
BY = system("test")


def rows(statement: str, *values: object) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def alert(database, northern_home) -> str:
    """Amina has read the northern home on what is a day off."""
    agreeing.install()
    off = clock.today().isoweekday() % 7 + 1
    install_watch(WatchConfig(weekdays=(off,), night_reads=2), BreachConfig(72, "Act, section 11"), by=BY)
    browser = signed_in("amina")
    for _ in range(3):
        assert browser.get(f"/households/{northern_home}/").status_code == 200
    watch(by=BY)
    ((id,),) = rows("SELECT id FROM trust_alert WHERE kind = 'night'")
    return str(id)


@pytest.mark.parametrize(
    "address", ["/alerts/", "/alerts/?state=&kind=night", "/breaches/", "/breaches/new/", "/impact/"]
)
def test_they_work_without_javascript(lina, alert, address):
    pages.assert_is_whole(lina.get(address))


@pytest.mark.parametrize("address", ["/alerts/", "/breaches/", "/breaches/new/", "/impact/"])
def test_nobody_is_sent_to_sign_in(nobody, address):
    pages.assert_leads_to_sign_in(nobody, address)


def test_an_alert_shows_what_was_counted_and_the_rows_that_lead_on(lina, emre, alert, northern_home):
    for browser in (lina, emre):
        response = browser.get(f"/alerts/{alert}/")
        pages.assert_is_whole(response)
        text, body = pages.text(response), response.content.decode()
        assert "Outside office hours" in text
        assert "Amina" in text
        assert f"?about={northern_home}" in body
        assert body.count('id="row-') == 3
        assert not {"Yara", "Omar", "Haddad"} & set(text.split())
        assert "officer=amina" in body
    assert "Judge it" not in pages.text(emre.get(f"/alerts/{alert}/"))


def test_what_is_not_in_the_list_to_choose_from_is_refused(lina, alert):
    response = lina.get("/alerts/", {"state": "forgotten"})
    pages.assert_refused(response, 400)
    assert "Choose from the list" in pages.text(response)
    assert lina.get("/alerts/", {"after": "x"}).status_code == 200


def test_a_judgement_without_words_is_asked_for_again_and_one_with_words_is_kept(lina, alert):
    pages.assert_asked_again(lina.post(f"/alerts/{alert}/looked-at/", {"reason": " "}), "id_reason")
    assert lina.post(f"/alerts/{alert}/looked-at/", {"reason": "On call that day."}).status_code == 302
    text = pages.text(lina.get(f"/alerts/{alert}/"))
    assert "On call that day." in text
    assert "looked at" in text


def test_whoever_it_concerns_finds_no_alert(alert):
    browser = signed_in("lina")
    rows("UPDATE trust_alert SET concerned = concerned || %s WHERE id = %s", account_named("lina").id, alert)
    pages.assert_refused(browser.get(f"/alerts/{alert}/"), 404)
    pages.assert_refused(browser.post(f"/alerts/{alert}/close/", {"reason": "Mine."}), 404)
    assert alert not in browser.get("/alerts/?state=").content.decode()
    rows("UPDATE trust_alert SET concerned = concerned[1:1] WHERE id = %s", alert)


def test_the_first_page_counts_what_waits_for_those_who_watch_and_tells_nobody_else(lina, emre, amina, alert):
    for state, is_told in (("open", True), ("looked-at", False)):
        rows("UPDATE trust_alert SET state = %s WHERE id = %s", state, alert)
        for browser in (lina, emre):
            assert ("1 open alert" in pages.text(browser.get("/"))) is is_told
        assert "open alert" not in pages.text(amina.get("/"))


def test_where_the_watch_does_not_run_the_page_says_since_when(lina, alert, server, database):
    warning = "Nobody has looked for unusual use since"
    assert warning not in pages.text(lina.get("/alerts/"))
    with audit_log.almighty(server, database) as cursor:
        cursor.execute("UPDATE trust_watched SET place = -1")
        cursor.execute("UPDATE trust_audit SET written_at = '2026-02-01 12:00'")
    response = lina.get("/alerts/")
    assert f"{warning} Feb 1, 2026" in pages.text(response)
    pages.assert_works_without_javascript(response)
    watch(by=BY)
    assert warning not in pages.text(lina.get("/alerts/"))


def form(**changes) -> dict[str, str]:
    now = clock.now()
    written = {
        name: (now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")
        for name, hours in (("found_at", -1), ("since", -5), ("until", 1))
    }
    return {"what": "List 7 was seen at a market.", "officer": ""} | written | changes


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"what": ""}, ["id_what"]),
        ({"found_at": "yesterday"}, ["id_found_at"]),
        ({"found_at": "2099-01-01T00:00"}, ["id_found_at"]),
        ({"officer": "zeno"}, ["id_officer"]),
        ({"until": "2020-01-01T00:00"}, ["id_until"]),
    ],
)
def test_a_breach_that_lacks_something_is_asked_for_again(lina, alert, wrong, fields):
    pages.assert_asked_again(lina.post("/breaches/new/", form(**wrong)), *fields)


def test_a_breach_from_its_alert_to_its_end(lina, alert):
    """Opened by one, counted, told, closed by two; the clock is on the first page while it runs."""
    opening = lina.get(f"/breaches/new/?alert={alert}")
    pages.assert_is_whole(opening)
    assert 'value="amina"' in opening.content.decode()
    made = lina.post(f"/breaches/new/?alert={alert}", form(officer="amina"))
    id = re.search(r"/breaches/([0-9a-f-]+)/", made["Location"])[1]
    page = f"/breaches/{id}/"
    text = pages.text(lina.get(page))
    assert "being counted" in text
    assert "70 hours left" in text
    assert "Act, section 11" in text
    assert "70 hours left" in pages.text(lina.get("/"))
    assert rows("SELECT task_name FROM procrastinate_jobs WHERE args->>'breach_id' = %s", id) == [
        ("trust.count_breach",)
    ]
    count_breach(UUID(id), by=BY)
    pages.assert_is_whole(lina.get(page))
    assert "2 persons" in pages.text(lina.get(page))
    lines = b"".join(lina.get(f"{page}concerned.csv").streaming_content).decode().splitlines()
    assert lines[0] == "kind,id,at,event,by,fields"
    assert len(lines) == 1 + 3 * 3
    pages.assert_asked_again(lina.post(f"{page}step/", {"kind": "told-people", "whom": "", "words": "x"}), "id_whom")
    told = {"kind": "told-authority", "whom": "Authority", "words": "Form 3."}
    assert lina.post(f"{page}step/", told).status_code == 302
    assert "told in time" in pages.text(lina.get(page))
    assert "hours left" not in pages.text(lina.get("/"))
    assert lina.post(f"{page}close/", {"words": "All were told."}).status_code == 302
    pages.assert_refused(lina.post(f"{page}close/", {"words": "Again."}), 403)
    assert signed_in("jamal").post(f"{page}close/", {"words": "I agree."}).status_code == 302
    assert "closed" in pages.text(lina.get("/breaches/"))


def test_a_clock_is_red_only_when_it_is_overdue(lina, alert):
    found = clock.now() - timedelta(hours=100)
    made = lina.post("/breaches/new/", form(found_at=found.strftime("%Y-%m-%dT%H:%M")))
    body = lina.get(made["Location"]).content.decode()
    assert "govuk-tag--red" in body
    assert "28 hours overdue" in body
    assert "govuk-tag--red" not in lina.get("/alerts/").content.decode()


def test_the_assessment_says_what_is_open_and_is_signed_by_two_on_its_page(lina, ines, emre, alert):
    assert "questions are open" in pages.text(lina.get("/impact/"))
    assert lina.post("/impact/version/").status_code == 400
    from amparo.trust.types import QUESTIONS

    assert lina.post("/impact/answers/", {each: f"Because {each}." for each in QUESTIONS}).status_code == 302
    assert lina.post("/impact/version/").status_code == 302
    assert "waits for signatures" in pages.text(emre.get("/impact/"))
    pages.assert_refused(emre.post("/impact/version/1/sign/"), 403)
    assert lina.post("/impact/version/1/sign/").status_code == 302
    pages.assert_refused(lina.post("/impact/version/1/sign/"), 403)
    assert ines.post("/impact/version/1/sign/").status_code == 302
    assert "signed off" in pages.text(lina.get("/impact/"))
    pages.assert_refused(ines.post("/impact/live/"), 400)  # this one is live already
    lina.post("/impact/answers/", {"need": "For another reason."})
    text = pages.text(lina.get("/impact/"))
    assert "something has changed since" in text
    assert "Why is the registry needed? (changed)" in text
    assert "Something has changed since the impact assessment was signed off" in pages.text(lina.get("/"))


def test_an_account_is_bound_to_a_person_whom_the_registry_knows(alert, northern_home):
    browser, amina = signed_in("hana"), account_named("amina").id
    [(person, number)] = rows(
        "SELECT p.id, p.number FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
        " WHERE household_id = %s LIMIT 1",
        northern_home,
    )
    page = f"/officers/{amina}/person/"
    assert browser.post(page, {"kind": "number", "asked": str(number)}).status_code == 302
    assert account_named("amina").person_id == person
    assert browser.post(page, {"act": "forget"}).status_code == 302
    assert account_named("amina").person_id is None
    assert browser.post(f"/officers/{account_named('hana').id}/person/", {"act": "forget"}).status_code == 400


def test_a_trial_says_so_on_every_page_and_a_live_installation_does_not(lina, nobody, server, database):
    from tests.lib import audit_log

    for browser, address in ((lina, "/"), (lina, "/alerts/"), (nobody, "/account/sign-in/")):
        assert "No real people" not in pages.text(browser.get(address))
    with audit_log.almighty(server, database) as cursor:
        cursor.execute("DELETE FROM trust_stage")
    for browser, address in ((lina, "/"), (lina, "/alerts/"), (lina, "/nowhere/"), (nobody, "/account/sign-in/")):
        assert "No real people" in pages.text(browser.get(address))
