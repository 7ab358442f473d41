"""Where a database server is and how to sign in to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from amparo.kernel.errors import Refused


@dataclass(frozen=True)
class Address:
    """A database server. `host` is a name, or the folder of a Unix socket; `options` are libpq's (sslmode, …)."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    password_file: Path | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def conninfo(self, **changes: str) -> str:
        """Return libpq's connection string; `changes` (user, password, dbname, …) take precedence."""
        own = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        return make_conninfo("", **{**own, "dbname": self.database, **self.options, **changes})


def address_from_url(url: str) -> Address:
    """Return the address written in a DATABASE_URL, e.g. postgresql://name:password@host:5432/amparo?sslmode=verify-full.

    Raises Refused when it is not a PostgreSQL URL. The URL is never repeated in the words: it holds a password.
    """
    if not url.startswith(("postgres://", "postgresql://")):
        raise Refused("project-database-url-unreadable")
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        port = int(parts.pop("port", "5432"))
    except (ProgrammingError, ValueError):
        raise Refused("project-database-url-unreadable") from None
    if not parts.get("user") or not parts.get("dbname"):
        raise Refused("project-database-url-unreadable")
    return Address(
        host=parts.pop("host", "localhost"),
        port=port,
        user=parts.pop("user"),
        password=parts.pop("password", ""),
        database=parts.pop("dbname"),
        options=parts,
    )
