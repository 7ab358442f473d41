"""Retention and erasure on pages: proposed on the person's page, decided on another's, certified; nobody's record is shown."""

import re

import pytest

from amparo.trust.actions.erasures import install_schedules
from amparo.trust.keeping import erasing
from amparo.trust.models import Erasure
from amparo.trust.types import ScheduleConfig, system
from tests.lib.erasing import GROUND, REFERENCE, WORKER, people, rows
from tests.views.conftest import signed_in

pytestmark = pytest.mark.usefixtures("fresh_database", "own_ledger")


@pytest.fixture
def home(fresh_database):
    from tests.lib import country

    return country.household(
        "n1", {"given_name": "Yara", "family_name": "Haddad", "is_head": True}, {"given_name": "Omar"}, income=12_500
    )


def page_of(home, member: int = 0) -> str:
    return f"/households/{home}/people/{people(home)[member]}/erasure/"


def text(response) -> str:
    return re.sub(r"<[^>]+>", " ", response.content.decode())


def proposed(home, **sent) -> str:
    """Propose to erase the first member, and return the address of the proposal."""
    answer = signed_in("ines").post(page_of(home), {"ground": GROUND, "reference": REFERENCE} | sent)
    assert answer.status_code == 302, text(answer)
    return f"/retention/erasures/{Erasure.objects.using('bulk').latest('proposed_at').id}/"


def test_from_the_proposal_to_the_certificate(home):
    address = proposed(home)
    lina = signed_in("lina")
    waiting = text(lina.get("/retention/"))
    assert REFERENCE in waiting
    shown = lina.get(address)
    assert "cannot be brought back" in text(shown)
    assert "Yara" not in text(shown)
    assert lina.post(f"{address}confirm/").status_code == 302
    [(job,)] = rows("SELECT args ->> 'erasure_id' FROM procrastinate_jobs WHERE task_name = 'trust.erase_person'")
    assert job in address
    row = erasing.erase(Erasure.objects.using("bulk").get(id=job).id, by=WORKER)
    told = text(lina.get(f"/retention/certificates/{row.id}/"))
    assert row.digest in told
    assert "Yara" not in told
    assert str(row.person_id) not in told
    home_page = text(signed_in("ines").get(f"/households/{home}/"))
    assert "Yara" not in home_page
    assert "Omar" in home_page
    assert "was erased by law" in text(signed_in("ines").get(f"/households/{home}/history/"))


def test_whoever_proposed_may_not_confirm_and_the_officer_of_the_village_may_do_neither(home):
    address = proposed(home)
    assert signed_in("ines").post(f"{address}confirm/").status_code == 403
    assert signed_in("amina").get(page_of(home)).status_code == 403
    assert signed_in("emre").post(f"{address}confirm/").status_code == 403
    assert signed_in("lina").get(page_of(home)).status_code == 403
    assert signed_in("lina").post(f"{address}dismiss/").status_code == 302
    assert signed_in("lina").post(f"{address}confirm/").status_code == 400


WRONG = (
    ({"ground": ""}, "Name the law or decision"),
    ({"reference": ""}, "Give the number"),
    ({"reference": "request of Yara"}, "name nobody"),
    ({"ground": "as HADDAD asked", "reference": "of yara"}, "name nobody"),
    ({"ground": "x" * 201}, "200 characters"),
)


def test_what_is_missing_or_names_somebody_is_said(home):
    ines = signed_in("ines")
    for sent, said in WRONG:
        answer = ines.post(page_of(home), {"ground": GROUND, "reference": REFERENCE} | sent)
        assert answer.status_code == 400
        assert said in text(answer)
    assert Erasure.objects.using("bulk").count() == 0


def test_a_record_is_held_and_let_go_again(home):
    ines, where = signed_in("ines"), page_of(home)
    hold = where.replace("erasure/", "hold/")
    assert ines.post(hold, {"reason": ""}).status_code == 400
    assert ines.post(hold, {"reason": "x", "until": "2020-01-01"}).status_code == 400
    assert ines.post(hold, {"reason": "Investigation 7", "until": ""}).status_code == 302
    assert "Investigation 7" in text(ines.get(where))
    assert ines.post(where, {"ground": GROUND, "reference": REFERENCE}).status_code == 400
    [(id,)] = rows("SELECT id FROM trust_hold")
    assert ines.post(f"{hold}{id}/end/").status_code == 302
    assert ines.post(where, {"ground": GROUND, "reference": REFERENCE}).status_code == 302


def test_schedules_are_shown_with_what_is_due(home):
    install_schedules([ScheduleConfig("p", "person", "contact", "left", 365, "law-x")], by=system("test"))
    from amparo.trust.keeping import retention

    retention.preview(by=system("test"))
    shown = text(signed_in("lina").get("/retention/"))
    assert "365 days after" in shown
    assert "law-x" in shown


def test_pages_are_whole_in_both_languages(home):
    address, lina, ines = proposed(home), signed_in("lina"), signed_in("ines")
    for language in ("en", "ar"):
        for browser, pages in ((lina, ["/retention/", address]), (ines, [page_of(home), page_of(home, 1)])):
            browser.get(f"/language/{language}/")
            for each in pages:
                answer = browser.get(each)
                assert answer.status_code == 200
                assert not re.search(r"(web|trust)-[a-z]+-[a-z]+", text(answer)), each


def test_nobody_is_told_of_a_certificate_that_is_not_there(home):
    assert signed_in("lina").get(f"/retention/certificates/{home}/").status_code == 404
    assert signed_in("lina").get(f"/retention/erasures/{home}/").status_code == 404
