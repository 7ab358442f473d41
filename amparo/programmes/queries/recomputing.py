"""Past decisions made again from what they rested on: the facts they kept, or the snapshot of their run.

Shape   decision ids in; one `Recomputed` each, in the order of the ids
Nulls   `is_same` None: cannot be made again, because facts were erased or the snapshot's time is over
Errors  a decision that does not exist, or lies outside the actor's areas, is left out
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.kernel.errors import NotFound
from amparo.programmes import evaluation, known, models, ranking
from amparo.programmes.inforce import InForce
from amparo.programmes.publishing import BULK
from amparo.programmes.queries.decisions import decision_of
from amparo.programmes.rulebook import Rulebook, figures_as_kept, in_force
from amparo.programmes.units import UnitOf, decided
from amparo.registry.queries import dictionary
from amparo.snapshot.queries import open_snapshot, snapshot
from amparo.trust.log.recording import record
from amparo.trust.log.serving import expect_sealed
from amparo.trust.types import Actor, Event, Ground, Permission, system

OPENER = system("recomputation")


@dataclass(frozen=True)
class Recomputed:
    """Whether a decision, made again by the reference engine, has the same outcome, amount and missing fields."""

    decision: UUID
    is_same: bool | None


def sample(size: int, *, seed: int) -> list[UUID]:
    """Return the ids of decisions drawn at random from all that were ever made."""
    ids = list(models.Decision.objects.using(BULK).order_by("id").values_list("id", flat=True))
    return random.Random(seed).sample(ids, k=min(size, len(ids)))


def recompute(ids: Sequence[UUID], *, by: Actor, under: Ground) -> list[Recomputed]:
    """Make these decisions again; each snapshot is opened once. Nationwide, so only for whoever determines.

    What is read and the row that says so stand in one transaction.
    """
    by = by.narrowed(Permission.DETERMINE)
    with transaction.atomic(using=BULK):
        expect_sealed(using=BULK)
        found = _recomputed(ids, under)
        same = sum(each is True for each in found.values())
        record(Event.DECISIONS_RECOMPUTED, by=by, under=under, using=BULK, decisions=len(found), same=same)
    return [Recomputed(each, found[each]) for each in ids if each in found]


def _recomputed(ids: Sequence[UUID], under: Ground) -> dict[UUID, bool | None]:
    rows = list(models.Decision.objects.using(BULK).filter(id__in=list(ids)))
    found = {each.id: _from_facts(each) for each in rows if each.run_id is None}
    by_run: dict[UUID, list[models.Decision]] = defaultdict(list)
    for each in rows:
        if each.run_id is not None:
            by_run[each.run_id].append(each)
    for run, decisions in by_run.items():
        found |= dict(_from_snapshot(models.Determination.objects.using(BULK).get(id=run), decisions, under))
    return found


def _from_facts(made: models.Decision) -> bool | None:
    if "tombstone" in made.facts:
        return None
    words, kept = dictionary(using=BULK), made.facts["parameters"]
    programme = in_force(made.rule_version_id, kept, on=made.on_day, using=BULK)
    household = known.restored(made.household_id, made.facts, words)
    unit = next((each for each in known.units_of(programme, household) if each.id == made.unit_id), None)
    book = Rulebook(made.on_day, (programme,), figures_as_kept(kept, using=BULK), words)
    return _is_same(made, programme, unit, known.fresh(household, on=made.on_day, limits=programme.limits), book)


def _from_snapshot(
    run: models.Determination, decisions: Sequence[models.Decision], under: Ground
) -> Iterator[tuple[UUID, bool | None]]:
    try:
        frozen = snapshot(run.snapshot_id)
    except NotFound:
        yield from ((each.id, None) for each in decisions)
        return
    words, figures = dictionary(using=BULK), figures_as_kept(run.parameters, using=BULK)
    named = {each.rule_version_id for each in decisions}
    versions = {each: in_force(each, run.parameters, on=run.on_day, using=BULK) for each in named}
    book = Rulebook(run.on_day, tuple(versions.values()), figures, words)
    with open_snapshot(frozen.id, by=OPENER, under=under) as connection:
        evaluation.prepare(connection, frozen.exports["households"], book)
        wanted = {str(each.household_id) for each in decisions}
        homes = {view: _homes(connection, view, wanted) for view in map(evaluation.view_of, versions.values())}
    for each in decisions:
        programme = versions[each.rule_version_id]
        home = homes[evaluation.view_of(programme)].get(str(each.household_id))
        yield each.id, _again(each, programme, home, book)


def _homes(connection: Any, view: str, ids: set[str]) -> dict[str, dict[str, Any]]:
    reading = connection.execute(f"SELECT * FROM {view} WHERE household_id::VARCHAR IN (SELECT unnest(?))", [list(ids)])
    names = [each[0] for each in reading.description]
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in reading.fetchall()}


def _again(made: models.Decision, programme: InForce, home: dict[str, Any] | None, book: Rulebook) -> bool:
    units = evaluation.units_in(home, programme) if home else ()
    unit = next((each for each in units if str(each.id) == str(made.unit_id)), None)
    return _is_same(made, programme, unit, (home or {}, home["members"] if home else []), book)


def _is_same(
    made: models.Decision, programme: InForce, unit: UnitOf | None, values: tuple[Any, Any], book: Rulebook
) -> bool:
    """Whether it comes out the same; a unit that was not there any more was decided to be unknown for that.

    Where places are few, whether the rule bears the decision out: the rank itself only the whole run can give again.
    """
    if unit is None:
        return made.outcome is None and made.missing == [programme.unit.value]
    found = decided(programme, unit, *values, on=book.on, parameters=book.parameters)
    if programme.ranking:
        return ranking.bears_out(found, decision_of(made))
    return (found.outcome, found.amount, list(found.missing)) == (made.outcome, made.amount_minor, made.missing)
