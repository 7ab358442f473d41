"""What may be kept nowhere is nowhere after many look-ups: in no table, queue, cache, session, log or file (VIR-4).

AMPARO_LOOKUPS says how often a file is opened, 30 unasked. Each time the wage is another, and each tenth time it is part of an
answer that is refused. All begin alike and like nothing else in the world, so that one search finds any of them.
"""

import os
import pickle
import re
from base64 import b64decode
from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session
from django.db import connections

from amparo.project.databases import connect
from amparo.registry.actions import install_dictionary
from tests.lib import canaries, institutions, pages
from tests.unit.sources import setting
from tests.views.conftest import signed_in

LOOKUPS = int(os.environ.get("AMPARO_LOOKUPS", "30"))
HOMES, REFUSED_EACH = 10, 10
WAGE = "7319462805"
WRITTEN = (WAGE, "73,194,628,05")
KEPT = (
    "primary"  # of the ministry of education, recorded as an observation: it shows that the search finds what is there
)


def told(lookup: int) -> str:
    """Return what the tax office says at a look-up; what is no amount is not believed, and may be written down no more than another."""
    return f"{WAGE}{lookup:04}.50" + (" and more" if lookup % REFUSED_EACH == 0 else "")


@pytest.fixture
def looked_up(server, fresh_database, caplog):
    """A database after the look-ups, by the page; with all that was logged."""
    larger = tuple(replace(each, maximum=10**17) if each.name == "wage" else each for each in setting.WORDS.fields)
    with institutions.serving() as ministry, setting.inside_allowed(), caplog.at_level("DEBUG"):
        setting.prepare(ministry)
        install_dictionary(replace(setting.WORDS, version="larger", fields=larger, _by_key={}), by=setting.BY)
        numbers = [(f"{10_000_000 + each}", f"{20_000_000 + each}") for each in range(HOMES)]
        for source, known in setting.KNOWN.items():
            told_of = [setting.record(source, one, known[setting.YARA]) for pair in numbers for one in pair]
            ministry.records[source] = {each["number"]: each for each in told_of}
        homes = [setting.home(numbers=each) for each in numbers]
        browser = signed_in("amina")
        for lookup in range(LOOKUPS):
            place = lookup % HOMES
            for number in numbers[place]:
                ministry.records["tax"][number] = setting.record("tax", number, told(lookup))
            shown = pages.text(browser.post(f"/households/{homes[place]}/file/"))
            is_told = f"{WAGE}{lookup:04}50" in re.sub(r"\D", "", shown)
            assert is_told == (lookup % REFUSED_EACH > 0), lookup
        assert sum(source == "tax" for source, _ in ministry.asked) == 2 * LOOKUPS
    with connect(server.server, fresh_database) as connection:
        connection.execute("CHECKPOINT")
    return server, fresh_database


def test_after_the_look_ups_it_is_in_no_table_queue_cache_session_log_or_file(looked_up, caplog):
    server, database = looked_up
    places = {"tables": canaries.dumped(server, database), "log": caplog.text.encode(), "opened": opened().encode()}
    files = [each for each in server.data_dir.rglob("*") if each.is_file()]
    assert canaries.holds(places["tables"], KEPT)
    found = {name for name, content in places.items() if holds(content)}
    found |= {each.name for each in files if holds(each.read_bytes())}
    print(f"{LOOKUPS} look-ups: {sum(map(len, places.values()))} bytes and {len(files)} files, found in {len(found)}")
    assert found == set()
    assert any(each.parent.name == "pg_wal" for each in files)
    with connections["bulk"].cursor() as cursor:  # what is sealed no search would find
        cursor.execute("SELECT DISTINCT source FROM sources_keptanswer")
        assert cursor.fetchall() == [("health",)]


def holds(content: bytes) -> bool:
    return any(canaries.holds(content, each) for each in WRITTEN)


def opened() -> str:
    """Return what sessions and the cache hold, as their readers see it: packed, no search would find it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT value FROM trust_cache")
        cached = [pickle.loads(b64decode(each)) for (each,) in cursor.fetchall()]
    return repr([*(each.get_decoded() for each in Session.objects.using("owner").all()), *cached])
