"""Seals the audit log: the rows that have come to rest, in batches, each the root of a tree, chained, signed, copied out.

A row has come to rest when its transaction's number is below that of every transaction still running: nobody can add a
row before it any more, in whatever order others commit. So no row is passed over, and each stands in exactly one batch.
"""

from dataclasses import dataclass, replace
from io import BufferedRandom
from typing import Any

from django.db import connections

from amparo.kernel.errors import Refused
from amparo.trust import models
from amparo.trust.log import custodian
from amparo.trust.log.log_rows import all_seals, last_seal, reading, rows_after, time_of
from amparo.trust.log.proof import BEFORE_ALL, FORM, NOTHING, Seal, key_id, key_of, leaf, root
from amparo.trust.log.recording import record
from amparo.trust.log.signing_key import has_signing_key, make_signing_key, signing_key
from amparo.trust.types import Actor, Event

ROWS_IN_A_SEAL = 10_000
BULK = "bulk"
_LOCK = 7266
_HORIZON = "SELECT amparo_audit_place(pg_snapshot_xmin(pg_current_snapshot())), now()::text"


@dataclass(frozen=True)
class Sealed:
    """How many seals were made, and over how many rows."""

    seals: int = 0
    rows: int = 0


def seal(*, at_most: int = ROWS_IN_A_SEAL) -> Sealed:
    """Seal every row that has come to rest, `at_most` rows a seal, and copy each seal into the custodian's file.

    Raises Refused where the key or the custodian's file is missing or damaged, or where that file knows seals that the
    log does not have: somebody must look first. Nothing is sealed then, and after some hours nothing is served.
    """
    made = Sealed()
    with custodian.held() as file:
        _ensure_months()
        while rows := _seal_next(file, at_most):
            made = Sealed(made.seals + 1, made.rows + rows)
    return made


def renew_key(*, by: Actor) -> str:
    """Make a new signing key, also where the old one is lost, and return its id. Seals made before keep their own."""
    with reading(using=BULK):
        id = key_id(make_signing_key().public_key())
        record(Event.AUDIT_KEY_MADE, by=by, about_kind="key", about_id=id, using=BULK)
    return id


def _ensure_months() -> None:
    """A month without a partition would stop all writes."""
    with connections[BULK].cursor() as cursor:
        cursor.execute("SELECT amparo_ensure_months('trust_audit', now()::date, 14)")


def _seal_next(file: BufferedRandom, at_most: int) -> int:
    """Make one seal; return how many rows are in it, 0 where none has come to rest."""
    with reading(using=BULK) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        before = last_seal(cursor)
        _bring_up(file, before, cursor)
        cursor.execute("SELECT amparo_audit_is_behind()")
        if cursor.fetchone() != (False,):
            raise Refused("trust-audit-behind")
        cursor.execute(_HORIZON)
        below, now = cursor.fetchone()
        lines = rows_after(cursor, before.last if before else BEFORE_ALL, below=below, at_most=at_most)
        if not lines:
            return 0
        leaves = [leaf(each) for each in lines]
        made = _signed(_unsigned(lines, leaves, before, now), may_make=before is None)
        _write(made, leaves)
    custodian.append(file, made)
    return len(lines)


def _bring_up(file: BufferedRandom, last: Seal | None, cursor: Any) -> None:
    """Add what the file lacks of the log's seals. Raises Refused where it holds one that the log has not."""
    copy = custodian.last_in(file)
    missing = all_seals(cursor, after=copy.number - 1 if copy else 0)
    if copy is not None:
        same = next(missing, None)
        if same is None or same.line != copy.line:
            held = last.number if last else 0
            raise Refused("trust-custodian-ahead", file=custodian.custodian_file().name, copied=copy.number, held=held)
    for each in missing:
        custodian.append(file, each)


def _unsigned(lines: list[bytes], leaves: list[bytes], before: Seal | None, now: str) -> Seal:
    times = [time_of(each) for each in lines]
    (first_place, first_id), (last_place, last_id) = key_of(lines[0]), key_of(lines[-1])
    return Seal(
        form=FORM,
        number=before.number + 1 if before else 1,
        previous=before.hash if before else NOTHING,
        count=len(lines),
        first_place=first_place,
        first_id=first_id,
        last_place=last_place,
        last_id=last_id,
        first_at=min(times),
        last_at=max(times),
        root=root(leaves).hex(),
        sealed_at=now,
        key="",
    )


def _signed(seal: Seal, *, may_make: bool) -> Seal:
    """Sign a seal. Only the very first may make its key: one lost later must be put back, or renewed by somebody."""
    key = make_signing_key() if may_make and not has_signing_key() else signing_key()
    named = replace(seal, key=key_id(key.public_key()))
    return replace(named, signature=key.sign(named.statement).hex())


def _write(seal: Seal, leaves: list[bytes]) -> None:
    models.Seal.objects.using(BULK).create(
        number=seal.number,
        form=seal.form,
        previous=bytes.fromhex(seal.previous),
        count=seal.count,
        first_place=seal.first_place,
        first_id=seal.first_id,
        last_place=seal.last_place,
        last_id=seal.last_id,
        first_at=seal.first_at,
        last_at=seal.last_at,
        root=bytes.fromhex(seal.root),
        sealed_at=seal.sealed_at,
        key=seal.key,
        signature=bytes.fromhex(seal.signature),
        leaves=b"".join(leaves),
    )
