"""What a citizen takes part in: their own and their household's, and nobody else's."""

import json

import pytest

from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.actions import enrol_many
from tests.lib import pages
from tests.lib.country import GROUND
from tests.unit.programmes.country import OPERATOR


@pytest.fixture(scope="module")
def enrolled(people) -> set[str]:
    """Everybody whose home is poor takes part; the ids of all their enrolments."""
    enrol_many("poor_home", by=OPERATOR, under=GROUND, on=clock.today(), using="bulk")
    found = {str(each) for each in models.Enrolment.objects.using("bulk").values_list("id", flat=True)}
    assert len(found) > 1
    return found


def test_the_page_shows_what_they_take_part_in(dalia, enrolled):
    page = dalia.get("/mine/decisions/")
    pages.assert_is_whole(page)
    assert "What you take part in" in pages.text(page)


def test_their_copy_holds_their_household_s_and_nobody_else_s(dalia, people, enrolled):
    told = json.loads(dalia.get("/mine/copy.json").content)["enrolments"]
    homes = models.Enrolment.objects.using("bulk").filter(id__in=[each["id"] for each in told])
    assert {each.household_id for each in homes} == {people["n1"]}
    assert [(each["programme"], each["state"]) for each in told] == [("poor_home", "enrolled")]


def test_no_page_of_staff_opens_to_them(dalia, enrolled):
    for each in enrolled:
        pages.assert_refused(dalia.get(f"/enrolments/{each}/"), 403)


def test_the_page_and_the_copy_say_who_collects_since_when_and_on_what_ground(dalia, people, enrolled):
    rows = models.Enrolment.objects.using("bulk").filter(unit_id=people["n1"])
    page = pages.text(dalia.get("/mine/decisions/"))
    assert "Nobody is named yet: ask your office who may collect" in page
    rows.update(recipient_id=people["Dario"], alternate_id=people["Vito"])
    page = dalia.get("/mine/decisions/")
    pages.assert_is_whole(page)
    said = pages.text(page)
    assert "Dario Aziz" in said
    assert "Named when taking part began" in said
    assert "Somebody who is not named here" in said
    assert "may come instead" in said
    assert "Vito" not in said
    (first, other) = json.loads(dalia.get("/mine/copy.json").content)["collectors"]
    assert (first["person"] is not None, first["as_alternate"], first["since"]) == (True, False, str(clock.today()))
    assert (other["person"], other["institution"], other["as_alternate"]) == (None, None, True)
    rows.update(recipient_id=people["Dalia"], alternate_id=None)
    assert "You" in pages.text(dalia.get("/mine/decisions/"))
    rows.update(recipient_id=None)
