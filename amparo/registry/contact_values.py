"""Values of contact, sealed one by one: telephones, addresses, e-mail (`Field.is_sealed`).

Shape   in an observation and in a fact stands a digest, 32 figures of an HMAC over the field and the value: equal values have
        equal ones, so that facts are folded and conflicts found without opening any. The value itself stands sealed in
        `registry_contact`, once by subject, field and digest, bound to its row, its subject and its field
Nulls   what is not known has no digest
Errors  a digest without its value, or with another's, is refused: neither is shown in the other's stead
Source  RFC 2104 (HMAC); docs/decisions/0036-contact-is-sealed.md

Whoever asks must have been let read the fields before: here nothing is decided but what a digest stands for.
"""

import hmac
import os
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.registry.dictionary import Dictionary
from amparo.registry.sealed import CONTACT, CONTACT_KEY
from amparo.trust.keys.encryption import decrypt, encrypt, encrypt_many
from amparo.trust.keys.hmac_in_sql import hmac_sha256
from amparo.trust.keys.keyring import sealing

DIGEST_BYTES = 16
KEY_BYTES = 32
# Whose, which field, and what stands in the value's place.
Asked = tuple[UUID, str, str]

_ASKED = """unnest(%(entities)s::uuid[], %(fields)s::text[], %(digests)s::text[])
    WITH ORDINALITY AS asked (entity, field, digest, place)"""
# Any record that is or was linked to whom it is: what held at a past instant was said by records of then.
HELD = f"""
SELECT DISTINCT ON (asked.place) asked.place, c.id, c.subject_id, c.value
FROM {_ASKED}
JOIN registry_subjectlink l ON l.entity_id = asked.entity
JOIN registry_contact c ON c.subject_id = l.subject_id AND c.field = asked.field
    AND encode(c.digest, 'hex') = asked.digest
ORDER BY asked.place, c.id
"""
# A citizen, of whom their relation shows it; a partner, of whom and what its agreement in force names.
TOLD = f"""
SELECT DISTINCT ON (asked.place) asked.place, c.id, c.subject_id, c.value
FROM {_ASKED}
JOIN registry_told_contact c ON c.entity_id = asked.entity AND c.field = asked.field AND c.digest = asked.digest
ORDER BY asked.place, c.id
"""
LENT = "SELECT place, id, subject_id, value FROM amparo_lent_contacts(%(entities)s, %(fields)s, %(digests)s)"
_KEEP = """
INSERT INTO registry_contact (id, subject_id, field, digest, value, area_number)
SELECT id, %s, field, decode(digest, 'hex'), value, %s
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[]) AS given (id, field, digest, value)
ON CONFLICT (subject_id, field, digest) DO NOTHING
"""
# As `dictionary.Field.is_sealed` says it.
_IN_CLEAR = """
SELECT DISTINCT d.grain || '.' || d.name FROM registry_fielddefinition d
JOIN registry_observation o ON o.grain = d.grain AND o."values" ? d.name
WHERE d.definition->>'field_class' = 'contact' AND d.definition->>'type' = 'text' AND d.definition->>'role' IS NULL
"""
_HELD_KEY = "SELECT value FROM registry_contact_key"
_MAKE_KEY = "INSERT INTO registry_contact_key (id, value) VALUES (1, %s) ON CONFLICT (id) DO NOTHING"
_PLACE_OF_KEY = b"registry_contact_key.value:1"


def digests(field: str, texts: Iterable[str], *, key: bytes) -> list[str]:
    """Return what stands in the place of each value of a field. Raises Refused for half a character, which no text has."""
    before = f"{field}\0".encode()
    try:
        return [hmac.digest(key, before + text.encode(), "sha256")[:DIGEST_BYTES].hex() for text in texts]
    except UnicodeEncodeError:
        raise Refused("registry-value-type", field=field, type="text") from None


