"""Reads of sources: which are connected, how each stands, and what would be asked about a household."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Max, Sum

from amparo.kernel.errors import NotFound
from amparo.registry import queries as registry
from amparo.registry.types import HouseholdRecord
from amparo.sources import models
from amparo.sources.connected import connections, restored, stored
from amparo.sources.filing import Heard, filed
from amparo.sources.planning import Plan, planned
from amparo.sources.types import (
    ConnectionConfig,
    ConnectionState,
    Drafting,
    Happening,
    HouseholdFile,
    Reason,
    UpdateReason,
    UpdatesRefused,
    UpdatesState,
)
from amparo.trust.eyes import is_same_human
from amparo.trust.types import Actor, Ground, Permission

__all__ = [
    "DraftedConnection",
    "Foreseen",
    "connection_drafted",
    "connection_states",
    "connections",
    "foreseen",
    "held_file",
    "restored",
    "stored",
    "updates_states",
]


def connection_states(*, by: Actor) -> list[ConnectionState]:
    """Return every connection with when it last answered and last failed (VIR-1): what flows, of nobody."""
    by.narrowed(Permission.READ_AGREEMENT)
    held = {each.source: each for each in models.ConnectionState.objects.all()}
    rows = models.Connection.objects.order_by("position", "source")
    told = updates_states()
    return [
        replace(_state(each, held.get(each.source)), updates=told.get(each.source, UpdatesState())) for each in rows
    ]


def updates_states() -> dict[str, UpdatesState]:
    """Return source → how its updates stand, of nobody: counts, instants and codes."""
    refused: dict[str, list[UpdatesRefused]] = defaultdict(list)
    rows = models.UpdateRefusal.objects.values("source", "reason")
    for each in rows.annotate(all=Sum("times"), last=Max("last_at")).order_by("-last"):
        refused[each["source"]].append(UpdatesRefused(UpdateReason(each["reason"]), each["all"], each["last"]))
    held = {each.source: each for each in models.UpdateStanding.objects.all()}
    return {source: _standing(held.get(source), refused[source]) for source in {*held, *refused}}


def _standing(row: models.UpdateStanding | None, refused: list[UpdatesRefused]) -> UpdatesState:
    if row is None:
        return UpdatesState(refused=refused)
    last = Happening(row.last) if row.last else None
    seconds = sorted(row.seconds)
    within = seconds[min(len(seconds) * 95 // 100, len(seconds) - 1)] if seconds else None
    return UpdatesState(row.taken, row.last_at, last, within, row.asked_at, refused)


def _state(of: models.Connection, row: models.ConnectionState | None) -> ConnectionState:
    config, drafting = restored(of.definition), Drafting(of.drafting)
    if row is None:
        return ConnectionState(config, drafting)
    reason = Reason(row.last_reason) if row.last_reason else None
    return ConnectionState(
        config, drafting, row.last_success_at, row.last_failure_at, reason, row.failures, row.resting_until
    )


@dataclass(frozen=True)
class DraftedConnection:
    """A connection that waits for another person. `is_own`: the reader drafted it."""

    config: ConnectionConfig
    is_own: bool


def connection_drafted(source: str, *, by: Actor) -> DraftedConnection:
    """Return a draft. Raises NotFound where there is none of the source."""
    by = by.narrowed(Permission.CONNECT_SOURCE)
    row = models.Connection.objects.filter(source=source, drafting=Drafting.DRAFTED).first()
    if row is None:
        raise NotFound("sources-connection-unknown")
    return DraftedConnection(restored(row.definition), is_same_human(by, row.made_by))


@dataclass(frozen=True)
class Foreseen:
    """What a source would be asked about a household: how many of its members, and which fields; nothing where all is held."""

    connection: ConnectionConfig
    persons: int
    fields: tuple[str, ...]


def foreseen(household_id: UUID, *, by: Actor, under: Ground, on: date) -> tuple[HouseholdRecord, list[Foreseen]]:
    """Return a household, and what each source would be asked about it; nobody is asked yet."""
    by = by.narrowed(Permission.ASK_SOURCES)
    record = registry.household(household_id, by=by, under=under)
    configs = connections()
    plan = planned(record, configs, registry.dictionary(), by=by, under=under, on=on)
    return record, _foreseen(plan)


def _foreseen(plan: Plan) -> list[Foreseen]:
    fields: dict[str, dict[str, None]] = defaultdict(dict)
    for (source, _), question in plan.questions.items():
        fields[source] |= dict.fromkeys(each.name for each in question.attributes)
    persons = [source for source, _ in plan.questions]
    return [Foreseen(each, persons.count(each.source), tuple(fields[each.source])) for each in plan.configs.values()]


def held_file(household_id: UUID, *, by: Actor, under: Ground, on: date) -> tuple[HouseholdFile, list[Foreseen]]:
    """Return what is held already of the members of a household, source by source, and what each would be asked; nobody is.

    To whoever may not ask, and of somebody in danger, no kept answer is quoted. As `actions.open_file` otherwise.
    """
    record, words = registry.household(household_id, by=by, under=under), registry.dictionary()
    may_ask = by.has(Permission.ASK_SOURCES) and record.area_number >= 0
    plan = planned(record, connections() if may_ask else (), words, by=by, under=under, on=on)
    return filed(record, replace(plan, without_key=frozenset()), Heard(), {}, words, on=on), _foreseen(plan)
