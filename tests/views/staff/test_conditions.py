"""Pages of conditions: a home's, an enrolment's, the list of suspensions that are proposed, and the citizen's own."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.kernel.dates import add_months
from amparo.programmes.conditions import Condition
from amparo.programmes.types import BreachAct
from tests.lib import pages
from tests.unit.programmes.conditions import ATTENDANCE, SINCE, asking, decided, follow, home, told
from tests.unit.programmes.country import installed
from tests.unit.programmes.enrolling import enrol
from tests.unit.programmes.feeding import rows
from tests.views.conftest import signed_in

pytestmark = pytest.mark.usefixtures("fresh_database")
LIST = "/enrolments/proposed/"
# The second time a suspension is proposed, so that two months are enough.
SHORT: Condition = replace(ATTENDANCE, steps=(BreachAct.NOTICE, BreachAct.SUSPENSION), category="")


@pytest.fixture
def taking_part(cast, tmp_path):
    installed(asking(SHORT))
    found = home("n1", "111", "222")
    decided()
    enrolment = enrol(found, by=cast.omid, on=SINCE)
    for period in (date(2026, 9, 1), date(2026, 10, 1)):
        on = add_months(period, 1)
        lines = [("111", f"{period:%Y-%m}", "no", "", ""), ("222", f"{period:%Y-%m}", "unknown", "", "")]
        told(tmp_path, lines, day=on)
        follow(on)
    return found, enrolment


def test_a_home_shows_what_was_told_what_is_unknown_and_what_follows(taking_part):
    found, _ = taking_part
    response = signed_in("amina").get(f"/households/{found}/")
    pages.assert_is_whole(response)
    words = pages.text(response)
    assert words.count("Not met") >= 2
    assert words.count("Not known") >= 2
    assert "Told in writing" in words
    assert "A suspension is proposed, and a person decides" in words
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'conditions-read'") == [(1,)]


def test_the_list_has_who_is_proposed_until_somebody_gave_notice(taking_part):
    _, enrolment = taking_part
    omid = signed_in("omid")
    response = omid.get(LIST)
    pages.assert_is_whole(response)
    assert f"/enrolments/{enrolment}/" in response.content.decode()
    assert "2 0 1 1" in pages.text(response)  # asked of, met, not met, not known
    assert "A suspension is proposed" in pages.text(omid.get(f"/enrolments/{enrolment}/"))
    omid.post(f"/enrolments/{enrolment}/suspend/", {"ground": "unreached", "until": ""})
    assert "No suspension is proposed here" in pages.text(omid.get(LIST))
    assert rows("SELECT state FROM programmes_enrolment") == [("enrolled",)]


def test_another_area_and_the_auditor_have_no_list(taking_part):
    assert "No suspension is proposed here" in pages.text(signed_in("chen").get(LIST))
    pages.assert_refused(signed_in("emre").get(LIST), 403)
    pages.assert_refused(signed_in("amina").get(LIST, {"programme": "nothing"}), 404)
    pages.assert_refused(signed_in("amina").get(LIST, {"area": "s1"}), 404)


def test_it_speaks_arabic(taking_part):
    amina = signed_in("amina")
    amina.get("/language/ar/")
    assert "إيقافات مؤقتة مقترحة" in amina.get(LIST).content.decode()


def test_nobody_is_sent_to_sign_in(taking_part, nobody):
    pages.assert_leads_to_sign_in(nobody, LIST)


def test_what_is_taken_back_is_said_and_proposed_no_more(taking_part, tmp_path):
    found, _ = taking_part
    on = date(2026, 11, 2)
    told(tmp_path, [("111", "2026-10", "yes", "", "")], day=on)
    follow(on)
    assert "No suspension is proposed here" in pages.text(signed_in("omid").get(LIST))
    assert "Taken back on" in pages.text(signed_in("amina").get(f"/households/{found}/"))
