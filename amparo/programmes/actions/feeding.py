"""Taking in what another programme's system tells: whole deliveries, row by row accepted or set aside.

Shape   a file as the door read it in; beneficiaries, what they receive, whether they met conditions or what they complained
        of, rows set aside and a receipt out
Units   amounts in minor units of the row's currency
Nulls   whom nobody here knows keeps no place: only the nation sees that they are there
Errors  a row that cannot be read is set aside with its reasons; a delivery without rows is refused
Source  requirement IBR-1: nothing is lost, nothing is counted twice, and of two that tell of one month the later day counts
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.copying import copy_into, in_binary, rows
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.kernel.ids import uuid7
from amparo.programmes import models
from amparo.programmes.feeds.finding import find
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.feeds.proposing import SOUGHT, propose, sought
from amparo.programmes.feeds.reading import REASONS, read
from amparo.programmes.publishing import BULK
from amparo.programmes.sealed import BENEFICIARY_CLASS
from amparo.programmes.types import BenefitStatus, BenefitsTold, Delivered, FeedKind, Found
from amparo.trust.keys.encryption import blind_indexes, encrypt_many
from amparo.trust.keys.keyring import TURN, Keyring, keyring, sealing
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

_AT_ONCE = 5_000
FEEDS = 7311  # the kind of advisory lock by which one system's deliveries are taken in one after another
_CAME = {
    "id": "uuid",
    "is_held": "boolean",
    "reference": "text",
    "person_id": "uuid",
    "found": "text",
    "scheme": "text",
    "identifier": "bytea",
    "blind_index": "bytea",
    "spare_index": "bytea",
    "told": "bytea",
}


@dataclass(frozen=True)
class _Into:
    """Where what a kind of feed tells is kept: the table, its columns, and by which of them two tell of the same."""

    table: str
    columns: Mapping[str, str]
    same: tuple[str, ...]


_INTO = {
    FeedKind.BENEFITS: _Into(
        "programmes_benefit",
        {
            "scheme": "text",
            "period": "date",
            "status": "text",
            "kind": "text",
            "amount_minor": "bigint",
            "currency": "text",
            "decimals": "smallint",
            "payment": "text",
            "receiver": "text",
            "since": "date",
            "said": "uuid",
        },
        ("scheme", "period"),
    ),
    FeedKind.COMPLIANCE: _Into(
        "programmes_compliance",
        {
            "scheme": "text",
            "condition": "text",
            "period": "date",
            "met": "text",
            "share": "double precision",
            "reason": "text",
            "said": "uuid",
        },
        ("scheme", "condition", "period"),
    ),
    FeedKind.GRIEVANCES: _Into(
        "programmes_grievance",
        {
            "scheme": "text",
            "grievance": "text",
            "category": "text",
            "state": "text",
            "filed": "date",
            "closed": "date",
            "said": "uuid",
        },
        ("scheme", "grievance"),
    ),
}
# Whom a person found stays found, and of a pair that a person refused nothing is found by itself.
_AS_DECIDED = """
UPDATE came SET person_id = held.person_id, found = 'decided' FROM programmes_beneficiary held
WHERE held.id = came.id AND held.found = 'decided' AND came.found <> 'identifier'
"""
_AS_REFUSED = """
UPDATE came SET person_id = NULL, found = 'review' FROM programmes_match pair
WHERE (pair.beneficiary_id, pair.person_id) = (came.id, came.person_id) AND pair.state = 'other'
"""
_FOUND = "SELECT found, count(*) FROM came GROUP BY found"
# Whoever is found stays found, unless a later day brings an identifier that says otherwise.
_BENEFICIARIES = """
INSERT INTO programmes_beneficiary
    (id, feed, reference, person_id, found, scheme, identifier, blind_index, spare_index, told, told_on)
SELECT id, %(feed)s, reference, person_id, found, coalesce(scheme, ''), identifier, blind_index, spare_index, told, %(day)s
FROM came WHERE NOT is_held
"""
_CHANGED = """
UPDATE programmes_beneficiary held SET person_id = came.person_id, found = came.found, scheme = coalesce(came.scheme, ''),
    identifier = came.identifier, blind_index = came.blind_index, spare_index = came.spare_index,
    told = CASE WHEN came.found IN ('review', 'decided') THEN coalesce(came.told, held.told) ELSE came.told END,
    told_on = %(day)s
FROM came WHERE held.id = came.id AND came.is_held AND held.told_on <= %(day)s
    AND (came.identifier IS NOT NULL OR held.identifier IS NULL)
