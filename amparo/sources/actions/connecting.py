"""Connecting a source in the pages, without code: agreed, mapped, tried by another person, and live (U9, VIR-2).

Shape   a connection as `connections.toml` would state it in; it asks nobody but whoever tries it until a second person says so
Errors  Refused with the first fault of a connection, or where the profile itself states one of the source; NotPermitted to
        whoever would try or confirm their own
Source  docs/decisions/0042-the-virtual-file.md

A connection says where numbers of people are sent and whose word is believed: one person alone makes none.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry.queries import dictionary
from amparo.sources.actions.asking import ask_about
from amparo.sources.config import wrong_with
from amparo.sources.models import Connection
from amparo.sources.queries import restored, stored
from amparo.sources.types import Caching, ConnectionConfig, Drafting, HouseholdFile
from amparo.trust.eyes import is_same_human
from amparo.trust.grounds.agreements import incoming_in_force
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission


@transaction.atomic
def draft_connection(config: ConnectionConfig, *, by: Actor) -> None:
    """Write how a source is to be asked; what was drafted or live of it before is asked no more."""
    by = by.narrowed(Permission.CONNECT_SOURCE)
    terms = incoming_in_force(on=clock.today())
    for id, values in wrong_with(config, dictionary(), terms.get(config.agreement)):
        raise Refused(id, **values)
    rows = Connection.objects.select_for_update()
    if rows.filter(source=config.source, drafting=Drafting.STATED.value).exists():
        raise Refused("sources-connection-stated", source=config.source)
    rows.filter(source=config.source).delete()
    Connection.objects.create(
        source=config.source,
        position=Connection.objects.count(),
        definition=stored(config),
        drafting=Drafting.DRAFTED.value,
        made_by=by.id,
        made_at=clock.now(),
    )
    record(Event.CONNECTION_DRAFTED, by=by, about_kind="source", about_id=config.source, agreement=config.agreement)


def try_connection(source: str, household_id: UUID, *, by: Actor, under: Ground, on: date) -> HouseholdFile:
    """Ask a drafted source about the members of a household, as it would be asked, and keep nothing of what it says.

    Asked under its agreement and on the record, as ever: whoever is asked about sees it.
    """
    config, _ = _of_another(source, by=by)
    told = [replace(each, caching=Caching.NONE, days=0) for each in config.attributes]
    return ask_about(household_id, [replace(config, attributes=tuple(told))], by=by, under=under, on=on)


@transaction.atomic
def confirm_connection(source: str, *, by: Actor) -> None:
    """Let a drafted source be asked from now on."""
    _, row = _of_another(source, by=by)
    row.drafting, row.confirmed_by = Drafting.LIVE.value, by.id
    row.save(update_fields=["drafting", "confirmed_by"])
    record(Event.CONNECTION_CONFIRMED, by=by, about_kind="source", about_id=source)


@transaction.atomic
def end_connection(source: str, *, by: Actor) -> None:
    """Ask a source no more that was connected in the pages; to stop must never need two."""
    by = by.narrowed(Permission.CONNECT_SOURCE)
    gone, _ = Connection.objects.filter(source=source).exclude(drafting=Drafting.STATED.value).delete()
    if not gone:
        raise NotFound("sources-connection-unknown")
    record(Event.CONNECTION_ENDED, by=by, about_kind="source", about_id=source)


def _of_another(source: str, *, by: Actor) -> tuple[ConnectionConfig, Connection]:
    """Return a draft that somebody else wrote."""
    by = by.narrowed(Permission.CONNECT_SOURCE)
    row = Connection.objects.filter(source=source, drafting=Drafting.DRAFTED.value).first()
    if row is None:
        raise NotFound("sources-connection-unknown")
    if is_same_human(by, row.made_by):
        raise NotPermitted("sources-connection-own")
    return restored(row.definition), row
