"""Drafts: written by one person, published by another, and then by the very path on which a profile is installed.

Errors  RuleRefused where a rule is none; NotPermitted for what is not decided in the areas of whoever writes, and NotFound for
        a draft of it; Refused where a draft is over, is another's, was not proposed, is published by
        whoever wrote it, has changed since it was looked at, or would change nothing. Then nothing is written
Source  docs/decisions/0015-published-on-the-pages.md
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.exports import Grade
from amparo.programmes import drafting, models
from amparo.programmes.local import expect_within_reach, is_within_reach
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.authoring import draft_of
from amparo.programmes.standing import PARAMETER, Standing, drafted, installed, published
from amparo.programmes.types import Draft
from amparo.programmes.writing import checked, write
from amparo.snapshot.queries import latest, open_snapshot
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission, system

# An author need not be able to open a snapshot: the count itself does, on the record.
OPENER = system("draft")
Prove = Callable[[Standing, Draft], None]


@transaction.atomic
def write_draft(
    kind: str,
    code: str,
    *,
    starts_on: date,
    law: str,
    content: Mapping[str, Any],
    by: Actor,
    ends_on: date | None = None,
    cases: str = "",
    draft: UUID | None = None,
) -> Draft:
    """Write a draft, or write one's own anew: it is then proposed no more, and has to be counted again.

    It may still be broken; only what is whole can be proposed.
    """
    by = by.narrowed(Permission.AUTHOR_RULE)
    stated = installed()
    stated.thing(kind, code)
    expect_within_reach(stated, kind, code, by)
    if ends_on is not None and ends_on < starts_on:
        raise Refused("programmes-draft-days-in-reverse", first=starts_on, last=ends_on)
    said = {"kind": kind, "code": code, "starts_on": starts_on, "law": law, "content": dict(content), "cases": cases}
    said |= {"ends_on": None if kind == PARAMETER else ends_on, "written_at": clock.now()}
    if draft is None:
        row = models.Draft.objects.create(**said, written_by=by.id)
    else:
        row = _own(draft, by)
        for name, value in (said | {"proposed_at": None, "measure_asked_at": None, "measured": None}).items():
            setattr(row, name, value)
        row.save()
    _record(Event.DRAFT_WRITTEN, row, by=by)
    return draft_of(row)


@transaction.atomic
def propose_draft(draft: UUID, *, by: Actor, prove: Prove) -> Draft:
    """Put a draft before those who publish. `prove` raises Refused where something is wrong with what would stand."""
    by = by.narrowed(Permission.AUTHOR_RULE)
    row = _own(draft, by)
    prove(_whole(row)[0], draft_of(row))
    row.proposed_at = clock.now()
    row.save(update_fields=["proposed_at"])
    _record(Event.DRAFT_PROPOSED, row, by=by)
    return draft_of(row)


@transaction.atomic
def discard_draft(draft: UUID, *, by: Actor) -> None:
    """Lay one's own draft aside for good."""
    by = by.narrowed(Permission.AUTHOR_RULE)
    row = _own(draft, by)
    row.discarded_at = clock.now()
    row.save(update_fields=["discarded_at"])
    _record(Event.DRAFT_DISCARDED, row, by=by)


@transaction.atomic
def publish_draft(draft: UUID, *, by: Actor, seen: str, prove: Prove) -> Draft:
    """Let a proposed draft decide from its day; by another person than wrote it (four eyes).

    `seen`  the digest of what the publisher looked at. Everything is checked again as it would stand together, whatever
    was found when it was proposed. What it takes the place of is kept, so that past decisions recompute as before.
    """
    by = by.narrowed(Permission.PUBLISH_RULE)
    row = _locked(draft, by)
    if by.kind is not ActorKind.OFFICER:
        raise Refused("programmes-publisher-not-a-person")
    if is_same_human(by, row.written_by):
        raise Refused("programmes-publisher-is-author")
    if row.proposed_at is None:
        raise Refused("programmes-draft-not-proposed")
    if draft_of(row).digest != seen:
        raise Refused("programmes-draft-changed")
    stated, hashes = _whole(row)
    prove(stated, draft_of(row))
    row.published_by, row.published_at = by.id, clock.now()
    row.save(update_fields=["published_by", "published_at"])
    drafts = {(each.kind, each.code, each.starts_on): each.id for each in published()}
    changed = write(stated, hashes, drafts, using="default")
    if not changed:
        raise Refused("programmes-draft-changes-nothing")
    _record(Event.DRAFT_PUBLISHED, row, by=by, written_by=str(row.written_by), digest=seen, rows=changed)
    return draft_of(row)


@transaction.atomic
def ask_measure(draft: UUID, *, by: Actor) -> None:
    """Note that the worker is to count what a draft would change."""
    by = by.narrowed(Permission.AUTHOR_RULE)
    row = _own(draft, by)
    row.measure_asked_at, row.measured = clock.now(), None
    row.save(update_fields=["measure_asked_at", "measured"])
    _record(Event.DRAFT_MEASURED, row, by=by, asked=True)


def measure_draft(draft: UUID, *, by: Actor, under: Ground) -> None:
    """Count over the latest snapshot for decisions what a draft would change. A refusal is written as its outcome.

    Counts only; what was written anew meanwhile is left uncounted. Runs under the bulk login.
    """
    by = by.narrowed(Permission.AUTHOR_RULE)
    row, stated = models.Draft.objects.using(BULK).get(id=draft), installed(using=BULK)
    expect_within_reach(stated, row.kind, row.code, by)
    details = {}
    try:
        snapshot = latest(Grade.DECISION)
        if snapshot is None:
            raise Refused("programmes-draft-without-snapshot")
        details["snapshot"] = str(snapshot.id)
        with open_snapshot(snapshot.id, by=OPENER, under=under) as connection:
            found = drafting.measured(connection, snapshot, row, stated, clock.today(), BULK)
    except Refused as refused:
        values = {name: str(value) for name, value in refused.message.values.items()}
        found = {"problem": {"id": refused.message.id, "values": values}}
    with transaction.atomic(using=BULK):
        same = models.Draft.objects.using(BULK).filter(id=draft, written_at=row.written_at)
        same.filter(published_at=None, discarded_at=None).update(measured=found)
        _record(Event.DRAFT_MEASURED, row, by=by, using=BULK, under=under, **details)


def _whole(row: models.Draft) -> tuple[Standing, Mapping[tuple[str, date], str]]:
    """Return what would stand, every rule of it checked, and their hashes."""
    stated = drafted(row, installed())
    return stated, checked(stated, using="default")


def _own(draft: UUID, by: Actor) -> models.Draft:
    row = _locked(draft, by)
    if row.written_by != by.id:
        raise Refused("programmes-draft-of-another")
    return row


def _locked(draft: UUID, by: Actor) -> models.Draft:
    row = models.Draft.objects.select_for_update().filter(id=draft).first()
    if row is None or not is_within_reach(installed(), row.kind, row.code, by):
        raise NotFound("programmes-draft-unknown")
    if row.published_at or row.discarded_at:
        raise Refused("programmes-draft-over")
    return row


def _record(
    event: Event, row: models.Draft, *, by: Actor, using: str = "default", under: Ground | None = None, **details: Any
) -> None:
    told = {"kind": row.kind, "code": row.code, "from": row.starts_on.isoformat(), **details}
    record(event, by=by, under=under, about_kind="draft", about_id=row.id, using=using, **told)
