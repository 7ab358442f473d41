"""Buckets that empty with time, against a plain model; many at once are counted one after the other."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.trust.limits import Limit, forget_empty, wait_for

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Bucket:
    """A token bucket as books draw it: so many tokens, filled evenly."""

    def __init__(self, size: int, seconds: float) -> None:
        self.size, self.per_second, self.held, self.at = size, size / seconds, float(size), 0.0

    def fill(self, at: float) -> None:
        self.held, self.at = min(self.size, self.held + (at - self.at) * self.per_second), at


@pytest.mark.parametrize("seed", range(4))
def test_as_many_go_on_as_two_token_buckets_let(database, seed):
    draw, at = random.Random(seed), 0.0
    limit = Limit(draw.randint(1, 5), draw.randint(5, 30))
    buckets = [Bucket(limit.in_second, 1), Bucket(limit.in_minute, 60)]
    for _ in range(120):
        at += draw.choice([0.0, 0.0, 0.125, 0.5, 2.0, 8.0])
        for each in buckets:
            each.fill(at)
        may = all(each.held > 1 - 1e-4 for each in buckets)
        near = any(abs(each.held - 1) < 1e-4 for each in buckets)
        with clock.fixed(START + timedelta(seconds=at)):
            went_on = wait_for(f"drawn:{seed}", limit) is None
        assert went_on == may or near
        for each in buckets if went_on else ():
            each.held -= 1


def test_after_the_wait_that_was_told_one_more_goes_on_and_before_it_none(database):
    limit, at = Limit(5, 6), START
    told = []
    for _ in range(12):
        with clock.fixed(at):
            wait = wait_for("told", limit)
        if wait:
            with clock.fixed(at + timedelta(seconds=wait - 1)):
                told.append(wait_for("told", limit))
            with clock.fixed(at + timedelta(seconds=wait)):
                assert wait_for("told", limit) is None
            at += timedelta(seconds=wait)
    assert all(told)


def test_many_at_once_are_no_more_than_one_after_the_other(database):
    def ask(_):
        try:
            with clock.fixed(START):
                return wait_for("crowd", Limit(10, 100)) is None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(60))) == 10


def test_who_has_not_asked_for_long_is_forgotten_and_loses_nothing(database):
    with clock.fixed(START):
        wait_for("rare", Limit(1, 1))
    with clock.fixed(START + timedelta(seconds=30)):
        forget_empty()
        assert wait_for("rare", Limit(1, 1))
    with clock.fixed(START + timedelta(minutes=2)):
        assert forget_empty() >= 1
        assert wait_for("rare", Limit(1, 1)) is None
