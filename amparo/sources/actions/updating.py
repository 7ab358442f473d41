"""Takes what a source tells by itself happened to somebody, at once: an observation, a death where it is one, and decisions anew.

Shape   updates of one source in; for each, why nothing was done on it, or None, out
Units   one transaction for each update. Days are UTC's
Nulls   an update without fields is kept nowhere: the source is asked again about the person
Errors  none is raised for what a source can cause; each refusal is kept by reason, on the record, and about nobody
Source  docs/decisions/0050-live-updates.md

Whatever the order and however often updates come, what they leave is the same: identity is (source, its id of the update),
and of two about one person and field the one that happened later holds.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.registry import queries as registry
from amparo.registry.actions import leave, observe_person
from amparo.registry.types import Leaving
from amparo.sources import retries
from amparo.sources.connectors.raw import Raw
from amparo.sources.models import KeptAnswer, UpdateRefusal, UpdateRow, UpdateStanding
from amparo.sources.typed import typed
from amparo.sources.types import (
    Caching,
    ConnectionConfig,
    Happening,
    Reason,
    Update,
    UpdateKind,
    UpdateReason,
    UpdateTaken,
)
from amparo.sources.updates.reading import Unread, digest
from amparo.trust.actions.asking import Allowed, Wanted, begin_hearing
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

MEASURED = 100
_WAIT = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 50))"


def take_updates(
    updates: Iterable[Update | Unread], config: ConnectionConfig, *, by: Actor, on: date, begun: float | None = None
) -> list[UpdateReason | None]:
    """Take each update in a transaction of its own. `begun`: `time.monotonic()` when they came in."""
    by = by.narrowed(Permission.REGISTER)
    begun = time.monotonic() if begun is None else begun
    return [_taken(each, config, by=by, on=on, begun=begun) for each in updates]


def _taken(
    each: Update | Unread, config: ConnectionConfig, *, by: Actor, on: date, begun: float
) -> UpdateReason | None:
    try:
        if isinstance(each, Unread):
            raise each
        _take(each, config, by=by, on=on, begun=begun)
    except Unread as unread:
        refuse_update(config.source, unread.reason, unread.told, by=by)
        return unread.reason
    except Refused:  # a rule, a figure or a field of ours is broken: undone whole, so that it can come again
        refuse_update(config.source, UpdateReason.BROKEN, digest(config.source, each.id), by=by)
        return UpdateReason.BROKEN
    return None


def refuse_update(source: str, reason: UpdateReason, told: str = "", *, by: Actor) -> None:
    """Keep that nothing was done on an update, and why, beside whatever was undone; of nobody."""
    now = clock.now()
    with transaction.atomic():
        row, is_new = UpdateRefusal.objects.get_or_create(
            source=source, told=told, reason=reason.value, defaults={"first_at": now, "last_at": now}
        )
        if not is_new:
            row = UpdateRefusal.objects.select_for_update().get(id=row.id)
            row.times, row.last_at = row.times + 1, now
            row.save(update_fields=["times", "last_at"])
        record(Event.UPDATE_REFUSED, by=by, about_kind="source", about_id=source, reason=reason.value)


@dataclass(frozen=True)
class _Told:
    """An update in our words, about a person who is known. `values`: in the dictionary's types; `told`: its digest."""

    update: Update
    kind: UpdateKind
    told: str
    values: dict[str, Any]
    person: UUID
    area_number: int

    @property
    def day(self) -> date:
        return self.update.at.date()


@transaction.atomic
def _take(update: Update, config: ConnectionConfig, *, by: Actor, on: date, begun: float) -> None:
    """Take one update, unless it was. Raises Unread with the reason why not."""
    with acting(by):
        read = _read(update, config, by=by, on=on)
    if read is None:
        return
    ground = _ground(read, config, by=by, on=on)  # counted by nobody who may read records
    with acting(by):
        _write(read, config, ground, by=by)
        _note(read, config.source, begun)


def _read(update: Update, config: ConnectionConfig, *, by: Actor, on: date) -> _Told | None:
    """Return an update in our words, about whom it is; None where it was taken before. Raises Unread."""
    told = digest(config.source, update.id)
    _wait(told)
    if UpdateRow.objects.filter(source=config.source, told=told).exists():
        return None
    kind = _kind(update, config, told)
    values = _values(update, kind, told, on)
    person = registry.person_with_identifier(config.key, update.number, by=by)
    if person is None:
        raise Unread(UpdateReason.UNKNOWN, told)
    _wait(str(person))
    return _Told(update, kind, told, values, person, _where(person, told, by))


def _where(person: UUID, told: str, by: Actor) -> int:
    """Return where somebody lies. Of who was erased, and of somebody in danger, nothing is moved by what others say."""
    try:
        area_number = registry.life_of(person, by=by)[0]
    except NotFound:
        raise Unread(UpdateReason.UNKNOWN, told) from None
    if area_number < 0:
        raise Unread(UpdateReason.UNKNOWN, told)
    return area_number


