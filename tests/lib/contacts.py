"""A dictionary that says how people are reached, and what the database holds of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import connections

from amparo.kernel import clock
from amparo.project.databases import connect
from amparo.registry.actions import install_dictionary, observe
from amparo.registry.dictionary import Field, FieldClass, Type
from amparo.registry.queries import facts_of
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib import country

_TOLD = {"field_class": FieldClass.CONTACT, **country.USED}
FIELDS = (
    Field("phone", "household", Type.TEXT, **_TOLD),
    Field("address", "household", Type.TEXT, **_TOLD),
    Field("phone", "person", Type.TEXT, **_TOLD),
    # A code says little of anybody, and is not sealed.
    Field("told_on", "household", Type.CODE, vocabulary="floor", **_TOLD),
    Field("let_by", "item:plot", Type.TEXT, **_TOLD),
)
DICTIONARY = replace(country.DICTIONARY, version="contacts", fields=(*country.DICTIONARY.fields, *FIELDS), _by_key={})


def install() -> None:
    install_dictionary(DICTIONARY, by=system("test"))


def told(home: UUID, *, source: str = "census", on: date = country.DAY, members=None, **values: str) -> None:
    """Observe something of a home and who lives in it, as a registry manager."""
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        observe(home, values=values, members=members, source=source, by=by, on=on, under=country.GROUND)


def known(of: UUID, grain: str = "household", classes=FieldClass, as_of=None) -> dict:
    """Return what is known of somebody or something: field → value."""
    with acting(country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)):
        found = facts_of(grain, [of], classes=classes, as_of=as_of or clock.now())
    return {name: fact.value for name, fact in found.get(of, {}).items()}


def rows(statement: str, values=None, *, using: str = "bulk") -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def stands(home: UUID) -> dict[str, str]:
    """Return what stands in the place of the values of a home: in its fact, and in what was observed of it."""
    [(phone, address)] = rows("SELECT phone, address FROM registry_fact_household WHERE household_id = %s", [home])
    return {"phone": phone, "address": address}


def sealed(of: UUID) -> list[tuple]:
    """Return (id, field, digest) of each value that records of somebody or something said."""
    return rows(
        "SELECT c.id, c.field, encode(c.digest, 'hex') FROM registry_contact c JOIN registry_subjectlink l"
        " ON l.subject_id = c.subject_id WHERE l.entity_id = %s ORDER BY c.id",
        [of],
    )


def conflicts(home: UUID) -> list[str]:
    """Return the fields of which sources that are still to be believed say otherwise."""
    return [
        field
        for (field,) in rows("SELECT field FROM registry_fact_exception WHERE entity_id = %s AND conflict", [home])
    ]


@contextmanager
def tampering(server, database: str) -> Iterator:
    """Change what stands in the database as whoever runs the server could, past every guard."""
    with connect(server.server, database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        yield superuser
