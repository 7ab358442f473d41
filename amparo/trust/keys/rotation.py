"""Adding a master key, sealing everything anew with it while the system works, and letting an old key go.

Shape   a rotation goes through each sealed column in batches, a transaction each: a row that names another key than the one
        in use is opened, sealed anew and written back, and nothing else of it is touched (the role `amparo_sealer` may not).
        What was done stays done: killed anywhere, the same call goes on with what is left
        Blind indexes of the new key are written into the columns that stand by; then, in one short transaction, the keyring
        says that people are found by these; then the others are emptied. Until that instant the old ones are complete,
        after it the new ones: at no moment is somebody not found, or one number live twice
Errors  a value that does not open is left as it is and counted; then its key cannot be let go. A key is let go only when
        the database finds no row that names it
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, OperationalError, connections, transaction

from amparo.kernel.errors import NotFound, Refused
from amparo.trust.keys import key_sources
from amparo.trust.keys.encryption import Key, Suite, forget
from amparo.trust.keys.keyring import Keyring, keyring
from amparo.trust.keys.resealing import Resealing, Tell
from amparo.trust.keys.sealed import SealedColumn
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event

AT_ONCE = 2_000
REST = 1.5  # pause after a batch, in times of what the batch took, for others
_ALONE = 7269  # the advisory lock of whoever changes keys


@dataclass(frozen=True)
class Resting:
    """How many rows of a column name a key."""

    column: str
    number: int
    rows: int


@dataclass(frozen=True)
class Rotated:
    """What a rotation came to: values sealed anew, by column; what did not open; what still names another key."""

    key: int
    sealed: dict[str, int]
    unreadable: dict[str, int]
    left: int
    is_blinding: bool  # whether people are now found by this key's indexes


def add_key(*, by: Actor, suite: Suite = Suite.AES_256_GCM) -> Key:
    """Take the next key into use: one that the source holds already and nobody used yet, else one made now.

    A key whose making was interrupted is the one taken up next. Raises Refused where the source makes none.
    """
    held = key_sources.source()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT highest FROM trust_keyring FOR UPDATE")
        [highest] = cursor.fetchone()
        number = min((each for each in held.numbers() if each > highest), default=highest + 1)
        if number > key_sources.MOST:
            raise Refused("trust-keys-all-used", most=key_sources.MOST)
        if number not in held.numbers():
            held.make(number)
        key_sources.master_key(number)  # refused now rather than at the first value
        cursor.execute("SELECT amparo_add_key(%s, %s)", [number, suite.value])
        cursor.execute("UPDATE trust_keyring SET sealing = %s, highest = %s", [number, number])
        record(Event.KEY_ADDED, by=by, about_kind="key", about_id=number, using="owner", suite=suite.name)
    return Key(number, suite)


def resting(columns: Sequence[SealedColumn], *, using: str = "bulk") -> list[Resting]:
    """Return how many rows rest on each key, by column; blind indexes too, under the column they stand in."""
    found = []
    with connections[using].cursor() as cursor:
        for each in columns:
            cursor.execute(
                f"SELECT {each.key}, count(*) FROM {each.table} WHERE {each.key} IS NOT NULL GROUP BY 1 ORDER BY 1"
            )
            found += [Resting(str(each), number, rows) for number, rows in cursor.fetchall()]
            found += _resting_indexes(each, keyring(using=using), cursor) if each.blind else []
    return found


def _resting_indexes(column: SealedColumn, ring: Keyring, cursor: Any) -> Iterator[Resting]:
    """The column in force, and the one that stands by while it is filled or emptied."""
    for number, is_spare in ((ring.blinding, ring.is_spare), (ring.filling or ring.emptying, not ring.is_spare)):
        name = column.blind.of(is_spare=is_spare)
        cursor.execute(f"SELECT count(*) FROM {column.table} WHERE {name} IS NOT NULL")
        [rows] = cursor.fetchone()
        if number and rows:
            yield Resting(f"{column.table}.{name}", number, rows)


def rotate(
    columns: Sequence[SealedColumn],
    *,
    by: Actor,
    at_once: int = AT_ONCE,
    rest: float = REST,
    tell: Tell = lambda column, done, total: None,
) -> Rotated:
    """Bring every sealed column and every blind index to the key in use, while others read and write.

    `tell` hears of each column how many rows are done, and of how many. Whatever ends it, the next call goes on from there.
    """
    with _alone():
        aim = keyring(using="bulk").sealing.number
        record(Event.ROTATION_BEGUN, by=by, about_kind="key", about_id=aim, using="bulk")
        work = Resealing(columns, at_once, rest, tell)
        is_blinding = _gone_through(work)
        ring = keyring(using="bulk")
        left = sum(each.rows for each in resting(columns) if each.number != ring.sealing.number)
        unreadable = {column: len(ids) for column, ids in work.unreadable.items() if ids}
        told = {"rows": dict(work.sealed), "unreadable": unreadable, "left": left}
        record(Event.KEYS_ROTATED, by=by, about_kind="key", about_id=ring.sealing.number, using="bulk", **told)
        return Rotated(ring.sealing.number, dict(work.sealed), unreadable, left, is_blinding)


def _gone_through(work: Resealing) -> bool:
    """Do all steps, from wherever an earlier call left off; return whether people are found by the key in use."""
    work.clear()
    while True:
        work.begin_turn()
        for each in work.columns:
            work.seal_anew(each)
        if not work.turn():
            return False
        work.clear()
        ring = keyring(using="bulk")
        if ring.blinding == ring.sealing.number:
            return True


def retire(number: int, columns: Sequence[SealedColumn], *, by: Actor) -> None:
    """Let a key go: the database takes in nothing more that names it, and no process reads it again.

    Refused while it is in use or any row names it, whether counted here or written this instant: the database holds it.
    A call after one that was interrupted finishes it.
    """
    ring = keyring(using="bulk")
    if number in {ring.sealing.number, ring.blinding, ring.filling, ring.emptying}:
        raise Refused("trust-key-in-use", number=number)
    _expect_no_rows(number, columns)
    try:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("DELETE FROM trust_key WHERE number = %s", [number])
            if cursor.rowcount:
                cursor.execute(f"DROP SEQUENCE trust_key_uses_{int(number)}")
                record(Event.KEY_RETIRED, by=by, about_kind="key", about_id=number, using="owner")
            elif number not in key_sources.source().numbers():
                raise NotFound("trust-key-unknown", number=number)
    except IntegrityError:  # written since it was counted, or in a column that nobody declared
        _expect_no_rows(number, columns)
        raise Refused("trust-key-rested-on", number=number, rows=1) from None
    key_sources.source().retire(number)
    forget()


def _expect_no_rows(number: int, columns: Sequence[SealedColumn]) -> None:
    if rows := sum(each.rows for each in resting(columns) if each.number == number):
        raise Refused("trust-key-rested-on", number=number, rows=rows)


@contextmanager
def _alone() -> Iterator[None]:
    """One rotation at a time; the lock goes with its connection, so that a killed one holds nobody up for long."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SET lock_timeout = '10s'")
        try:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [_ALONE])
        except OperationalError:
            raise Refused("trust-rotation-runs") from None
        finally:
            cursor.execute("RESET lock_timeout")
    try:
        yield
    finally:
        with connections["bulk"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [_ALONE])
