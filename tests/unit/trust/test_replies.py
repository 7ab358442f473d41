"""A write that is sent again: one effect, one answer, also where a program dies between the two (H8)."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.machines.replies import Conflict, Key, Reply, forget_old, once

SENDER = UUID(int=1)


@pytest.fixture
def effects(database):
    """A table in which each effect leaves a row."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS effect (key text)")
        cursor.execute("GRANT ALL ON effect TO amparo_app")
        cursor.execute("TRUNCATE effect")


def act(key: str = "k"):
    def done() -> Reply:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO effect VALUES (%s)", [key])
            return Reply(201, {"id": str(uuid4())})

    return done


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM effect")
        return cursor.fetchone()[0]


def test_the_same_again_answers_the_same_and_does_nothing(effects):
    key = Key(SENDER, str(uuid4()), b"body")
    assert once(key, act()) == once(key, act())
    assert count() == 1


def test_another_body_under_the_key_is_a_conflict_and_another_senders_is_not(effects):
    name = str(uuid4())
    once(Key(SENDER, name, b"body"), act())
    with pytest.raises(Conflict):
        once(Key(SENDER, name, b"other"), act())
    once(Key(UUID(int=2), name, b"other"), act())
    assert count() == 2


def test_what_is_refused_keeps_nothing_and_is_judged_anew(effects):
    key = Key(SENDER, str(uuid4()), b"body")

    def refused() -> Reply:
        act()()
        raise Refused("trust-agreement-unknown")

    with pytest.raises(Refused):
        once(key, refused)
    assert count() == 0
    once(key, act())
    assert count() == 1


def test_many_at_once_have_one_effect(effects):
    key = Key(SENDER, str(uuid4()), b"body")

    def sent(_):
        try:
            return once(key, act())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sent, range(50)))
    assert len({each.body["id"] for each in answers}) == 1
    assert count() == 1


def test_a_day_later_the_key_is_free(effects):
    key = Key(SENDER, str(uuid4()), b"body")
    once(key, act())
    with clock.fixed(clock.now() + timedelta(hours=24, seconds=1)):
        once(key, act())
        assert count() == 2
    with clock.fixed(clock.now() + timedelta(hours=49)):
        assert forget_old() >= 1


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(name: str, *, is_before: bool) -> None:
    """Have a program of its own die between effect and commit, or after it and before anybody was answered."""
    connections.close_all()
    if child := os.fork():
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        return
    try:
        once(Key(SENDER, name, b"body"), lambda: (act()(), die() if is_before else Reply(201, {"id": "first"}))[1])
    finally:
        die()


@pytest.mark.parametrize(("when", "answer"), [("before", "second"), ("after", "first")])
def test_a_program_killed_between_effect_and_answer_leaves_one_effect(effects, when, answer):
    name = str(uuid4())
    killed(name, is_before=when == "before")
    again = once(Key(SENDER, name, b"body"), lambda: (act()(), Reply(201, {"id": "second"}))[1])
    assert again.body == {"id": answer}
    assert count() == 1
