"""The numbers that people show when they are registered one by one: sealed, and found by their blind indexes.

Shape   a person and scheme → number in; a row for each
Nulls   a number that somebody else holds anywhere, or that is not sound, is kept, is not live, and excludes nobody (ID-4)
Errors  Refused for a scheme that the country does not know
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, connections, transaction
from psycopg.errors import UniqueViolation

from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.registry.dictionary import Dictionary
from amparo.registry.schemes import is_sound, normalised_identifier
from amparo.registry.sealed import IDENTIFIER
from amparo.trust.keys.encryption import blind_index, encrypt
from amparo.trust.keys.keyring import TURN, Keyring, keyring, sealing

_INSERT = """
INSERT INTO registry_identifier (id, person_id, scheme, value, {index}, verified, is_live, contested, source_id, area_number)
VALUES (%s, %s, %s, %s, %s, false, %s, %s, %s, %s)
"""


def write_claims(
    person_id: UUID, numbers: Mapping[str, str], words: Dictionary, *, source_id: int, area_number: int
) -> None:
    """Write what numbers a person says are theirs. Part of an act that is recorded by its caller.

    Nobody verified them: they count as the source's word, and are what other institutions are asked by.
    """
    with connections["default"].cursor() as cursor:  # no other key takes the place of the indexes' meanwhile
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [TURN])
    ring = keyring()
    for scheme, told in numbers.items():
        known, number = words.scheme(scheme), normalised_identifier(told)
        if known is None:
            raise Refused("registry-scheme-unknown", scheme=scheme)
        row = _row(person_id, scheme, number, ring, source_id, area_number)
        if not (is_sound(known, number) and _is_written(row, ring, is_live=True)):
            _is_written(row, ring, is_live=False)


def _row(person_id: UUID, scheme: str, number: str, ring: Keyring, source_id: int, area_number: int) -> dict:
    id = uuid7()
    place = f"registry_identifier.value:{id}".encode()
    return {
        "id": id,
        "person_id": person_id,
        "scheme": scheme,
        "value": encrypt(IDENTIFIER.field_class, number.encode(), place, key=sealing()),
        "index": blind_index(scheme, number, key=ring.blinding),
        "source_id": source_id,
        "area_number": area_number,
    }


def _is_written(row: Mapping, ring: Keyring, *, is_live: bool) -> bool:
    """Whether the row could be written so: one that is live is nobody else's, wherever they live."""
    column = IDENTIFIER.blind.of(is_spare=ring.is_spare)
    first = [row[each] for each in ("id", "person_id", "scheme", "value", "index")]
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(
                _INSERT.format(index=column), [*first, is_live, not is_live, row["source_id"], row["area_number"]]
            )
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        return False
    return True
