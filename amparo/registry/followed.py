"""Compiles whom a subscription follows into one query: of each a digest of what a partner would see, under a key of its own.

Shape   what is followed in; a query out that gives (id, digest, is_event), of everybody or of some candidates
Nulls   unknown is a value of a digest like any other: what becomes known has changed
Errors  Refused as `lent.statement` and `sought`: for what the agreement does not hand over
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connections

from amparo.dci.searching import Query
from amparo.registry.batch.looking import blind_index_under
from amparo.registry.dictionary import Dictionary
from amparo.registry.lent import PERSON, Statement, reliable, statement
from amparo.registry.schemes import normalised_identifier
from amparo.registry.sought import Sought, Wanted, sought, those
from amparo.trust.covering import Covered
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import keyring

BULK = "bulk"


class What(StrEnum):
    """What somebody is told of."""

    REGISTERED = "registered"
    CHANGED = "changed"  # of what the agreement hands over, anything
    JOINED = "joined"  # a person has come to live in a home that was there before
    DIED = "died"
    ENROLLED = "enrolled"  # a person takes part in the agreement's programme
    STANDING = "standing"  # how they take part in it


@dataclass(frozen=True)
class Follows:
    """What one subscription follows, as its agreement stands today.

    `query`, `number`  whom it is about: what a search would find, or whoever has this (scheme, number)
    `granted`  as `lent.statement`; `standing` SQL that says how person `told.id` stands in the programme, null: not at all
    `salt`     the key of its digests
    """

    subscription: UUID
    what: What
    about: str
    covered: Covered
    salt: bytes
    query: Query | None = None
    number: tuple[str, str] | None = None
    granted: str = ""
    standing: str = "NULL"


# The state of whoever is found, of which the digest is, and whether that it is new or another is an event.
_ONCE = "''"
_NUMBERS = """(SELECT coalesce(string_agg(number.id::text || number.verified, ',' ORDER BY number.id), '')
    FROM registry_identifier number
    WHERE number.person_id = told.id AND number.is_live AND number.scheme = ANY(%(schemes)s::text[]))"""
_HOME = "(SELECT home.household_id::text FROM registry_membership home WHERE home.person_id = told.id AND home.ends_on IS NULL)"
_STATES = {
    What.REGISTERED: _ONCE,
    What.DIED: _ONCE,
    What.JOINED: _HOME,
    What.CHANGED: f"(to_jsonb(told) - ARRAY['id', 'area_number', 'number'])::text || {_NUMBERS}",
}
_OLD = "(SELECT known.created_at < %(since)s FROM registry_{about} known WHERE known.id = told.id)"
# Whoever was registered together with their home has joined none.
_JOINED = """EXISTS (SELECT FROM registry_membership m JOIN registry_household h ON h.id = m.household_id
    JOIN registry_person p ON p.id = m.person_id
    WHERE m.person_id = told.id AND m.ends_on IS NULL AND h.created_at <> p.created_at)"""


def found(follows: Follows, words: Dictionary, *, since: datetime, among: str = "") -> Statement:
    """Return the query for whom a subscription is about now. `among`: SQL that gives the ids of candidates; "": everybody."""
    covered = replace(follows.covered, records=None)
    into = _sought(follows, covered, words)
    into.order = "own.id"
    if among:
        into.conditions.append(f"own.id IN ({among})")
    if follows.what is What.REGISTERED:
        into.conditions.append("own.created_at >= %(since)s")
    inner = statement(
        covered,
        words,
        about=follows.about,
        granted=follows.granted,
        sought=into,
        is_told=False,
        is_of_dead=follows.what is What.DIED,
    )
    state = _STATES.get(follows.what, follows.standing)
    events = {What.CHANGED: _OLD.format(about=follows.about), What.JOINED: _JOINED}
    text = f"""
        SELECT state.id, sha256(%(salt)s::bytea || convert_to(state.said, 'UTF8')) AS digest, state.is_event
        FROM (SELECT told.id, {state} AS said, {events.get(follows.what, "true")} AS is_event FROM ({inner.text}) told) state
        WHERE state.said IS NOT NULL
    """
    more = {"salt": follows.salt, "since": since, "schemes": list(covered.identifiers)}
    return Statement(text, inner.values | more)


def _sought(follows: Follows, covered: Covered, words: Dictionary) -> Sought:
    if follows.number:
        person = _holder(*follows.number) if follows.about == PERSON else None
        return those([person] if person else [])
    if follows.query is None:  # nothing never means everything
        return Sought(["false"])
    return sought(Wanted(follows.query), covered, words, reliable)


def _holder(scheme: str, value: str) -> UUID | None:
    """Return whose live number it is; None where it is nobody's yet."""
    ring = keyring(using=BULK)
    column = blind_index_under(ring.blinding)
    index = encryption.blind_index(scheme, normalised_identifier(value), key=ring.blinding)
    with connections[BULK].cursor() as cursor:
        cursor.execute(
            f"SELECT person_id FROM registry_identifier WHERE is_live AND scheme = %s AND {column} = %s",
            [scheme, index],
        )
        row = cursor.fetchone()
    return row[0] if row else None
