"""Who used a person's record: told to that person, or to somebody who acts for them, straight out of the audit log.

Shape   one `Use` per act, the newest first; the three operations of Estonia's data tracker as JSON's own types
Units   instants with their zone, as RFC 3339 writes them; at most 1,000 acts a page
Nulls   of an act for somebody else of the household nothing is known but its day; nobody's name or id is in any of it
Errors  Refused for a page that is none; NotServed where the log is not sealed
Source  e-gov/AJ, Kasutusteabe esitamise protokoll, version 2.1 (findUsage, usagePeriod, heartbeat)

What is found and what is hidden the database says (registry/migrations/0009_usage.sql): a citizen has no way to the log.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from amparo.kernel import clock
from amparo.kernel.errors import NotServed, Refused
from amparo.kernel.messages import Message, message
from amparo.trust.log.recording import record
from amparo.trust.log.serving import expect_sealed
from amparo.trust.types import OWN_RIGHT, PERMISSIONS, Actor, ActorKind, Event, Permission, Role

MOST = 1_000
SYSTEM = "Amparo"
LETTER = "letter-to-citizen"  # the job that puts together why a decision says what it says, for whoever it concerns
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class How(StrEnum):
    """How an act concerns somebody: themselves, their household, one of many, or another of their household."""

    SELF = "self"
    HOUSEHOLD = "household"
    POPULATION = "population"
    OTHER = "other"


class Action(StrEnum):
    """What was done, in the words of the person concerned (`trust-use-<action>`)."""

    READ_RECORD = "read-record"
    READ_DECISION = "read-decision"
    LISTED = "listed"
    EXPORTED = "exported"
    CHANGED = "changed"
    DELIVERED = "delivered"
    DECIDED = "decided"
    NOTICE = "notice"
    CONSENT = "consent"
    HANDED_OVER = "handed-over"
    ASKED_OTHERS = "asked-others"
    COPIED = "copied"
    ACCESS = "access"
    LOOKED = "looked"
    LOG = "log"
    WAITING = "waiting"
    OTHER = "other"
    USED = "used"  # whatever else the log comes to record


_ACTIONS = {
    Action.READ_RECORD: (Event.HOUSEHOLD_READ, Event.PERSON_READ, Event.HOUSEHOLDS_FOUND),
    Action.READ_DECISION: (Event.DECISION_READ, Event.NOTICE_READ),
    Action.LISTED: (Event.DECISIONS_LISTED,),
    Action.EXPORTED: (Event.DECISIONS_EXPORTED,),
    Action.CHANGED: (
        *(Event.OBSERVATION_RECORDED, Event.HOUSEHOLD_MOVED, Event.GROUP_FORMED, Event.GROUP_ENDED),
        *(Event.LINK_REVOKED, Event.MATCH_DECIDED, Event.UPDATE_TAKEN),
    ),
    Action.DELIVERED: (Event.BATCH_RECORDED,),
    Action.DECIDED: (Event.HOUSEHOLD_DETERMINED, Event.DETERMINATION_RUN, Event.DECISION_REVIEWED),
    Action.NOTICE: (Event.NOTICE_GIVEN, Event.NOTICES_GIVEN, Event.REPLY_RECORDED),
    Action.CONSENT: (Event.CONSENT_GIVEN, Event.CONSENT_WITHDRAWN, Event.CONSENTS_READ),
    Action.HANDED_OVER: (Event.RECORDS_EXCHANGED,),
    Action.ASKED_OTHERS: (Event.SOURCES_ASKED,),
    Action.COPIED: (*(Event.SNAPSHOT_TAKEN, Event.SNAPSHOT_OPENED, Event.DECISIONS_RECOMPUTED, Event.RUN_PREVIEWED),),
    Action.ACCESS: (
        Event.CITIZEN_INVITED,
        Event.CITIZEN_BOUND,
        Event.CITIZEN_SHUT_OUT,
        Event.MANDATE_RECORDED,
        Event.MANDATE_REVOKED,
    ),
    Action.LOOKED: (Event.OWN_RECORD_READ, Event.OWN_RECORD_TAKEN),
    Action.LOG: (Event.AUDIT_READ,),
    Action.WAITING: (Event.QUARANTINE_READ,),
}
ACTION_OF = {event.value: action for action, events in _ACTIONS.items() for event in events}

_USES = "SELECT * FROM amparo_usage(%s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Asked:
    """Which acts: from an instant to another, which does not count any more; `with_own`: one's own looks as well."""

    since: datetime = BEFORE_ALL
    until: datetime | None = None
    with_own: bool = True

    @property
    def values(self) -> list[Any]:
        return [self.since, self.until or clock.now() + timedelta(days=1), self.with_own]


@dataclass(frozen=True)
class Use:
    """One act. `roles` are those by which its permission was held that day; of a `place` only the own person is told.

    `delayed_until`, `delayed_by`  it was shown on a later day, by that authority's order
    """

    at: datetime
    how: How
    action: Action
    by_kind: str
    roles: tuple[Role, ...]
    places: tuple[int, ...]
    purpose: str
    legal_basis: str
    agreement: str
    institution: str
    institution_name: str
    fields: tuple[str, ...]
    is_for_letter: bool
    delayed_by: str
    delayed_until: date | None

    @property
    def words(self) -> Message:
        return message(f"trust-use-{self.action.value}")

    @property
    def kind_words(self) -> Message:
        return message(f"trust-use-data-{self.action.value}")


