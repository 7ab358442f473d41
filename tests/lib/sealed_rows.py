"""Plants people with sealed identifiers, replies and quarantined rows, and reads all of them back as they are."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel.ids import uuid7
from amparo.project.sealed import SEALED
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys import encryption
from amparo.trust.keys.encryption import Key
from amparo.trust.keys.keyring import TURN, keyring, sealing

SCHEME = "national_id"


def identifier(number: int) -> str:
    """The identifier of the nth person planted: eleven figures, and letters that a hash would not have."""
    return f"PZ-{number:09d}"


def plant(count: int, *, first: int = 0, key: Key | None = None) -> None:
    """Register people of one village, each with an identifier sealed and blinded with the keys in use.

    In one transaction, as a batch: the index of the key in force stays so until it ends. `key` seals instead.
    """
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [TURN])
        _plant(count, first, key or sealing(count, using="bulk"))


def _plant(count: int, first: int, key: Key) -> None:
    ring = keyring(using="bulk")
    index = "spare_index" if ring.is_spare else "blind_index"
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT id, number FROM trust_area ORDER BY number DESC LIMIT 1")
        area = cursor.fetchone()
        people = [uuid7() for _ in range(count)]
        cursor.execute(
            "INSERT INTO registry_person (id, area_id, area_number, created_at)"
            " SELECT id, %s, %s, now() FROM unnest(%s::uuid[]) id",
            [*area, people],
        )
        ids = [uuid7() for _ in range(count)]
        texts = [identifier(first + n) for n in range(count)]
        places = [f"registry_identifier.value:{each}".encode() for each in ids]
        values = encryption.encrypt_many("identity", [each.encode() for each in texts], places, key=key)
        indexes = encryption.blind_indexes(SCHEME, map(normalised_identifier, texts), key=ring.blinding)
        cursor.execute(
            f"INSERT INTO registry_identifier (id, person_id, scheme, value, {index}, verified, is_live, source_id, area_number)"
            " SELECT id, person, %s, value, blind, true, true, 1, %s"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[]) AS given (id, person, value, blind)",
            [SCHEME, area[1], ids, people, values, indexes],
        )


def opened() -> Iterator[tuple[str, Any, bytes, int]]:
    """Yield (column, id, plain value, key) of every sealed value in the database; one that does not open is an error."""
    for column in SEALED:
        with connections["bulk"].chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT id, {column.place}, {column.column}, {column.key} FROM {column.table}"
                f" WHERE {column.column} IS NOT NULL ORDER BY id"
            )
            for id, place, value, key in cursor:
                yield str(column), id, encryption.decrypt(column.field_class, value, place.encode()), key


def untouched() -> dict[str, set[int]]:
    """Return a digest of every row of the tables with sealed values, but for sealed bytes, their keys and blind indexes."""
    found = {}
    for column in SEALED:
        hidden = {column.column, column.key}
        if column.blind:
            hidden |= {column.blind.column, column.blind.spare}
        with connections["bulk"].cursor() as cursor:
            cursor.execute(
                f"SELECT hashtextextended((to_jsonb(t) - %s::text[])::text, 0) FROM {column.table} t", [sorted(hidden)]
            )
            found[column.table] = {digest for (digest,) in cursor.fetchall()}
    return found


def holder_of(text: str) -> UUID | None:
    """Return who holds an identifier, asked as an officer's page asks, in its own statement."""
    keys = keyring(using="bulk").blind_keys
    indexes = [encryption.blind_index(SCHEME, normalised_identifier(text), key=each) for each in keys]
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT amparo_find_identifier(%s, %s, %s)", [SCHEME, keys, indexes])
        return cursor.fetchone()[0]
