"""The steps of a rotation: each goes through one sealed column in batches, a transaction each, and can be done again.

Shape   a batch takes rows in the order of their ids, skipping those that somebody else holds, writes them back and lets
        go; the role `amparo_sealer` may read and write the sealed bytes and blind indexes, and nothing else
Errors  a value that does not open is left as it is and counted; a key that is not here stops the rotation
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from django.db import connections, transaction

from amparo.kernel.errors import Refused
from amparo.trust.keys.encryption import blind_index, decrypt, encrypt_many
from amparo.trust.keys.keyring import TURN, Keyring, keyring, sealing
from amparo.trust.keys.sealed import SealedColumn

Tell = Callable[[str, int, int], None]
_PASSES = 5  # what others held, or wrote meanwhile, is met by the next pass
_DOES_NOT_OPEN = ("trust-sealed-broken", "trust-sealed-unknown")


@dataclass
class Resealing:
    """One rotation under way. `sealed` counts values by column; `unreadable` has the ids of those that do not open."""

    columns: Sequence[SealedColumn]
    at_once: int
    rest: float
    tell: Tell
    sealed: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))

    @property
    def found_by(self) -> list[SealedColumn]:
        return [each for each in self.columns if each.blind]

    def begin_turn(self) -> None:
        """Say whose indexes are written into the columns that stand by. A turn that was begun to another key goes first."""
        with _sealer() as cursor:
            cursor.execute(
                "UPDATE trust_keyring SET filling = sealing"
                " WHERE filling IS NULL AND emptying IS NULL AND blinding <> sealing"
            )

    def seal_anew(self, column: SealedColumn) -> None:
        """Seal values with the key in use, and fill the indexes that stand by."""
        for _ in range(_PASSES):
            ring = keyring(using="bulk")
            self.unreadable[str(column)].clear()
            self._through(column, _todo(column, ring), partial(self._seal, column, ring))
            if _count(column, _todo(column, ring)) <= len(self.unreadable[str(column)]):
                return

    def turn(self) -> bool:
        """Let people be found by the indexes that stand by, once they are complete; return whether they now are.

        Whoever compares or records by blind index waits meanwhile, or is waited for; whoever looks somebody up does not.
        """
        with _sealer() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [TURN])
            ring = keyring(using="bulk")
            if ring.filling is None:
                return ring.blinding == ring.sealing.number
            for each in self.found_by:
                self._seal(each, ring, cursor, None, f"{_standing_by(each, ring)} IS NULL", locking="", limit="ALL")
                if _count(each, f"{_standing_by(each, ring)} IS NULL"):
                    return False
            cursor.execute(
                "UPDATE trust_keyring"
                " SET emptying = blinding, blinding = filling, filling = NULL, is_spare = NOT is_spare"
            )
            return True

    def clear(self) -> None:
        """Empty the indexes by which nobody is found any more, so that their key can go."""
        ring = keyring(using="bulk")
        if ring.emptying is None:
            return
        for each in self.found_by:
            old = _standing_by(each, ring)
            for _ in range(_PASSES):
                self._through(each, f"{old} IS NOT NULL", partial(_empty, each, old, self.at_once))
                if not _count(each, f"{old} IS NOT NULL"):
                    break
        if not any(_count(each, f"{_standing_by(each, ring)} IS NOT NULL") for each in self.found_by):
            with _sealer() as cursor:
                cursor.execute("UPDATE trust_keyring SET emptying = NULL")

    def _through(self, column: SealedColumn, todo: str, batch: Callable[[Any, Any, str], list]) -> None:
        """Do batch after batch until one finds nothing, and let others have the machine in between."""
        last, done, total = None, 0, _count(column, todo)
        while True:
            started = time.monotonic()
            with _sealer() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")  # what a crash takes back is done again
                ids = batch(cursor, last, todo)
            if not ids:
                return
            last, done = ids[-1], done + len(ids)
            self.tell(str(column), done, max(total, done))
            time.sleep(self.rest * (time.monotonic() - started))

    def _seal(
        self,
        column: SealedColumn,
        ring: Keyring,
        cursor: Any,
        after: Any,
        todo: str,
        *,
        locking: str = "SKIP LOCKED",
        limit: str = "",
    ) -> list:
        """Seal a batch anew and write it back; return the ids it met, those that do not open included."""
        scheme = column.blind.scheme if column.blind else "NULL"
        cursor.execute(
            f"SELECT id, {column.place}, {column.column}, {scheme} FROM {column.table}"
            f" WHERE {column.column} IS NOT NULL AND ({todo}) {'AND id > %(after)s' if after else ''}"
            f" ORDER BY id LIMIT {limit or self.at_once} FOR NO KEY UPDATE {locking}",
            {"after": after} if after else None,
            binary=True,
        )
        met = cursor.fetchall()
        opened = [(*row, text) for row in met if (text := self._opened(column, row)) is not None]
        if opened:
            self._write(column, ring, opened, cursor)
        return [id for id, *_ in met]

    def _opened(self, column: SealedColumn, row: tuple) -> bytes | None:
        id, place, value, _ = row
        try:
            return decrypt(column.field_class, value, place.encode())
        except Refused as refused:
            if refused.message.id not in _DOES_NOT_OPEN:
                raise
            self.unreadable[str(column)].add(id)
            return None

    def _write(self, column: SealedColumn, ring: Keyring, opened: list[tuple], cursor: Any) -> None:
        """Write back what was opened. The old value goes only when the new one was seen to open."""
        ids, places, _, schemes, texts = zip(*opened, strict=True)
        bound = [each.encode() for each in places]
        fresh = encrypt_many(column.field_class, texts, bound, key=sealing(len(ids), using="bulk"))
        if any(decrypt(column.field_class, *each) != text for *each, text in zip(fresh, bound, texts, strict=True)):
            raise Refused("trust-sealed-broken", place=column.table)
        given, also = [list(ids), fresh], ""
        if column.blind and ring.filling:
            plain = [column.blind.normalised(each.decode()) for each in texts]
            given += [[blind_index(*each, key=ring.filling) for each in zip(schemes, plain, strict=True)]]
            also = f", {_standing_by(column, ring)} = fresh.blind"
        arrays = f"%b::{column.id_type}[], %b::bytea[]{', %b::bytea[]' if also else ''}"
        cursor.execute(
            f"UPDATE {column.table} held SET {column.column} = fresh.sealed{also}"
            f" FROM unnest({arrays}) AS fresh (id, sealed{', blind' if also else ''}) WHERE held.id = fresh.id",
            given,
        )
        self.sealed[str(column)] += cursor.rowcount


def _standing_by(column: SealedColumn, ring: Keyring) -> str:
    return column.blind.of(is_spare=not ring.is_spare)


def _todo(column: SealedColumn, ring: Keyring) -> str:
    other = f"{column.key} <> {ring.sealing.number}"
    return f"{other} OR {_standing_by(column, ring)} IS NULL" if column.blind and ring.filling else other


def _count(column: SealedColumn, todo: str) -> int:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {column.table} WHERE {column.column} IS NOT NULL AND ({todo})")
        return cursor.fetchone()[0]


def _empty(column: SealedColumn, name: str, at_once: int, cursor: Any, after: Any, todo: str) -> list:
    cursor.execute(
        f"SELECT id FROM {column.table} WHERE {todo} {'AND id > %(after)s' if after else ''}"
        f" ORDER BY id LIMIT {at_once} FOR NO KEY UPDATE SKIP LOCKED",
        {"after": after} if after else None,
    )
    ids = [id for (id,) in cursor.fetchall()]
    if column.blind.forget:
        cursor.execute(column.blind.forget, [ids])
    cursor.execute(f"UPDATE {column.table} SET {name} = NULL WHERE id = ANY (%b)", [ids])
    return ids


@contextmanager
def _sealer() -> Iterator[Any]:
    """One transaction as the role that may change sealed bytes and nothing else.

    The cursor is psycopg's own, which sends values beside the statement: Django's writes thousands of them into its text.
    """
    bulk = connections["bulk"]
    with transaction.atomic(using="bulk"), bulk.wrap_database_errors, psycopg.Cursor(bulk.connection) as cursor:
        cursor.execute("SET LOCAL ROLE amparo_sealer")
        yield cursor