def digest_in_sql(field: str, text: str) -> str:
    """Return the SQL of the same, of a column of texts, while `digest_key` is held (`hmac_in_sql.holding`)."""
    message = f"'{field}\\x00'::BLOB || encode({text})"
    return f"left({hmac_sha256(message)}, {2 * DIGEST_BYTES})"


def digest_key(*, using: str = "default") -> bytes:
    """Return the key of the digests, which no rotation changes; made when it is first asked for, by whoever comes first."""
    with connections[using].cursor() as cursor:
        cursor.execute(_HELD_KEY)
        if (held := cursor.fetchone()) is None:
            key = sealing(using=using)
            cursor.execute(_MAKE_KEY, [encrypt(CONTACT_KEY.field_class, os.urandom(KEY_BYTES), _PLACE_OF_KEY, key=key)])
            cursor.execute(_HELD_KEY)
            held = cursor.fetchone()
    return decrypt(CONTACT_KEY.field_class, held[0], _PLACE_OF_KEY)


def kept(
    grain: str, subject_id: int, said: Mapping[str, Any], *, area_number: int, words: Dictionary
) -> dict[str, Any]:
    """Seal what one record says of contact, and return what it says with digests in the place of those values."""
    sealed = words.sealed(grain)
    values = {name: value for name, value in said.items() if name in sealed and value is not None}
    if not values:
        return dict(said)
    key = digest_key()
    named = {name: digests(name, [value], key=key)[0] for name, value in values.items()}
    ids = [uuid7() for _ in values]
    places = [_place(id, subject_id, name) for id, name in zip(ids, values, strict=True)]
    texts = [value.encode() for value in values.values()]
    closed = encrypt_many(CONTACT.field_class, texts, places, key=sealing(len(ids)))
    with connections["default"].cursor() as cursor:
        cursor.execute(_KEEP, [subject_id, area_number, ids, list(named), list(named.values()), closed])
    return {**said, **named}


def opened(asked: Collection[Asked], *, through: str = HELD, using: str = "default") -> dict[Asked, str]:
    """Return the value that each digest stands for, of whom it is said, in one statement.

    `through`  by which tables the reader reaches them: `HELD`, or what a citizen or a partner is shown
    """
    wanted = list(dict.fromkeys(asked))
    if not wanted:
        return {}
    entities, fields, given = map(list, zip(*wanted, strict=True))
    with connections[using].cursor() as cursor:
        cursor.execute(through, {"entities": entities, "fields": fields, "digests": given})
        rows = {place: row for place, *row in cursor.fetchall()}
    key = digest_key(using=using) if rows else b""
    return {each: _opened(each, rows.get(place), key) for place, each in enumerate(wanted, 1)}


def _opened(asked: Asked, row: list[Any] | None, key: bytes) -> str:
    """A value that was moved does not open, and one that opens but is not what the digest stands for is not shown."""
    _, field, digest = asked
    if row is None:
        raise Refused("registry-contact-unreadable", field=field)
    id, subject_id, value = row
    text = decrypt(CONTACT.field_class, value, _place(id, subject_id, field)).decode()
    if not hmac.compare_digest(digests(field, [text], key=key)[0], digest):
        raise Refused("registry-contact-unreadable", field=field)
    return text


def expect_nothing_in_clear(cursor: Any) -> None:
    """Refuse to begin with sealing where values were taken in before: they would go on standing in the clear.

    As the owner, in a transaction, before there is the table: row security shows the owner nothing.
    """
    cursor.execute("SET LOCAL ROLE amparo_definer")
    cursor.execute(_IN_CLEAR)
    fields = sorted(field for (field,) in cursor.fetchall())
    cursor.execute("SET LOCAL ROLE NONE")
    if fields:
        raise Refused("registry-contact-in-clear", fields=", ".join(fields))


def _place(id: UUID, subject_id: int, field: str) -> bytes:
    """What a sealed value is bound to, as `sealed.CONTACT` says it to the database."""
    return f"registry_contact.value:{id}:{subject_id}:{field}".encode()