def _wait(name: str) -> None:
    """Let nobody else act on the same thing until the transaction ends; first the update's, then the person's, always."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT, [name])


def _kind(update: Update, config: ConnectionConfig, told: str) -> UpdateKind:
    """Return what was agreed on a kind of update. Raises Unread, also where what it tells may not be kept."""
    kind = config.updates.kind(update.kind) if config.updates else None
    if kind is None:
        raise Unread(UpdateReason.KIND, told)
    kept = {each.name: each.caching for each in config.attributes}
    told_of = [*kind.attributes, *(each for each in config.attributes if each.name in update.values)]
    if any(kept.get(each.name, each.caching) is not Caching.OBSERVATION for each in told_of):
        raise Unread(UpdateReason.NOT_KEPT, told)
    return kind


def _values(update: Update, kind: UpdateKind, told: str, on: date) -> dict[str, Any]:
    """Return what is told in the dictionary's types, whole or not at all. Raises Unread."""
    if update.at.date() > on:
        raise Unread(UpdateReason.DAY, told)
    words, raw = registry.dictionary(), Raw(update.values)
    values = {each.name: typed(raw, each, words) for each in kind.attributes}
    wrong = [each for each in values.values() if isinstance(each, Reason)]
    if wrong:
        raise Unread(UpdateReason.DRIFT if Reason.DRIFT in wrong else UpdateReason.MALFORMED, told)
    if kind.happening is Happening.DEATH:
        [day] = values.values()
        if day > on:
            raise Unread(UpdateReason.DAY, told)
    return values


def _ground(read: _Told, config: ConnectionConfig, *, by: Actor, on: date) -> Ground:
    """Return the ground on which it is taken: the source's agreement, in force, about these fields and this area."""
    names = [each.name for each in read.kind.attributes or config.attributes]
    wanted = Wanted(
        source=config.source,
        owner=config.owner,
        agreement=config.agreement,
        fields=tuple(("person", name) for name in names),
        scheme=config.key,
        persons=(read.person,),
    )
    allowed = begin_hearing(wanted, area_number=read.area_number, by=by, on=on)
    if not isinstance(allowed, Allowed) or read.person not in allowed.persons:
        raise Unread(UpdateReason.NOT_COVERED, read.told)
    return allowed.ground


def _write(read: _Told, config: ConnectionConfig, ground: Ground, *, by: Actor) -> None:
    row = UpdateRow.objects.create(
        source=config.source,
        told=read.told,
        happening=read.kind.happening.value,
        person_id=read.person,
        area_number=read.area_number,
        at=read.update.at,
        received_at=clock.now(),
        fields=sorted(read.values),
    )
    _, _, home, _ = registry.life_of(read.person, by=by)
    if read.kind.happening is Happening.DEATH:
        _die(read, by=by, under=ground)
    values = _not_said_later(read, row)
    if values:
        observe_person(read.person, values, source=config.source, by=by, on=read.day, under=ground)
    is_to_ask = not read.kind.attributes and home is not None and _is_to_ask(read, config, home, ground)
    record(
        Event.UPDATE_TAKEN,
        by=by,
        under=ground,
        about_kind="person",
        about_id=read.person,
        area_number=read.area_number,
        source=config.source,
        happening=read.kind.happening.value,
        fields=sorted(values),
    )
    announce(UpdateTaken(config.source, read.kind.happening, read.person, home, read.day, is_to_ask))


def _die(read: _Told, *, by: Actor, under: Ground) -> None:
    """Note a death where none is: the person leaves their home, whose decisions follow. It ends no payment by itself.

    Raises Unread where it is known otherwise: then a person must find out which day is right.
    """
    [day] = read.values.values()
    _, died_on, home, since = registry.life_of(read.person, by=by)
    if died_on not in (None, day) or (since is not None and day < since):
        raise Unread(UpdateReason.CONFLICT, read.told)
    if died_on is None and home is not None:
        leave(home, read.person, why=Leaving.DIED, by=by, on=day, under=under)


def _not_said_later(read: _Told, row: UpdateRow) -> dict[str, Any]:
    """Return the fields for which no update of the same day is known that happened later.

    Between days the fold decides; within one it takes what was received last, which is not what happened last.
    """
    if not read.values:
        return {}
    same = UpdateRow.objects.filter(person_id=row.person_id, source=row.source, at__date=read.day).exclude(id=row.id)
    later = [each for each in same if (each.at, each.told) > (row.at, row.told)]
    said = {name for each in later for name in each.fields}
    return {name: each for name, each in read.values.items() if name not in said}


def _is_to_ask(read: _Told, config: ConnectionConfig, home: UUID, ground: Ground) -> bool:
    """Have the source asked about the home, whatever is held of its earlier word; whether there is what to ask."""
    KeptAnswer.objects.filter(person_id=read.person, source=config.source).delete()
    return retries.queue_told(home, config, area_number=read.area_number, under=ground)


def _note(read: _Told, source: str, begun: float) -> None:
    """Count it, last of all, because one row is shared by all updates of a source."""
    UpdateStanding.objects.get_or_create(source=source)
    row = UpdateStanding.objects.select_for_update().get(source=source)
    row.taken, row.last_at, row.last = row.taken + 1, clock.now(), read.kind.happening.value
    row.seconds = [*row.seconds, round(time.monotonic() - begun, 3)][-MEASURED:]
    row.save(update_fields=["taken", "last_at", "last", "seconds"])
