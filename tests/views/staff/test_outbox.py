"""The page of what people wait to be told: by area with the reason, whom no message will reach, and no address (OPS-2)."""

from datetime import date

import pytest

from amparo.kernel import clock
from amparo.trust.actions import grant_role, open_account
from amparo.trust.types import Role, system
from tests.lib import pages
from tests.lib.country import PASSWORD
from tests.unit.notices import setting
from tests.views.conftest import signed_in


@pytest.fixture(scope="module")
def world(database, tmp_path_factory):
    """Two homes in the north and one in the south that are to be told of something; no gateway is set up."""
    folder = tmp_path_factory.mktemp("locale")
    with setting.spoken(folder):
        setting.prepare(folder)
        told = [setting.home("n1"), setting.home("n1", phone="none"), setting.home("s1")]
        setting.told(*told)
        setting.sent()
        yield told


def test_it_is_whole_and_says_what_waits_and_why(world, amina):
    response = amina.get("/outbox/")
    pages.assert_is_whole(response)
    text = pages.text(response)
    for said in ("Northwell", "this channel is not set up here", "the number or address cannot be one", "Text, E-mail"):
        assert said in text
    for kept in ("Southwell", "Mill lane", "1234", "Yara"):
        assert kept not in text
    assert f"/households/{world[1]}/" in response.content.decode()


def test_each_sees_their_own_areas(world, chen, bruno):
    assert "Northwell" not in pages.text(chen.get("/outbox/"))
    assert "Northwell" in pages.text(bruno.get("/outbox/"))


def test_a_programmes_people_see_what_is_told_of_it(world, database):
    text = pages.text(signed_in("omid").get("/outbox/"))
    assert "Northwell" in text
    assert "Southwell" in text


def test_where_nothing_waits_that_is_said(world, database):
    """An officer of a village in which nothing happened."""
    by = system("test")
    account = open_account("tess", PASSWORD, display_name="Tess", by=by)
    grant_role(account.id, Role.OFFICER, area_code="n2", by=by, on=date(2020, 1, 1))
    assert "Nothing waits in your areas." in pages.text(signed_in("tess").get("/outbox/"))


def test_nobody_and_whoever_is_charged_with_something_else_is_kept_out(world, nobody, emre, lina):
    pages.assert_leads_to_sign_in(nobody, "/outbox/")
    for browser in (emre, lina):
        pages.assert_refused(browser.get("/outbox/"), 403)


def test_it_reads_only(world, amina):
    assert amina.post("/outbox/").status_code == 405


def test_whoever_looks_is_on_the_record(world, amina):
    amina.get("/outbox/")
    assert setting.rows("SELECT count(*) > 0 FROM trust_audit WHERE event = 'sendings-listed'") == [(True,)]


def test_in_arabic_it_says_the_same(world, amina):
    answer = amina.get("/outbox/", headers={"accept-language": "ar"}).content.decode()
    for said in ("ما ينتظر الناس أن يُخبروا به", "هذه القناة غير مهيأة هنا"):
        assert said in answer


def test_an_officer_says_that_they_told_somebody_in_person(world, amina, chen):
    """It goes its way all the same where the country's law wants it written, and that is said."""
    ((id,),) = setting.rows("SELECT id FROM notices_sending WHERE household_id = %s AND state = 'given-up'", world[1])
    address = f"/outbox/{id}/"
    assert address in amina.get("/outbox/").content.decode()
    pages.assert_is_whole(amina.get(address))
    pages.assert_refused(chen.get(address), 404)
    pages.assert_asked_again(amina.post(address, {"on": clock.today().isoformat()}), "id_how")
    late = amina.post(address, {"on": "2199-01-01", "how": "office"})
    assert late.status_code == 400
    assert amina.post(address, {"on": clock.today().isoformat(), "how": "office"}).status_code == 302
    assert "Told in person on" in pages.text(amina.get("/outbox/"))
