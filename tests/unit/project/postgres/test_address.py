"""DATABASE_URL."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from amparo.kernel.errors import Refused
from amparo.project.postgres import address_from_url


def test_a_url_gives_every_part_and_keeps_the_options():
    address = address_from_url("postgresql://amparo:p%40ss@db.example:5433/registry?sslmode=verify-full")
    assert (address.host, address.port, address.user, address.password) == ("db.example", 5433, "amparo", "p@ss")
    assert (address.database, address.options) == ("registry", {"sslmode": "verify-full"})


def test_a_url_may_name_a_socket_folder():
    address = address_from_url("postgresql://amparo@/registry?host=/run/postgresql")
    assert (address.host, address.port) == ("/run/postgresql", 5432)


def test_the_connection_string_takes_changes():
    address = address_from_url("postgresql://amparo:word@db/registry?sslmode=require")
    assert conninfo_to_dict(address.conninfo(user="other", dbname="postgres")) == {
        "host": "db", "port": "5432", "user": "other", "password": "word", "dbname": "postgres", "sslmode": "require",
    }  # fmt: skip


@pytest.mark.parametrize(
    "url", ["", "mysql://a:secret@b/c", "postgresql://a:secret@b:port/c", "postgresql://a:secret@b", "postgresql:///c"]
)
def test_what_is_not_a_database_url_is_refused_without_repeating_the_password(url):
    with pytest.raises(Refused, match="project-database-url-unreadable") as refusal:
        address_from_url(url)
    assert "secret" not in str(refusal.value)