"""
_COMPARED = """
CREATE TEMPORARY TABLE compared ON COMMIT DROP AS
SELECT said.*, held.area_number, last.day AS last_day, last.said IS NOT DISTINCT FROM said.said AS is_same
FROM said JOIN programmes_beneficiary held ON held.id = said.beneficiary_id
LEFT JOIN LATERAL (
    SELECT b.day, b.said FROM {table} b
    WHERE b.beneficiary_id = said.beneficiary_id AND ({of_told}) = ({of_said})
    ORDER BY b.day DESC, b.id DESC LIMIT 1
) last ON true
"""
# Also what says nothing new: the delivery that said it first may be taken back, and a day between may be corrected late.
_TELL = """
INSERT INTO {table} (beneficiary_id, delivery_id, area_number, day, {columns})
SELECT beneficiary_id, %(delivery)s, area_number, %(day)s, {columns} FROM compared
"""
_LIVE = f"('{BenefitStatus.ENROLLED.value}', '{BenefitStatus.SUSPENDED.value}')"
# Whom a scheme did not tell of before, or as somebody who had left, by the latest month it tells of now. What an earlier day tells
# late, or what was told before, counts for nothing.
_NEW = f"""
SELECT held.person_id, said.scheme, min(coalesce(said.since, said.period)) AS since
FROM (SELECT DISTINCT ON (beneficiary_id, scheme) * FROM compared ORDER BY beneficiary_id, scheme, period DESC) said
JOIN programmes_beneficiary held ON held.id = said.beneficiary_id AND held.person_id IS NOT NULL
LEFT JOIN LATERAL (
    SELECT b.status, b.period, b.day FROM programmes_benefit b
    WHERE b.beneficiary_id = said.beneficiary_id AND b.scheme = said.scheme AND b.delivery_id <> '{{delivery}}'::uuid
    ORDER BY b.period DESC, b.day DESC, b.id DESC LIMIT 1
) before ON true
WHERE said.status = '{BenefitStatus.ENROLLED.value}' AND NOT said.is_same AND coalesce(
    before.status NOT IN {_LIVE} AND (before.period, before.day) <= (said.period, '{{day}}'::date), true)
GROUP BY held.person_id, said.scheme
"""
_COUNTED = """
SELECT count(*) FILTER (WHERE last_day IS NULL), count(*) FILTER (WHERE NOT is_same AND last_day <= %(day)s),
    count(*) FILTER (WHERE NOT is_same AND last_day > %(day)s), count(*) FILTER (WHERE is_same)
