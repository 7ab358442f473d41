"""A household of five persons asked of nine institutions: fast, and with any fault on any of them no decision is wrong (VIR-1, J6).

AMPARO_FILES (files opened, 20) and AMPARO_FAULTY (households, 3, each with twenty faults) say how much is tried.
"""

import os
import random
import time

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.programmes.queries import decided_with
from amparo.sources.types import Caching
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import country, institutions, pages
from tests.unit.sources import nine, setting
from tests.views.conftest import signed_in

FILES = int(os.environ.get("AMPARO_FILES", "20"))
FAULTY = int(os.environ.get("AMPARO_FAULTY", "3"))
SEED = int(os.environ.get("AMPARO_SEED", "1"))
PERSONS, DELAY_SECONDS, WITHIN_SECONDS, FAULTS_EACH, IMPATIENT = 5, 0.2, 2.0, 20, 0.3
ENOUGH = 100  # files, for a measure of one in twenty
KEPT = (Caching.NONE, Caching.UNTIL, Caching.OBSERVATION)
FAULTS = (*institutions.FAULTS, *institutions.SLOW)


@pytest.fixture
def ministry(fresh_database):
    with institutions.serving() as ministry, setting.inside_allowed():
        yield ministry


def test_a_file_of_five_persons_from_nine_institutions_is_there_within_two_seconds(ministry):
    """The page, from the press of the button: each institution takes 200 ms, and of some what they tell is kept or recorded."""
    nine.prepare(ministry, lambda place: KEPT[place % 3])
    chance, browser = random.Random(SEED), signed_in("amina")
    homes = [nine.home(ministry, each, persons=PERSONS, chance=chance) for each in range(FILES)]
    ministry.delay, seconds = DELAY_SECONDS, []
    for home, _ in homes:
        ministry.asked.clear()
        begun = time.monotonic()
        response = browser.post(f"/households/{home}/file/")
        seconds.append(time.monotonic() - begun)
        assert "This is not all" not in pages.text(response)
        assert len(ministry.asked) == PERSONS * len(nine.NINE)
    p95 = sorted(seconds)[min(FILES * 95 // 100, FILES - 1)]
    print(
        f"{FILES} files of {PERSONS} persons from nine institutions: p50 {sorted(seconds)[FILES // 2]:.2f} s, p95 {p95:.2f} s"
    )
    # One after another they would take nine seconds. More is held to where enough is measured, and nothing else ran meanwhile.
    assert min(seconds) < PERSONS * len(nine.NINE) * DELAY_SECONDS
    is_alone = os.getloadavg()[0] < (os.cpu_count() or 1)
    assert not (is_alone and FILES >= ENOUGH) or p95 < WITHIN_SECONDS


def decided(home) -> dict:
    """Open the file and return what programmes would decide on it, by programme and place of the person."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM sources_connectionstate")  # one that rests would be asked nothing
    file = setting.opened(home)
    with acting(country.cast().amina.narrowed(Permission.READ_DECISION)) as by:
        found = decided_with(file, by=by, under=country.GROUND, on=clock.today())
    places = {each.id: place for place, each in enumerate(file.record.members)}
    return {(each.programme, places[each.unit_id]): each for each in found}


def test_with_any_of_twenty_faults_on_any_of_nine_no_decision_is_wrong_and_each_unknown_says_why(ministry):
    """Whatever rests on the institution with the fault is unknown with its reason; the rest is as if nothing were wrong."""
    nine.prepare(ministry, lambda place: Caching.NONE)
    chance, sources, counts = random.Random(SEED), list(nine.NINE), {"files": 0, "right": 0, "unknown": 0}
    for place in range(FAULTY):
        home, right = nine.home(ministry, place, persons=1 + place % PERSONS, chance=chance)
        assert {at: each.outcome for at, each in decided(home).items()} == right
        for turn in range(place * FAULTS_EACH, (place + 1) * FAULTS_EACH):
            fault, source = FAULTS[turn % len(FAULTS)], sources[(turn + turn // len(FAULTS)) % len(sources)]
            for at, outcome in with_fault(ministry, home, source, fault, right).items():
                counts["right" if outcome is not None else "unknown"] += 1
                assert outcome in (right[at], None)
            counts["files"] += 1
    print(f"{FAULTY} households, {counts}: 0 wrong")
    assert counts["unknown"] >= counts["files"]


def with_fault(ministry, home, source: str, fault: str, right: nine.Right) -> dict:
    """Return what would be decided while an institution misbehaves, held against what may be."""
    is_slow = fault in institutions.SLOW
    if is_slow:
        nine.connect(ministry, lambda place: Caching.NONE, **{source: IMPATIENT})
    ministry.faults = {source: fault}
    found = decided(home)
    ministry.faults = {}
    if is_slow:
        nine.connect(ministry, lambda place: Caching.NONE)
    assert found.keys() == right.keys()
    for at, each in found.items():
        rests_on_it = at[0] == source or (
            at[0] == nine.ALL and all(right[one, at[1]] for one in nine.NINE if one != source)
        )
        assert (each.outcome is None) == rests_on_it, (fault, source, at)
        if rests_on_it:
            assert set(each.because) == {source}
            assert each.because[source] in setting.reasons_of(fault), (fault, source)
            assert each.amount is None
    return {at: each.outcome for at, each in found.items()}
