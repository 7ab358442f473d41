"""An account asks for no more pages than a person reads (ASVS 2.4.1)."""

from datetime import timedelta

import pytest
from django.conf import settings

from amparo.kernel import clock
from tests.lib import pages


@pytest.fixture(autouse=True)
def limited(monkeypatch):
    monkeypatch.setattr(settings, "PAGE_LIMIT", (5, 12))


def statuses(browser, many: int) -> list[int]:
    return [browser.get("/account/").status_code for _ in range(many)]


def test_whoever_asks_too_often_is_told_when_to_come_back_and_nobody_else_waits(amina, bruno):
    with clock.fixed(clock.now() + timedelta(minutes=3)):
        assert statuses(amina, 7) == [200] * 5 + [429] * 2
        assert statuses(bruno, 1) == [200]
        refused = amina.get("/account/")
    pages.assert_refused(refused, 429)
    assert refused["Retry-After"] == "1"
    assert "asks for pages too often" in pages.text(refused)


def test_they_come_back_evenly_and_no_more_than_so_many_in_a_minute(amina):
    begun = clock.now() + timedelta(minutes=6)
    answered = []
    for second in range(4):
        with clock.fixed(begun + timedelta(seconds=second)):
            answered += statuses(amina, 6)
    assert answered.count(200) == 12
    with clock.fixed(begun + timedelta(minutes=2)):
        assert statuses(amina, 1) == [200]


def test_whoever_is_not_signed_in_is_not_counted_here(nobody):
    assert [nobody.get("/account/sign-in/").status_code for _ in range(20)] == [200] * 20
