"""Reads of sources: which are connected, how each stands, and what would be asked about a household."""

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from amparo.kernel.errors import NotFound
from amparo.registry import queries as registry
from amparo.registry.types import HouseholdRecord
from amparo.sources import models
from amparo.sources.filing import Heard, filed
from amparo.sources.planning import Plan, planned
from amparo.sources.types import (
    Attribute,
    Caching,
    ConnectionConfig,
    ConnectionState,
    Drafting,
    HouseholdFile,
    Reason,
)
from amparo.trust.eyes import is_same_human
from amparo.trust.types import Actor, Ground, Permission


def connections(*, using: str = "default") -> tuple[ConnectionConfig, ...]:
    """Return how each source is asked, in the profile's order, then what was connected in the pages; no draft."""
    rows = models.Connection.objects.using(using).exclude(drafting=Drafting.DRAFTED).order_by("position", "source")
    return tuple(restored(each) for each in rows.values_list("definition", flat=True))


def stored(config: ConnectionConfig) -> dict[str, Any]:
    """Return a connection as it is stored."""
    plain = asdict(config)
    return plain | {"attributes": [each | {"caching": each["caching"].value} for each in plain["attributes"]]}


def restored(plain: dict[str, Any]) -> ConnectionConfig:
    """Return a connection as it was stored."""
    attributes = tuple(Attribute(**(each | {"caching": Caching(each["caching"])})) for each in plain["attributes"])
    return ConnectionConfig(**(plain | {"attributes": attributes}))


def connection_states(*, by: Actor) -> list[ConnectionState]:
    """Return every connection with when it last answered and last failed (VIR-1): what flows, of nobody."""
    by.narrowed(Permission.READ_AGREEMENT)
    held = {each.source: each for each in models.ConnectionState.objects.all()}
    rows = models.Connection.objects.order_by("position", "source")
    return [_state(each, held.get(each.source)) for each in rows]


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
