"""A rotation under load and kills (E2): nothing unreadable, nobody not found, nothing on the old key, nothing else changed.

AMPARO_ROTATED=1000000 AMPARO_KILLS=20 for acceptance; a few thousand rows and a few kills otherwise.
"""

import json
import os
import random
import subprocess
import sys

from django.db import connections, transaction

from amparo.project.sealed import SEALED
from amparo.trust.keys import encryption, rotation
from amparo.trust.keys.keyring import keyring
from amparo.trust.types import system
from tests.lib import sealed_rows
from tests.lib.rotation_under_kills import interrupted
from tests.lib.sealed_rows import identifier, plant
from tests.structure.sources import ROOT

ROWS = int(os.environ.get("AMPARO_ROTATED", "4000"))
KILLS = int(os.environ.get("AMPARO_KILLS", "5"))
SEED = int(os.environ.get("AMPARO_SEED", random.randrange(1_000_000)))
BY = system("test")


def test_rotations_that_are_killed_while_others_read_and_write_lose_nothing(fresh_database, own_keys):
    for first in range(0, ROWS, 10_000):
        plant(min(10_000, ROWS - first), first=first)
    before = sealed_rows.untouched()
    words = [sys.executable, "-m", "tests.lib.rotation_under_kills", str(own_keys), str(ROWS), str(KILLS), str(SEED)]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = json.loads(ran.stdout)
    print(SEED, told)

    assert len(told["killed"]) == KILLS
    assert interrupted() > 0, ("no kill met a rotation", SEED)
    for name in ("reader", "second-reader"):
        assert told[name]["read"] > 0
        assert (told[name]["not_found"], told[name]["differ"]) == (0, 0), (name, SEED)
    written = [
        range(told[each]["from"], told[each]["from"] + told[each]["written"]) for each in ("writer", "stale-writer")
    ]
    assert min(map(len, written)) > 0

    done = rotation.rotate(SEALED, by=BY, rest=0)
    assert (done.left, done.unreadable, done.is_blinding) == (0, {}, True)
    for number in range(1, keyring(using="bulk").sealing.number):
        rotation.retire(number, SEALED, by=BY)
    encryption.forget()
    everybody = [*range(ROWS), *written[0], *written[1]]
    assert sorted(text for *_, text, key in sealed_rows.opened()) == sorted(identifier(n).encode() for n in everybody)
    assert {key for *_, key in sealed_rows.opened()} == {done.key}
    expect_untouched(before)
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_national")
        for n in random.Random(SEED).sample(everybody, min(2_000, len(everybody))):
            assert sealed_rows.holder_of(identifier(n)) is not None, (n, SEED)


def expect_untouched(before):
    """What was there is as it was; those who were registered meanwhile came to it."""
    for table, rows in sealed_rows.untouched().items():
        assert before[table] <= rows, (table, SEED)
