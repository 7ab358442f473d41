"""What all tests stand on: Django set up without a database, and databases cloned from a migrated template.

A test that needs a database takes `database` (the small country of `tests.lib.country`) or `empty_database`. Each test
module gets a clone of its own, which it may commit to; a test that must not meet another's rows takes `fresh_database`.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM_BYTES = 6 * 2**30
# What takes minutes begins first, so that no test process waits at the end for one that began late.
LONGEST_FIRST = ("browser", "generative", "project", "test_every_route.py")


def place() -> Path | None:
    """Return a folder in memory where there is one with room (None: the usual place for what is temporary).

    Most tests begin with a copy of a database, some 1,200 small files, and a disk takes up to seconds for that. What tests
    write themselves lies there too: installations with servers of their own, which wait for their disk.
    """
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return None  # a server may run from a copy of its programs there
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM_BYTES else None


FOLDER = Path(tempfile.mkdtemp(prefix="amparo-test-", dir=place()))
FOLDER.chmod(0o711)  # the server may run as another user, who must come through


def pytest_configure(config: pytest.Config) -> None:
    """Let modules import models: settings exist, the server does not run yet."""
    os.environ.pop("DATABASE_URL", None)
    if place():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(FOLDER))  # of `tmp_path`
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "amparo.project.settings",
        "AMPARO_DATA_DIR": str(FOLDER / "installation"),
        "AMPARO_PROFILE": "example",
        "AMPARO_SPARK_MASTER": "local[2]",
        "AMPARO_PAGES_SECOND": "100000",  # tests of limits set their own
        "AMPARO_PAGES_MINUTE": "1000000",
        "AMPARO_AUDIT_HOURS": "96",  # nobody seals the databases of tests, and long ones run for hours
    }
    from amparo.project.databases import make_folder

    make_folder(FOLDER / "installation")
    import django
    from django.conf import settings

    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = False
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, (100_000, 1_000_000))  # tests of limits set their own


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring what takes longest to the front; the rest stays in its order."""
    ranks = {name: place for place, name in enumerate(LONGEST_FIRST)}

    def rank(item: pytest.Item) -> int:
        parts = item.nodeid.partition("::")[0].split("/")
        return min((ranks[part] for part in parts if part in ranks), default=len(ranks))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Let no later garbage collection walk over all that was imported, half a million objects that stay to the end."""
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs Spark where a run on it would be refused."""
    if item.get_closest_marker("spark"):
        from amparo.kernel.errors import Refused
        from amparo.snapshot import spark

        try:
            spark.version()
        except Refused as refusal:
            pytest.skip(f"{refusal.message.id}: `make spark`, and Java 17")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def own_words():
    """Let the words of a country that a file's tests open not be spoken in the next file's, which may say the same otherwise."""
    from amparo.profiles import languages
    from amparo.profiles.country import country

    before = [*languages._country_folders]
    yield
    spoken = [each for each in languages._country_folders if each in before or each.parent.name == "example"]
    if spoken != languages._country_folders:
        languages._country_folders[:] = spoken
        languages.words.cache_clear()
        country.cache_clear()


@pytest.fixture(scope="session")
def server():
    """A database server of this test process, in its own folder, with a migrated template."""
    from amparo.project import postgres
    from amparo.project.databases import installation
    from amparo.project.migrating import migrate

    here = installation()
    here.start()
    without_waiting_for_disks(here)
    without_hashing_at_length(here)
    point_at("amparo", here)
    migrate()
    disconnect()
    take_live(here)
    yield here
    disconnect()
    postgres.discard(here.data_dir)


def take_live(here) -> None:
    """Let the installations of tests be live, as if an assessment had been signed; what a trial refuses has tests of its own."""
    from amparo.project.databases import connect

    with connect(here.server, "amparo") as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("INSERT INTO trust_impactassessment VALUES (0, '{}', 'test', now(), gen_random_uuid())")
        superuser.execute(
            "INSERT INTO trust_stage (is_live, at, by_id, assessment_id) VALUES (true, now(), gen_random_uuid(), 0)"
        )


