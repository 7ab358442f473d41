"""Every insider who misuses records is seen, and next to nobody else is (C3). AMPARO_INSIDERS=officers draws a larger country."""

import os
import random
from collections import Counter

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.trust.types import AlertKind, system
from amparo.trust.watching import counting
from amparo.trust.watching.running import watch
from tests.lib import audit_log, insiders

OFFICERS = int(os.environ.get("AMPARO_INSIDERS", "40"))
BY = system("test")
MOST_FALSE = 0.01


@pytest.fixture(scope="module")
def country(database) -> insiders.World:
    """Six weeks of a country, written in pieces and watched after each, as it would have been."""
    made = insiders.world(20261129, officers=OFFICERS, until=clock.today())
    insiders.settle(made)
    rows = sorted(made.rows, key=lambda each: each[0])
    cuts = sorted(random.Random(1).sample(range(1, len(rows)), 2))
    for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        insiders.log(rows[begin:end])
        watch(by=BY)
    return made


def raised() -> list[tuple]:
    """Return kind, who, about and whom it concerns of every alert."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT kind, by_id, about, concerned, day, observed, threshold, rows FROM trust_alert ORDER BY 1, 2, 3, 5"
        )
        return cursor.fetchall()


def test_every_insider_is_alerted_of(country):
    assert len(country.expected) >= 10
    assert set(country.expected) == set(AlertKind)
    found = {(kind, str(by)) for kind, by, *_ in raised()} | {(kind, about) for kind, _, about, *_ in raised()}
    missed = [kind.value for kind, who in country.expected.items() if (kind.value, str(who)) not in found]
    assert missed == []


def test_next_to_nobody_else_is(country):
    ordinary = {each.id for each in country.workers} - country.involved
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trust_use WHERE by_id = ANY (%s)", [list(ordinary)])
        (days,) = cursor.fetchone()
    false = Counter(kind for kind, by, _, concerned, *_ in raised() if ordinary & {by, *concerned})
    print(f"{false.total()} false alerts in {days} officer-days: {dict(false)}")
    assert days > 20 * len(ordinary)
    assert false.total() <= MOST_FALSE * days


def test_an_alert_names_the_rows_it_rests_on_and_is_above_its_threshold(country):
    for kind, _, _, _, _, observed, threshold, rows in raised():
        assert observed >= threshold > 0, kind
        assert 1 <= len(rows) <= 200, kind


def test_watching_again_raises_nothing_twice(country):
    before = raised()
    assert watch(by=BY).alerts == 0
    assert raised() == before


def test_a_watch_that_stood_still_finds_what_it_would_have_found(country, server, database, monkeypatch):
    """From the beginning again, in other pieces: the same alerts of the same days."""
    before = {(*each[:3], each[4]) for each in raised()}
    with audit_log.almighty(server, database) as cursor:
        cursor.execute("DELETE FROM trust_alert; DELETE FROM trust_use; DELETE FROM trust_used_area")
        cursor.execute("UPDATE trust_watched SET place = -1")
    monkeypatch.setattr(counting, "ROWS_AT_ONCE", 1_000)
    watch(by=BY)
    assert {(*each[:3], each[4]) for each in raised()} == before
