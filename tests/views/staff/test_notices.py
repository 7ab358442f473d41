"""The page of a notice: given, printed, answered, reviewed by somebody else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.procedure import Procedure
from amparo.programmes.types import State
from amparo.registry.actions import observe
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import country, pages
from tests.unit.programmes.country import POOR_HOME, installed

NOTICED = replace(POOR_HOME, procedure=Procedure(law="law-notice", notice_days=10, appeal_days=90))


@pytest.fixture(scope="module")
def world(database) -> None:
    installed(NOTICED)


@pytest.fixture
def proposed(world) -> str:
    """The address of a decision in the north that proposes to end a grant."""
    home = country.household("n1", {"birth_date": date(1990, 1, 1)}, income=5_000, on=clock.today())
    ines = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(ines):  # and is decided again at once
        observe(home, values={"income": 90_000}, source="tax", by=ines, on=clock.today(), under=country.GROUND)
    row = models.Decision.objects.using("bulk").get(unit_id=home, state=State.PROPOSED, superseded_at=None)
    return f"/decisions/{row.id}/"


@pytest.fixture
def noticed(amina, proposed) -> str:
    """The address of the notice that Amina gave of it."""
    response = amina.post(f"{proposed}notice/")
    assert response.status_code == 302
    return response["Location"]


def answered(browser: Client, address: str, words: str = "I earned nothing.", on: str | None = None):
    return browser.post(f"{address}reply/", {"words": words, "received_on": on or clock.today().isoformat()})


def test_it_works_without_javascript(amina, noticed):
    pages.assert_is_whole(amina.get(noticed))


def test_nobody_is_sent_to_sign_in(nobody, noticed):
    pages.assert_leads_to_sign_in(nobody, noticed)


def test_the_officer_of_another_area_does_not_learn_that_it_exists(chen, proposed, noticed):
    pages.assert_refused(chen.get(noticed), 404)
    pages.assert_refused(answered(chen, noticed), 404)
    pages.assert_refused(chen.post(f"{proposed}notice/"), 404)


def test_an_auditor_may_not_read_it(emre, noticed):
    pages.assert_refused(emre.get(noticed), 403)


def test_the_decision_offers_a_notice_once_and_then_leads_to_it(amina, proposed):
    assert "Give notice of this decision today" in pages.text(amina.get(proposed))
    amina.post(f"{proposed}notice/")
    words = pages.text(amina.get(proposed))
    assert "Give notice of this decision today" not in words
    assert "The notice of this decision" in words
    pages.assert_refused(amina.post(f"{proposed}notice/"), 400)


def test_it_says_what_changes_from_which_day_why_and_how_to_answer(amina, noticed):
    words = pages.text(amina.get(noticed))
    assert "you are no longer to receive €20.00" in words
    assert "Until that day nothing changes" in words
    assert "€900.00" in words  # the income that it rests on
    assert "you can appeal for 90 days" in words


def test_a_reply_is_taken_down_and_asks_for_a_review(amina, bruno, noticed):
    assert "A review is not demanded" in pages.text(bruno.get(noticed))
    assert answered(amina, noticed).status_code == 302
    assert "I earned nothing." in pages.text(amina.get(noticed))
    assert "Somebody other than the maker has to review" in pages.text(bruno.get(noticed))


def test_a_reply_that_lacks_something_is_asked_for_again_and_keeps_what_was_typed(amina, noticed):
    pages.assert_asked_again(answered(amina, noticed, words=" "), "id_words")
    pages.assert_asked_again(answered(amina, noticed, on="2999-01-01"), "id_received_on")
    before = clock.today() - timedelta(days=1)  # that the notice was given
    pages.assert_asked_again(answered(amina, noticed, on=before.isoformat()), "id_received_on")
    page = answered(amina, noticed, words="I earned nothing.", on="soon")
    pages.assert_asked_again(page, "id_received_on")
    assert "I earned nothing." in pages.text(page)
    pages.assert_asked_again(answered(amina, noticed, words="", on="soon"), "id_received_on", "id_words")
    assert not models.Reply.objects.using("bulk").filter(notice_id=noticed.split("/")[2]).exists()
    pages.assert_is_whole(amina.get(f"{noticed}reply/"))  # where the browser stands then


def test_a_review_without_a_reason_is_asked_for_again(bruno, noticed):
    pages.assert_asked_again(bruno.post(f"{noticed}review/", {"confirms": "yes", "reason": " "}), "id_reason")
    assert not models.Review.objects.using("bulk").filter(notice_id=noticed.split("/")[2]).exists()
    pages.assert_is_whole(bruno.get(f"{noticed}review/"))


def test_a_supervisor_reviews_and_the_officer_may_not(amina, bruno, noticed):
    asked = {"confirms": "no", "reason": "The payslip is another person's."}
    pages.assert_refused(amina.post(f"{noticed}review/", asked), 403)
    pages.assert_refused(bruno.post(f"{noticed}review/", {"reason": "x"}), 400)
    assert bruno.post(f"{noticed}review/", asked).status_code == 302
    words = pages.text(bruno.get(noticed))
    assert "After review this will not take effect" in words
    assert "Bruno" in words


def test_whoever_gave_the_notice_does_not_review_it(bruno, proposed):
    address = bruno.post(f"{proposed}notice/")["Location"]
    pages.assert_refused(bruno.post(f"{address}review/", {"confirms": "yes", "reason": "x"}), 400)