FROM compared
"""


@transaction.atomic(using=BULK)
def take_feed(feed: FeedConfig, delivered: Delivered, *, by: Actor, under: Ground, on: date) -> dict[str, Any]:
    """Take in a delivery that a system tells as of the day `on`; return its receipt.

    One that came before gives its receipt again, and nothing is written. Whatever tells of the same beneficiary, programme
    and month counts by the later day; what an earlier day tells late is kept and counts for nothing.
    """
    by = by.narrowed(Permission.DELIVER)
    digest = feed.digest_of(delivered.digest, on.isoformat())
    folder = delivered.rows.parent
    config = {"temp_directory": str(folder), "threads": 2}
    with connections[BULK].cursor() as cursor, closing(duckdb.connect(config=config)) as db:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [FEEDS, feed.code])
        held = models.FeedDelivery.objects.using(BULK).filter(digest=digest).first()
        if held and models.FeedRetraction.objects.using(BULK).filter(delivery=held).exists():
            raise Refused("programmes-feed-retracted", feed=feed.code, day=on)
        if held:
            return {**held.receipt, "already_delivered": True}
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [TURN])
        ring = keyring(using=BULK)
        delivered_rows = read(db, feed, delivered, day=on, blinding=ring.blinding)
        find(db, folder, blinding=ring.blinding)
        id = uuid7()
        values = {"feed": feed.code, "day": on, "delivery": id}
        found = _take_beneficiaries(cursor, db, values, ring)
        propose(cursor, on=on)
        counts = _take_told(cursor, db, values, _INTO[feed.kind])
        receipt = _receipt(db, feed, values, delivered_rows, counts, found)
        _write_down(cursor, db, digest, receipt, values, by)
        record(
            Event.FEED_TAKEN,
            by=by,
            under=under,
            about_kind="feed-delivery",
            about_id=id,
            using=BULK,
            **_logged(receipt),
        )
        if feed.kind is FeedKind.BENEFITS:
            announce(BenefitsTold(id, feed.code, _NEW.format(delivery=id, day=on.isoformat())))
    return receipt


def _take_beneficiaries(
    cursor: Any, db: duckdb.DuckDBPyConnection, values: Mapping[str, Any], ring: Keyring
) -> dict[str, int]:
    """Write down whom the delivery is about, and return how many were found how.

    Leaves `ids`, who → beneficiary, for what they receive, and `sought`, of whom enough is told to look for them.
    """
    _open(cursor, "came", _CAME)
    _open(cursor, "sought", SOUGHT)
    db.execute("CREATE TABLE ids (who VARCHAR, id UUID)")
    reader = db.cursor().execute(
        "SELECT who, reference, person_id, holder, found, scheme, number, blind, given_name, family_name,"
        " strftime(birth_date, '%Y-%m-%d') AS birth_date, area FROM came ORDER BY who"
    )
    columns = [each[0] for each in reader.description]
    while part := [dict(zip(columns, row, strict=True)) for row in reader.fetchmany(_AT_ONCE)]:
        held = _held(cursor, part, values["feed"], ring)
        for each in part:
            each["id"] = held.get((each["reference"], each["scheme"], each["blind"])) or uuid7()
        _copy(cursor, "came", _CAME, list(_sealed(part, set(held.values()), ring)))
        _copy(cursor, "sought", SOUGHT, list(sought(part)))
        told = pa.table({"who": [each["who"] for each in part], "id": [str(each["id"]) for each in part]})  # noqa: F841
        db.execute("INSERT INTO ids SELECT * FROM told")
    cursor.execute(_AS_DECIDED)
    cursor.execute(_AS_REFUSED)
    cursor.execute(_BENEFICIARIES, values)
    cursor.execute(_CHANGED, values)
    cursor.execute(_FOUND)
    return dict(cursor.fetchall())


def _held(cursor: Any, part: Sequence[Mapping[str, Any]], feed: str, ring: Keyring) -> dict[tuple, UUID]:
    """Return (reference, scheme, blind index) → the beneficiary whom the feed told of before, by number or by identifier."""
    column = "spare_index" if ring.is_spare else "blind_index"
    cursor.execute(
        f"""SELECT asked.reference, asked.scheme, asked.blind, b.id
            FROM unnest(%s::text[], %s::text[], %s::text[]) AS asked (reference, scheme, blind)
            JOIN programmes_beneficiary b ON b.feed = %s AND CASE
                WHEN asked.reference <> '' THEN b.reference = asked.reference
                ELSE b.reference = '' AND b.scheme = asked.scheme AND b.{column} = decode(asked.blind, 'hex') END""",
        [*([each[name] for each in part] for name in ("reference", "scheme", "blind")), feed],
    )
    return {(reference, scheme, blind): id for reference, scheme, blind, id in cursor.fetchall()}


def _sealed(part: Sequence[Mapping[str, Any]], held: set[UUID], ring: Keyring) -> Iterator[tuple]:
    """Yield rows of `came`, before anything is copied, since keys are counted on the way: identifiers blinded and sealed, and what else is told of whom nobody found."""
    identifiers = _seal("identifier", [(each["id"], each["number"]) for each in part])
    told = _seal("told", [(each["id"], _besides(each)) for each in part])
    for each in part:
        blind, spare = _indexes(each, ring)
        yield (
            *(each["id"], each["id"] in held, each["reference"], each["person_id"], each["found"], each["scheme"]),
            *(identifiers.get(each["id"]), blind, spare, told.get(each["id"])),
        )


def _besides(each: Mapping[str, Any]) -> str | None:
    """Return what else is told of somebody as JSON; None of whom was found: the registry knows them."""
    names = ("given_name", "family_name", "birth_date", "area")
    said = {name: each[name] for name in names if each[name] is not None}
    return json.dumps(said) if said and each["found"] != Found.IDENTIFIER else None


def _seal(column: str, values: Sequence[tuple[UUID, str | None]]) -> dict[UUID, bytes]:
    told = [(id, value) for id, value in values if value is not None]
    if not told:
        return {}
    places = [f"programmes_beneficiary.{column}:{id}".encode() for id, _ in told]
    key = sealing(len(told), using=BULK)
    sealed = encrypt_many(BENEFICIARY_CLASS, [value.encode() for _, value in told], places, key=key)
    return dict(zip([id for id, _ in told], sealed, strict=True))


def _indexes(each: Mapping[str, Any], ring: Keyring) -> tuple[bytes | None, bytes | None]:
    """Return what somebody is found by, and what takes its place meanwhile, in the order of the columns."""
    if each["number"] is None:
        return None, None
    standing = bytes.fromhex(each["blind"])
    coming = blind_indexes(each["scheme"], [each["number"]], key=ring.filling)[0] if ring.filling else None
    return (coming, standing) if ring.is_spare else (standing, coming)


def _take_told(cursor: Any, db: duckdb.DuckDBPyConnection, values: Mapping[str, Any], into: _Into) -> dict[str, int]:
    """Write down what is new; return how many rows were new, corrected, late, or told before."""
    said = {"beneficiary_id": "uuid", **into.columns}
    _open(cursor, "said", said)
    query = "SELECT ids.id AS beneficiary_id, sound.* FROM sound JOIN ids USING (who)"
    with cursor.cursor.copy(copy_into("said", said)) as copy:
        for piece in in_binary(rows(db, query, said)):
            copy.write(piece)
    cursor.execute("ANALYZE said")
    of_told, of_said = (", ".join(f"{row}.{each}" for each in into.same) for row in ("b", "said"))
    cursor.execute(_COMPARED.format(table=into.table, of_told=of_told, of_said=of_said))
    cursor.execute(_TELL.format(table=into.table, columns=", ".join(into.columns)), values)
    cursor.execute(_COUNTED, values)
    return dict(zip(("new", "corrected", "late", "unchanged"), cursor.fetchone(), strict=True))


def _open(cursor: Any, table: str, columns: Mapping[str, str]) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE {table} ({', '.join(map(' '.join, columns.items()))}) ON COMMIT DROP")


def _copy(cursor: Any, table: str, columns: Mapping[str, str], given: Sequence[tuple]) -> None:
    with cursor.cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(list(columns.values()))
        for row in given:
            copy.write_row(row)


def _receipt(
    db: duckdb.DuckDBPyConnection,
    feed: FeedConfig,
    values: Mapping[str, Any],
    delivered: int,
    counts: Mapping[str, int],
    found: Mapping[str, int],
) -> dict[str, Any]:
    [(rejected,)] = db.execute("SELECT count(*) FROM unsound").fetchall()
    reasons = db.execute(
        "SELECT reason, count(*), min(line) FROM (SELECT line, unnest(reasons) AS reason FROM unsound) GROUP BY reason"
    ).fetchall()
    return {
        "delivery": str(values["delivery"]),
        "feed": feed.code,
        "day": values["day"].isoformat(),
        "rows": {"delivered": delivered, "accepted": delivered - rejected, "rejected": rejected, **counts},
        "schemes": [
            {"scheme": scheme, "rows": count}
            for scheme, count in db.execute("SELECT scheme, count(*) FROM sound GROUP BY 1 ORDER BY 1").fetchall()
        ],
        **_totals(db, feed),
        "beneficiaries": {each.value: found.get(each.value, 0) for each in Found},
        "reasons": [
            {"reason": reason, "rows": count, "line": line}
            for reason, count, line in sorted(reasons, key=lambda each: REASONS.index(each[0]))
        ],
    }


def _totals(db: duckdb.DuckDBPyConnection, feed: FeedConfig) -> dict[str, Any]:
    """Return the sums by which whoever sent a file sees that it was taken in whole: of money, of answers, or of states."""
    if feed.kind is FeedKind.GRIEVANCES:
        states = "SELECT state, count(*) FROM sound GROUP BY 1"
        return {"amounts": [], "states": dict(sorted(db.execute(states).fetchall()))}
    if feed.kind is FeedKind.COMPLIANCE:
        answers = "SELECT coalesce(met, CASE WHEN share IS NULL THEN 'unknown' ELSE 'share' END), count(*) FROM sound GROUP BY 1"
        return {"amounts": [], "answers": dict(sorted(db.execute(answers).fetchall()))}
    sums = "SELECT currency, count(*), coalesce(sum(amount_minor), 0)::BIGINT FROM sound GROUP BY currency ORDER BY currency"
    amounts = [
        {"currency": currency, "decimals": feed.decimals, "rows": count, "amount_minor": amount}
        for currency, count, amount in db.execute(sums).fetchall()
    ]
    return {"amounts": amounts}


def _write_down(
    cursor: Any, db: duckdb.DuckDBPyConnection, digest: str, receipt: dict, values: Mapping[str, Any], by: Actor
) -> None:
    models.FeedDelivery.objects.using(BULK).create(
        id=values["delivery"],
        feed=values["feed"],
        day=values["day"],
        digest=digest,
        receipt=receipt,
        delivered_by=by.id,
        delivered_at=clock.now(),
    )
    unsound = db.execute("SELECT line, reasons FROM unsound ORDER BY line").fetchall()
    with cursor.cursor.copy("COPY programmes_feedrejection (delivery_id, line, reasons) FROM STDIN") as copy:
        for line, reasons in unsound:
            copy.write_row((values["delivery"], line, json.dumps(reasons)))


def _logged(receipt: Mapping[str, Any]) -> dict[str, Any]:
    return {"feed": receipt["feed"], "day": receipt["day"], **receipt["rows"], **receipt["beneficiaries"]}