def uses(asked: Asked, *, by: Actor, skip: int = 0, at_most: int = 50) -> list[Use]:
    """Return a page of the acts that concern whom the actor looks at; needs the gates open. Looking is on the record."""
    by = by.narrowed(Permission.SEE_OWN)
    if skip < 0 or not 0 < at_most <= MOST:
        raise Refused("trust-usage-page", most=MOST)
    if by.kind is not ActorKind.CITIZEN:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_USES, [*asked.values, skip, at_most])
        found = [_use(*row) for row in cursor.fetchall()]
    note_look(by, part="usage")
    return found


def count_of_uses(asked: Asked, *, by: Actor) -> int:
    """Return how many acts there are in all, for whoever pages through them."""
    by.narrowed(Permission.SEE_OWN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT amparo_usage_count(%s, %s, %s)", asked.values)
        return cursor.fetchone()[0]


def note_look(by: Actor, *, part: str) -> None:
    """Write that a person, or somebody for them, looked at a part of the record: who, for whom, and which part."""
    for_another = {} if by.person == by.concerning else {"for_another": True, "by_person": str(by.person)}
    told = {"about_kind": "person", "about_id": by.concerning, "part": part, **for_another}
    record(Event.OWN_RECORD_READ, by=by, under=OWN_RIGHT, **told)


def note_taking(by: Actor) -> None:
    """Write that the whole of a record was taken along as a file."""
    record(Event.OWN_RECORD_TAKEN, by=by, under=OWN_RIGHT, about_kind="person", about_id=by.concerning)


def _use(
    at: datetime,
    how: str,
    event: str | None,
    by_kind: str | None,
    permission: str | None,
    purpose: str | None,
    legal_basis: str | None,
    agreement: str | None,
    institution: str | None,
    institution_name: str | None,
    roles: list[str] | None,
    places: list[int | None] | None,
    fields: Any,
    delayed_by: str | None,
    delayed_until: date | None,
) -> Use:
    held = [Role(each) for each in roles or ()]
    by_role = [(role, place) for role, place in zip(held, places or [None] * len(held), strict=True)]
    acted = [each for each in by_role if permission in {one.value for one in PERMISSIONS[each[0]]}]
    return Use(
        at=at.astimezone(UTC),
        how=How(how),
        action=Action.OTHER if how == How.OTHER else ACTION_OF.get(event or "", Action.USED),
        by_kind=by_kind or "",
        roles=tuple(dict.fromkeys(role for role, _ in acted)),
        places=tuple(dict.fromkeys(place for _, place in acted if place is not None)),
        purpose=purpose or "",
        legal_basis=legal_basis or "",
        agreement=agreement or "",
        institution=institution or "",
        institution_name=institution_name or "",
        fields=tuple(_listed(fields)),
        is_for_letter=permission == LETTER,
        delayed_by=delayed_by or "",
        delayed_until=delayed_until,
    )


def _listed(fields: Any) -> list[str]:
    return json.loads(fields) if isinstance(fields, str) else list(fields or ())


Say = Callable[[Message], str]


def find_usage(
    *,
    by: Actor,
    say: Say,
    period_start: datetime | None = None,
    period_end: datetime | None = None,
    offset: int = 0,
    limit: int = MOST,
) -> dict[str, Any]:
    """Return a page of acts as the protocol's findUsage has it, and how many there are in all; `say` puts them into words.

    The caller is the actor, always somebody: for themselves, or for whom they may act. Instants must carry their zone.
    """
    for each in (period_start, period_end):
        if each is not None and each.tzinfo is None:
            raise Refused("trust-usage-instant")
    asked = Asked(period_start or BEFORE_ALL, period_end)
    found = uses(asked, by=by, skip=offset, at_most=limit)
    told = sorted(found, key=lambda each: each.at, reverse=True)
    return {"totalUsages": count_of_uses(asked, by=by), "usages": [_usage(each, say) for each in told]}


def _usage(each: Use, say: Say) -> dict[str, str]:
    return {
        "logtime": rfc3339(each.at),
        "action": say(each.words),
        "receiverCode": each.institution,
        "receiverName": each.institution_name,
        "receiverSystem": SYSTEM,
    }


def usage_period(*, by: Actor) -> dict[str, str]:
    """Return since when acts are known, as the protocol's usagePeriod has it; without an end they are known until now."""
    by.narrowed(Permission.SEE_OWN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT amparo_usage_since()")
        (since,) = cursor.fetchone()
    return {"periodStart": rfc3339(since or clock.now())}


def heartbeat(*, say: Say) -> dict[str, str]:
    """Return whether acts can be told now, as the protocol's heartbeat has it: not while the log waits for its seal."""
    try:
        expect_sealed()
    except NotServed:
        return {"status": "FAIL", "message": say(message("trust-usage-not-served"))}
    return {"status": "OK", "message": say(message("trust-usage-served"))}


def rfc3339(at: datetime) -> str:
    """Return an instant as the protocol writes it: in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
