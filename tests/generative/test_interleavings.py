"""One connection, many users, in any order, some cut off in the middle: nobody meets what another opened (B4).

AMPARO_INTERLEAVINGS says how many turns are taken; AMPARO_SEED draws others.
"""

import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial

import pytest
from django.db import Error, connection, connections, transaction

from amparo.project.databases import connect
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission
from tests.lib import country

TURNS = int(os.environ.get("AMPARO_INTERLEAVINGS", "300"))
SEED = os.environ.get("AMPARO_SEED", "1")
THREADS = 4
VILLAGES = {"n1", "n2", "s1", "s2"}
# By hand: where each works.
REACH = {"amina": {"n1", "n2"}, "chen": {"s1", "s2"}, "bruno": VILLAGES, "ines": VILLAGES}
PROTECTED = ("registry_household", "registry_person", "registry_membership", "registry_fact_person", "trust_consent")


@pytest.fixture(scope="module")
def one_connection(server, database):
    """Let every thread of this module draw from a pool that holds a single connection; homes stand in four villages."""
    for village in sorted(VILLAGES):
        country.household(village, {"given_name": "Aa", "is_head": True})
    connections["default"].close()
    options = connections.databases["default"]["OPTIONS"]
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it says of each cut that it was one
    options["pool"] = {"min_size": 1, "max_size": 1, "timeout": 60}
    del connections["default"]
    yield
    connections["default"].close()
    connections["default"].close_pool()
    del options["pool"]
    del connections["default"]


def rows() -> set[str]:
    """Return the areas of all rows that the database shows now. No condition of ours is in the query."""
    places = " UNION ".join(f"SELECT area_number FROM {table}" for table in PROTECTED)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT code FROM trust_area WHERE number IN ({places})")
        return {code for (code,) in cursor.fetchall()}


class CutOff(Exception):
    """The user's request ends in the middle."""


def ends(kill: Callable[[int], None], others: Actor) -> None:
    """The turn is taken to its end."""


def fails(kill: Callable[[int], None], others: Actor) -> None:
    raise CutOff


def is_killed(kill: Callable[[int], None], others: Actor) -> None:
    kill(connection.connection.info.backend_pid)
    rows()


def is_cancelled(kill: Callable[[int], None], others: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")


def is_given_back_open(kill: Callable[[int], None], others: Actor) -> None:
    """The connection goes back in the middle of a transaction, as from a thread that is no more."""
    connection.close()
    raise CutOff


def lets_another_in(kill: Callable[[int], None], others: Actor) -> None:
    """Somebody else acts within, and fails."""
    with suppress(CutOff), acting(others):
        raise CutOff


HAPPENINGS = (ends, ends, ends, fails, is_killed, is_cancelled, is_given_back_open, lets_another_in)


Opening = Callable[[Actor], AbstractContextManager]


def turn(
    number: int, *, actors: dict[str, Actor], kill: Callable[[int], None], opening: Opening
) -> tuple[str, str, set[str]]:
    """Take one user's turn; return what happened to it, who it was, and the areas seen that are not theirs."""
    draw = random.Random(f"{SEED}-{number}")
    name, other, happens = draw.choice(list(REACH)), draw.choice(list(REACH)), draw.choice(HAPPENINGS)
    foreign: set[str] = set()
    try:
        foreign |= before_anybody()
        with opening(actors[name]):
            seen = rows()
            assert seen, f"{name} sees nobody"  # else nothing would be shown by seeing nobody else
            happens(kill, actors[other])
            foreign |= (seen | rows()) - REACH[name]
        foreign |= before_anybody()
    except (CutOff, Error):
        pass
    finally:
        connection.close()
    return happens.__name__, name, foreign


def before_anybody() -> set[str]:
    """Return what is seen by whoever has drawn the connection and is nobody yet: the table itself is refused."""
    try:
        with transaction.atomic():
            return rows()
    except Error:
        return set()


def taken(turns: int, server, database: str, opening: Opening) -> list[tuple[str, str, set[str]]]:
    """Take turns in threads that share the connection; of each what happened, who it was, and what was foreign."""
    actors = {name: getattr(country.cast(), name).narrowed(Permission.FIND) for name in REACH}
    connections["default"].close()
    with connect(server.server, database) as superuser, ThreadPoolExecutor(THREADS) as threads:

        def kill(pid: int) -> None:
            superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

        return list(threads.map(partial(turn, actors=actors, kill=kill, opening=opening), range(turns)))


def test_nobody_meets_what_another_opened(server, database, one_connection):
    found = taken(TURNS, server, database, acting)
    happened = Counter(name for name, *_ in found)
    print(f"{TURNS} turns: {dict(happened)}")
    assert set(happened) == {each.__name__ for each in HAPPENINGS}
    assert [each for each in found if each[2]] == []


@contextmanager
def acting_for_the_session(by: Actor) -> Iterator[Actor]:
    """What the product does not do: open the gates by settings that outlive the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', 'amparo_area', false), set_config('amparo.scope', %s, false)",
            [by.scope.multirange if by.scope.ranges else "{(,)}"],
        )
    with transaction.atomic():
        yield by


def test_what_one_leaves_open_another_meets_and_the_turns_show_it(server, database, one_connection):
    assert any(foreign for *_, foreign in taken(40, server, database, acting_for_the_session))