def without_waiting_for_disks(here) -> None:
    """Save what a test need not survive: a dead machine. What survives it is tried on servers of their own (`unit/project`)."""
    from amparo.project.databases import connect

    with connect(here.server, "postgres") as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


def without_hashing_at_length(here) -> None:
    """Let a connection begin at once: each test opens several, and both sides would hash a password 4,096 times for each."""
    from psycopg import sql

    from amparo.project.databases import connect

    with connect(here.server, "postgres") as connection:
        connection.execute("ALTER SYSTEM SET scram_iterations = 1")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SET scram_iterations = 1")
        own = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(own.format(sql.Identifier(here.server.user), sql.Literal(here.server.password)))
    here.start()  # sets the passwords of the logins anew


def point_at(name: str, here) -> None:
    """Let Django's connections lead to a database of this name on the running server."""
    from django.db import connections

    disconnect()
    for alias, wanted in deepcopy(logins(here)).items():
        connections.databases[alias].update(wanted | {"NAME": name, "CONN_MAX_AGE": 0})


@cache
def logins(here) -> dict[str, dict]:
    """Django's connections, found once: whoever asks for a server looks through all processes for it."""
    return here.connections(door="operator")


@cache
def address(here):
    """Where the superuser connects, found once."""
    return here.server


def disconnect() -> None:
    from django.db import connections

    for alias in connections:
        connections[alias].close()
        if hasattr(connections._connections, alias):
            delattr(connections._connections, alias)


_clones = iter(range(1_000_000))


def clone(here, template: str = "amparo") -> str:
    from amparo.project.databases import connect

    name = f"clone_{next(_clones)}"
    with connect(address(here), "postgres") as connection:
        # Copying files takes half of what writing every page to the log takes, which is how it is done unasked.
        connection.execute(f"CREATE DATABASE {name} OWNER amparo_owner TEMPLATE {template} STRATEGY file_copy")
    return name


def using_clone(here, template: str = "amparo") -> Iterator[str]:
    from amparo.project.databases import connect

    name = clone(here, template)
    point_at(name, here)
    os.environ["AMPARO_DATABASE"] = name
    yield name
    disconnect()
    os.environ.pop("AMPARO_DATABASE", None)
    with connect(address(here), "postgres") as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def small_country(server) -> str:
    """A template that holds the small country and its cast."""
    from tests.lib import country

    name = clone(server)
    point_at(name, server)
    country.install()
    disconnect()
    return name


@pytest.fixture(scope="module")
def empty_database(server) -> Iterator[str]:
    """A migrated database of this module's own, with nothing in it."""
    yield from using_clone(server)


@pytest.fixture(scope="module")
def database(server, small_country) -> Iterator[str]:
    """A database of this module's own that holds the small country."""
    yield from using_clone(server, small_country)


@pytest.fixture
def fresh_database(server, small_country) -> Iterator[str]:
    """A database of this test's own that holds the small country."""
    yield from using_clone(server, small_country)


@pytest.fixture
def own_keys(server, tmp_path, monkeypatch) -> Iterator[Path]:
    """A key folder of this test's own, which it may add to and take from; the first key is everybody's."""
    from django.conf import settings

    from amparo.trust.keys import encryption

    folder = tmp_path / "own-keys"
    folder.mkdir(mode=0o700)
    shutil.copy(settings.KEY_FOLDER / "master.key", folder)
    monkeypatch.setattr(settings, "KEY_FOLDER", folder)
    encryption.forget()
    yield folder
    encryption.forget()


@pytest.fixture
def own_ledger(tmp_path, monkeypatch) -> Path:
    """A ledger of erasures of this test's own."""
    from django.conf import settings

    monkeypatch.setattr(settings, "ERASURE_LEDGER", tmp_path / "audit" / "erasures.jsonl")
    return settings.ERASURE_LEDGER


@pytest.fixture
def cast(request):
    """Amina, Bruno, Chen, Emre, Lina, Ines and others; the test takes a database fixture beside this one."""
    from tests.lib import country

    return country.cast()
