"""Reads of the audit log: a search for the auditor, who was concerned by a breach, and whether the log is what was sealed.

Each is written to the log itself. Only ids and codes stand in the log, nobody's name or what was told of them.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from amparo.kernel.errors import Refused
from amparo.trust import models
from amparo.trust.log import custodian
from amparo.trust.log.acts import LINE, ONE, Act, Asked, acts_statement, wide_statement
from amparo.trust.log.log_rows import all_rows, all_seals, last_seal, leaves_of, reading
from amparo.trust.log.proof import Proof, public_keys, verify
from amparo.trust.log.recording import record
from amparo.trust.log.signing_key import public_key_file
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"
_ACTS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Line:
    """One row of the log. `under` is the permission acted on, or the system's job."""

    at: datetime
    id: UUID
    event: str
    by_id: UUID | None
    by_kind: str
    under: str
    purpose: str
    about_kind: str
    about_id: str
    area_number: int | None
    details: dict[str, Any]


def search(asked: Asked, *, by: Actor, after: tuple[datetime, UUID] | None = None, at_most: int = 50) -> list[Line]:
    """Return the newest rows that fit, or those that follow a row; needs the gates open for READ_AUDIT.

    A person is also found in the readings of their household, which name its members, and both in what partners were handed.
    """
    by = by.narrowed(Permission.READ_AUDIT)
    conditions, values = asked.conditions
    if after:
        conditions, values = [*conditions, "(at, id) < (%s, %s)"], [*values, *after]
    parts = [("true", [])] if asked.about is None else _about(asked.about)
    statements, given = [], []
    for part, named in parts:
        where = " AND ".join([part, *conditions])
        statements.append(f"(SELECT {LINE} FROM trust_audit WHERE {where} ORDER BY at DESC, id DESC LIMIT %s)")
        given += [*named, *values, at_most]
    with connection.cursor() as cursor:
        every = " UNION ALL ".join(statements)
        cursor.execute(f"SELECT * FROM ({every}) found ORDER BY at DESC, id DESC LIMIT %s", [*given, at_most])
        found = _lines(cursor)
    _record_search(asked, by=by, found=len(found))
    return found


def _lines(cursor: Any) -> list[Line]:
    return [Line(*row, json.loads(details)) for *row, details in cursor.fetchall()]


def lines_with(ids: Sequence[UUID], *, since: datetime, until: datetime, by: Actor) -> list[Line]:
    """Return the rows with these ids between two times, the oldest first; whoever asks writes down that they looked."""
    by.narrowed(Permission.READ_AUDIT)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {LINE} FROM trust_audit WHERE id = ANY(%s) AND at >= %s AND at < %s ORDER BY at, id",
            [list(ids), since, until],
        )
        return _lines(cursor)


def _about(one: UUID) -> list[tuple[str, list[Any]]]:
    """The places where a row names somebody, each with an index of its own."""
    return [
        ("about_kind = ANY(%s) AND about_id = %s", [list(ONE), str(one)]),
        *((f"details ? '{each}s' AND details->'{each}s' @> to_jsonb(%s::text)", [str(one)]) for each in ONE),
    ]


def _record_search(asked: Asked, *, by: Actor, found: int) -> None:
    told = {name: str(value) for name, value in vars(asked).items() if value is not None}
    record(Event.AUDIT_READ, by=by, about_kind="audit", asked=told, found=found)


def latest_seal() -> models.Seal | None:
    """Return the newest seal; None before the first."""
    return models.Seal.objects.defer("leaves").order_by("-number").first()


def acts(asked: Asked, *, by: Actor) -> Iterator[Act]:
    """Yield every act on a household or person, each person once for every reading that named them, by kind, id and time.

    For a report on a breach: nationwide and exact, so only for the operator's command.
    """
    by = by.narrowed(Permission.READ_AUDIT)
    statement, values = acts_statement(asked)
    with reading(using=BULK) as cursor:
        told = {name: str(value) for name, value in vars(asked).items() if value is not None}
        record(Event.AUDIT_REPORTED, by=by, about_kind="audit", asked=told, using=BULK)
        with cursor.connection.cursor(name="acts") as streamed:
            streamed.itersize = _ACTS_AT_ONCE
            streamed.execute(statement, values)
            for row in streamed:
                yield Act(*row)


def wide_acts(asked: Asked, *, by: Actor) -> list[Line]:
    """Return the acts that opened many records at once, oldest first: the log knows how many they were, not whose."""
    by.narrowed(Permission.READ_AUDIT)
    statement, values = wide_statement(asked)
    with reading(using=BULK) as cursor:
        cursor.execute(statement, values)
        return _lines(cursor)


def verified(
    *, by: Actor, copies: Path | None = None, keys: Path | None = None, tell: Callable[[int], None] = lambda rows: None
) -> Proof:
    """Hold the whole log to its seals, and these to the custodian's file and the public keys, given or our own.

    Everything is read as it stands at one instant. Raises Refused where a file is missing that should be there.
    """
    by = by.narrowed(Permission.READ_AUDIT)
    path, known = copies or custodian.custodian_file(), _public_keys(keys or public_key_file())
    with reading(using=BULK, isolation="REPEATABLE READ") as cursor:
        cursor.execute("SELECT (now() - make_interval(hours => %s))::text", [settings.AUDIT_HOURS])
        (late,) = cursor.fetchone()
        begun = last_seal(cursor) is not None
        proof = verify(
            all_rows(cursor, tell=tell),
            all_seals(cursor),
            known,
            leaves_of=lambda number: leaves_of(cursor, number),
            custodian=custodian.seals_in(path) if begun or copies or path.exists() else (),
            late=late,
        )
    told = {"rows": proof.rows, "seals": proof.seals, "unsealed": proof.unsealed, "wrong": proof.wrong}
    with reading(using=BULK):
        record(Event.AUDIT_VERIFIED, by=by, about_kind="audit", using=BULK, **told)
    return proof


def _public_keys(path: Path) -> dict[str, Any]:
    try:
        return public_keys(path.read_bytes())
    except FileNotFoundError:
        return {}  # then no seal holds, and each is a fault
    except (OSError, ValueError):
        raise Refused("trust-audit-key-missing", file=path.name) from None


def export(folder: Path, *, by: Actor) -> tuple[int, int]:
    """Write rows, seals with their leaves, and public keys into a new folder, to be verified elsewhere; return the counts."""
    by = by.narrowed(Permission.READ_AUDIT)
    try:
        folder.mkdir(mode=0o700)
    except OSError:
        raise Refused("trust-audit-folder", folder=folder.name) from None
    rows = seals = 0
    with reading(using=BULK, isolation="REPEATABLE READ") as cursor:
        with (folder / "rows.tsv").open("wb") as file:
            for rows, line in enumerate(all_rows(cursor), 1):  # noqa: B007
                file.write(line + b"\n")
        with (folder / "seals.jsonl").open("w") as file:
            for seals, seal in enumerate(all_seals(cursor), 1):  # noqa: B007
                said = json.loads(seal.line) | {"leaves": leaves_of(cursor, seal.number).hex()}
                file.write(json.dumps(said) + "\n")
    if public_key_file().exists():
        (folder / "audit.pub").write_bytes(public_key_file().read_bytes())
    with reading(using=BULK):
        record(Event.AUDIT_EXPORTED, by=by, about_kind="audit", using=BULK, rows=rows, seals=seals)
    return rows, seals
