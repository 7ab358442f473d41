"""The page of sources tells of updates what came last and what was refused, by reason, and nobody's data (UPD-2)."""

from datetime import timedelta

import pytest

from amparo.kernel import clock
from amparo.sources.actions import take_updates
from amparo.sources.updates.reading import each_read
from amparo.trust.types import system
from tests.lib import live, pages

A, UNKNOWN = "10000001", "99999999"


@pytest.fixture(scope="module")
def told(database):
    live.install()
    live.home([A, "10000002"])
    day, config = clock.today() - timedelta(days=1), live.civil()
    events = [live.event("Marriage", A, day, status="M"), live.death(UNKNOWN, day), live.event("Adoption", A, day)]
    take_updates(each_read(events, config.source, config.updates), config, by=system("updates"), on=clock.today())


def test_it_tells_the_road_what_came_last_and_what_was_refused(told, lina):
    response = lina.get("/sources/")
    pages.assert_is_whole(response)
    text = pages.text(response)
    for said in (
        "Tells by itself",
        "tells by signed webhooks",
        "tells by DCI notifications",
        "Last told: a marriage",
        "Taken in all: 1",
        "Refused: about somebody whom the registry does not know, or may not act on (1, last",
        "Refused: of a kind that nothing was agreed on (1, last",
        "Nothing told yet",
    ):
        assert said in text, said
    assert not [each for each in (A, UNKNOWN, "Adoption") if each in response.content.decode()]


def test_in_arabic_it_says_the_same(told, lina):
    answer = lina.get("/sources/", headers={"accept-language": "ar"}).content.decode()
    assert "يُخبر من تلقاء نفسه" in answer
    assert "آخر ما أخبر به: زواج" in answer


def test_whoever_may_not_read_agreements_does_not_see_it(told, nobody, amina):
    pages.assert_leads_to_sign_in(nobody, "/sources/")
