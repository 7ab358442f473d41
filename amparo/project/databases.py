"""The installation on this machine: its folder, its secrets, its database and the roles in it.

Passwords stand in `keys/database.json` and the web's in `keys/web.json`, both readable by their owner only, so that the
web process can be given the second file alone.
"""

import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from amparo.kernel.errors import Refused
from amparo.project import postgres
from amparo.project.patience import PLACES
from amparo.project.postgres import Address
from amparo.trust.keys.key_sources import FOLDER, make_first_key

LOGINS = ("amparo_owner", "amparo_app", "amparo_bulk", "amparo_eraser")
DEMO = "demo"  # a file of this name marks an installation made by `amparo demo`
POOL_SECONDS = 10  # that a page waits for a connection; while the database is down it says so then
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")


def connect(server: Address, database: str) -> psycopg.Connection:
    """Connect as the one who may make roles and databases. Raises Refused where the server does not answer."""
    try:
        return psycopg.connect(server.conninfo(dbname=database), autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Refused("project-database-unreachable", host=server.host, port=server.port) from error


@dataclass(frozen=True)
class Installation:
    """One country on one machine: profile, data folder, server."""

    profile: str
    data_dir: Path

    @cached_property
    def _keys(self) -> Path:
        folder = self.data_dir / "keys"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    @cached_property
    def secret_key(self) -> str:
        return _secret(self._keys / "django.key")

    @property
    def key_source(self) -> str:
        """Where the master keys come from: a name in `trust.key_sources`."""
        return os.environ.get("AMPARO_KEY_SOURCE", FOLDER)

    @property
    def server(self) -> Address | None:
        """The database server: the one DATABASE_URL names, else our own, or None while that does not run."""
        if url := os.environ.get("DATABASE_URL"):
            return postgres.address_from_url(url)
        return postgres.running(self.data_dir)

    @property
    def database(self) -> str:
        named = self.server.database if os.environ.get("DATABASE_URL") else "amparo"
        return os.environ.get("AMPARO_DATABASE", named)

    def start(self) -> Address:
        """Make the folder, start the embedded server unless DATABASE_URL names another, and make roles and database."""
        make_folder(self.data_dir)
        server = self.server or postgres.start(self.data_dir)
        self._prepare(server)
        return server

    @staticmethod
    def has_app(name: str) -> bool:
        return find_spec(f"{name}.apps") is not None

    def connections(self, *, door: str) -> dict[str, dict]:
        """Return Django's DATABASES. A web process holds the app's login alone."""
        passwords = self._passwords("web.json")
        aliases = {"default": "amparo_app"}
        if door != "web":
            passwords |= self._passwords("database.json")
            aliases |= {"bulk": "amparo_bulk", "owner": "amparo_owner"}
        server = self.server  # looks through all processes of the machine for ours
        found = {alias: self._connection(server, role, passwords[role], alias) for alias, role in aliases.items()}
        if door == "web":  # many threads, few of which have a page to make
            found["default"]["CONN_MAX_AGE"] = 0
            found["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": PLACES, "timeout": POOL_SECONDS}
        return found

    def _connection(self, server: Address | None, role: str, password: str, alias: str) -> dict:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": server.host if server else "",
            "PORT": server.port if server else "",
            "NAME": self.database,
            "USER": role,
            "PASSWORD": password,
            "CONN_MAX_AGE": 300 if alias == "default" else 0,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {**(server.options if server else {}), "application_name": f"amparo-{alias}"},
        }

    def _passwords(self, file: str) -> dict[str, str]:
        path = self._keys / file
        if not path.exists():
            _write_private(path, json.dumps(self._new_passwords(file)))
        return json.loads(path.read_text())

    @staticmethod
    def _new_passwords(file: str) -> dict[str, str]:
        logins = ("amparo_app",) if file == "web.json" else tuple(set(LOGINS) - {"amparo_app"})
        return {login: secrets.token_urlsafe(24) for login in logins}

    def _prepare(self, server: Address) -> None:
        """Make roles, database and extensions where they are missing. Harmless when repeated."""
        with connect(server, "postgres") as connection:
            connection.execute("SELECT pg_advisory_lock(7265)")
            connection.execute((Path(__file__).parent / "roles.sql").read_text())
            for role, password in (self._passwords("web.json") | self._passwords("database.json")).items():
                statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
                connection.execute(statement)
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database])
            if not exists.fetchone():
                # Only with a new database: a key lost later must be put back, for a new one opens nothing sealed before.
                if self.key_source == FOLDER:
                    make_first_key(self._keys)
                make_database(connection, self.database)
        with connect(server, self.database) as connection:
            prepare_database(connection)


def make_database(connection: psycopg.Connection, name: str, template: str = "template0") -> None:
    statement = sql.SQL("CREATE DATABASE {} OWNER amparo_owner ENCODING 'UTF8' TEMPLATE {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def prepare_database(connection: psycopg.Connection) -> None:
    """Make extensions, and the schema for staging, which only the bulk role enters."""
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    connection.execute("ALTER SCHEMA public OWNER TO amparo_owner")
    connection.execute("CREATE SCHEMA IF NOT EXISTS staging AUTHORIZATION amparo_bulk")
    connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    connection.execute("GRANT CREATE ON SCHEMA public TO amparo_definer")


def installation() -> Installation:
    """Return the installation that the environment names. Raises Refused where no data folder is named."""
    folder = os.environ.get("AMPARO_DATA_DIR")
    if not folder:
        raise Refused("project-no-data-dir")
    return Installation(profile=os.environ.get("AMPARO_PROFILE", "example"), data_dir=Path(folder).absolute())


def _secret(path: Path) -> str:
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def make_folder(path: Path) -> None:
    """Make the installation's folder, which nobody else enters. Folders above it are left as they are."""
    path.mkdir(parents=True, exist_ok=True)
    for name in ("keys", "snapshots", "deliveries"):
        (path / name).mkdir(mode=0o700, exist_ok=True)


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads; whoever comes second keeps what the first one wrote."""
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
