"""Work that can wait gives way, and the database's part of it too; each in a process of its own, for giving way cannot always be taken back."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.trust.keys import rotation
from amparo.trust.keys.yielding import NICE, behind_others
from amparo.trust.types import system
from tests.lib.sealed_rows import plant
from tests.unit.cli.test_keys import Opened

pytestmark = pytest.mark.usefixtures("fresh_database", "own_keys")
HERE = 0


def in_child(work: Callable[[], Any]) -> Any:
    """Return what some work says, done in another process."""
    connections.close_all()
    read, write = os.pipe()
    if not (pid := os.fork()):
        try:
            os.write(write, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(said)


def nice() -> list[int]:
    """How far this process and the database's process for its connection give way."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [os.getpriority(os.PRIO_PROCESS, each) for each in (HERE, cursor.fetchone()[0])]


def within() -> list[list[int]]:
    before = nice()
    with behind_others():
        return [before, nice()]


def afterwards() -> list[int]:
    with behind_others():
        pass
    return nice()


def rotated(*options: str) -> int:
    """How far a whole rotation gave way while it wrote its second batch; -1 where it refused."""
    rotation.add_key(by=system("test"))
    seen, sealing = [], rotation.Resealing._seal

    def watched(self, *given, **named):
        seen.append(nice()[0])
        return sealing(self, *given, **named)

    rotation.Resealing._seal = watched
    ran = CliRunner().invoke(app, ["keys", "rotate", "--at-once", "5", "--json", *options], obj=Opened())
    return seen[1] if ran.exit_code == 0 else -1


def may_give_way() -> bool:
    """Whether the database is of this machine, and ours or we are root."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        here = f"/proc/{cursor.fetchone()[0]}"
    return os.path.exists(here) and os.getuid() in (0, os.stat(here).st_uid)


def test_this_process_and_the_databases_give_way():
    if not may_give_way():
        pytest.skip("the database is another machine's or somebody else's")
    (own, databases), inside = in_child(within)
    assert inside == [max(own, NICE), NICE]
    assert databases < NICE


def test_the_connection_that_gave_way_ends_with_it():
    assert in_child(afterwards)[1] < NICE


def test_a_rotation_gives_way_unless_it_is_to_be_quick():
    plant(20)
    assert in_child(rotated) >= NICE
    assert in_child(lambda: rotated("--rest", "0")) == os.getpriority(os.PRIO_PROCESS, HERE)
