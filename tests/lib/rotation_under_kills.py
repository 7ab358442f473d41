"""A rotation that is killed again and again while others read and write. Run as a program of its own: it forks.

Arguments: key folder, rows, kills, seed. Says on standard output, as JSON, what each part saw.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

WRITERS_FROM = 10_000_000  # numbers of those who are registered meanwhile


def main(folder: str, rows: int, kills: int, seed: int) -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.KEY_FOLDER = Path(folder)
    draw = random.Random(seed)
    others = {name: forked(name, rows, seed) for name in ("reader", "second-reader", "writer", "stale-writer")}
    longest = max(0.25, rows / 150_000)
    killed = [killed_once(draw, longest=longest) for _ in range(kills - 1)]
    killed.append(killed_once(draw, longest=longest, is_met=interrupted))
    seen = {name: ended(*each) for name, each in others.items()}
    print(json.dumps({"killed": killed, **seen}))


def killed_once(draw: random.Random, *, longest: float, is_met: Callable[[], object] = lambda: True) -> float:
    """Begin a rotation and kill it after a while; return after how long. One that ended is begun anew with a new key.

    `is_met`  whether the kill would meet a rotation; by chance alone none might, on a machine with much else to do
    """
    while True:
        pid = os.fork()
        if not pid:
            rotation()
        wait = draw.uniform(0.02, longest)
        time.sleep(wait)
        while not is_met() and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            time.sleep(0.005)
        if os.waitpid(pid, os.WNOHANG) == (0, 0):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return wait


def interrupted() -> int:
    """How many rotations began and did not end: the audit log knows. Whoever is forked next inherits no connection."""
    from django.db import connections

    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE event = 'rotation-begun') - count(*) FILTER (WHERE event = 'keys-rotated')"
            " FROM trust_audit"
        )
        found = cursor.fetchone()[0]
    connections.close_all()
    return found


def rotation() -> None:
    from amparo.project.sealed import SEALED
    from amparo.trust.keys.keyring import keyring
    from amparo.trust.keys.rotation import add_key, resting, rotate
    from amparo.trust.types import system

    ring = keyring(using="bulk")
    if all(each.number == ring.sealing.number for each in resting(SEALED)):
        add_key(by=system("test"))
    rotate(SEALED, by=system("test"), at_once=500, rest=0.2)
    os._exit(0)


def forked(name: str, rows: int, seed: int) -> tuple[int, int]:
    """Begin somebody else in a process of their own; return its id and where it says what it saw."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    is_over: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: is_over.append(True))
    work = reading if "reader" in name else writing
    told = work(lambda: bool(is_over), rows, random.Random(f"{name}{seed}"), is_stale="stale" in name)
    os.write(write, json.dumps(told).encode())
    os._exit(0)


def ended(pid: int, read: int) -> dict:
    os.kill(pid, signal.SIGTERM)
    with os.fdopen(read) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(told)


def reading(is_over: Callable[[], bool], rows: int, draw: random.Random, *, is_stale: bool) -> dict:
    """Look people up by their identifiers and open these; count whoever is not found, and what does not open."""
    from django.db import connections, transaction

    from amparo.trust.keys.encryption import decrypt
    from tests.lib.sealed_rows import holder_of, identifier

    told = {"read": 0, "not_found": 0, "differ": 0}
    while not is_over():
        text = identifier(draw.randrange(rows))
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SET LOCAL ROLE amparo_national")
            holder = holder_of(text)
            cursor.execute("SELECT id, value FROM registry_identifier WHERE person_id = %s", [holder])
            row = cursor.fetchone()
        told["read"] += 1
        told["not_found"] += holder is None
        if row:
            plain = decrypt("identity", row[1], f"registry_identifier.value:{row[0]}".encode())
            told["differ"] += plain != text.encode()
    return told


def writing(is_over: Callable[[], bool], rows: int, draw: random.Random, *, is_stale: bool) -> dict:
    """Register people, one after the other; a stale writer seals with the first key, as what was staged before does."""
    from amparo.trust.keys.encryption import Key
    from tests.lib.sealed_rows import plant

    first = WRITERS_FROM * (2 if is_stale else 1)
    told = {"from": first, "written": 0}
    while not is_over():
        plant(1, first=first + told["written"], key=Key(1) if is_stale else None)
        told["written"] += 1
        time.sleep(draw.uniform(0, 0.02))
    return told


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
