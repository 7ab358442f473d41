"""By what somebody who was erased would be known again, so that no delivery brings them back unseen.

Shape   (number of a master key, scheme, digest in hex): an HMAC of an identifier, or of the key of a source's own record
        (`source:<code>`), under a key that nothing else uses. Nobody's number, name or id is kept
Nulls   who had neither an identifier nor a record of a source is not known again
Source  RFC 2104 (HMAC); docs/decisions/0032-not-brought-back-unseen.md
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.registry.kept import marks
from amparo.trust.keeping.kept import Lapse, Reached
from amparo.trust.keys.encryption import blind_indexes
from amparo.trust.keys.keyring import keyring
from amparo.trust.types import Actor

Number = tuple[int, str, str]
AT_ONCE = 100_000
_SCHEDULED = "SELECT EXISTS (SELECT FROM trust_schedule WHERE place = 'erased-numbers')"
_KEEP = """
INSERT INTO registry_erased_number (key, scheme, digest, erased_on)
SELECT key, scheme, decode(digest, 'hex'), %s FROM unnest(%s::int[], %s::text[], %s::text[]) AS given (key, scheme, digest)
WHERE key IN (SELECT number FROM trust_key)
ON CONFLICT (key, scheme, digest) WHERE let_in_at IS NULL DO NOTHING
"""
_LET_IN = """
UPDATE registry_erased_number SET let_in_at = %s, let_in_by = %s, let_in_ground = %s
WHERE let_in_at IS NULL AND (key, scheme, digest) IN (
    SELECT key, scheme, decode(digest, 'hex') FROM unnest(%s::int[], %s::text[], %s::text[]) AS given (key, scheme, digest))
"""


def numbers(cursor: Any, reached: Reached) -> list[Number]:
    """Return by what those whom an erasure reaches would be known again; nothing where no schedule says for how long."""
    cursor.execute(_SCHEDULED)
    if not cursor.fetchone()[0]:
        return []
    known = marks(cursor, reached, ())
    told = known.identifiers | {of_record(source, key) for source, grain, key in known.keys if grain == "person"}
    return digests(told, [keyring(using="bulk").sealing.number])


def of_record(source: str, key: str) -> tuple[str, str]:
    """Return scheme and number by which a source's own record is known."""
    return f"source:{source}", key


def digests(told: Iterable[tuple[str, str]], keys: Collection[int]) -> list[Number]:
    """Return the digests of (scheme, number) under each of some keys."""
    return [
        (key, scheme, digest_of(scheme, [number], key)[0])
        for scheme, number in sorted(told)
        for key in sorted(keys)
        if number
    ]


def digest_of(scheme: str, told: Sequence[str], key: int) -> list[str]:
    return [each.hex() for each in blind_indexes(f"erased:{scheme}", told, key=key)]


def keep(cursor: Any, kept: Sequence[Number], *, on: date) -> None:
    """Keep them, each once. Those under a key that was let go are of no use any more, and left out."""
    if kept:
        cursor.execute(_KEEP, [on, *map(list, zip(*kept, strict=True))])


def live() -> Iterator[list[Number]]:
    """Yield by what those are known who may not be brought back unseen, some at a time."""
    with transaction.atomic(using="bulk"), connections["bulk"].chunked_cursor() as cursor:
        cursor.execute("SELECT key, scheme, encode(digest, 'hex') FROM registry_erased_number WHERE let_in_at IS NULL")
        while rows := cursor.fetchmany(AT_ONCE):
            yield rows


def admit(told: Iterable[tuple[str, str]], *, ground: str, by: Actor) -> int:
    """Let deliveries bring whoever is known by these (scheme, number); return how many were kept of them."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT key FROM registry_erased_number WHERE let_in_at IS NULL")
        found = digests(told, [key for (key,) in cursor.fetchall()])
        if not found:
            return 0
        cursor.execute(_LET_IN, [clock.now(), by.id, ground, *map(list, zip(*found, strict=True))])
        return cursor.rowcount


def _take(cursor: Any, until: date, at_most: int, stone: Any) -> int:
    cursor.execute(
        "DELETE FROM registry_erased_number WHERE id IN"
        " (SELECT id FROM registry_erased_number WHERE erased_on < %s ORDER BY id LIMIT %s)",
        [until, at_most],
    )
    return cursor.rowcount


LAPSES = (
    Lapse(
        "erased-numbers",
        "erased",
        due="SELECT count(*) FROM registry_erased_number WHERE erased_on < %(until)s",
        take=_take,
    ),
)
