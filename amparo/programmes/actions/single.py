"""Deciding about one household, at once, by the reference engine."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.events import announce
from amparo.kernel.ids import HouseholdId
from amparo.programmes import known, models, publishing, ranking
from amparo.programmes.config import Unit
from amparo.programmes.inforce import InForce
from amparo.programmes.queries.decisions import decision_of, standing_of
from amparo.programmes.rulebook import Rulebook, rulebook
from amparo.programmes.steps import WRITES, Stand, Step, step
from amparo.programmes.telling import tell_of_better
from amparo.programmes.types import Counts, Decision, DecisionsMade, State, place_waiting
from amparo.programmes.units import UnitOf, decided
from amparo.programmes.withholding import expect_all
from amparo.registry import queries as registry
from amparo.registry.relatives import with_lists
from amparo.registry.types import HouseholdRecord
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission


@transaction.atomic
def determine_household(household_id: UUID, *, by: Actor, under: Ground, on: date) -> list[Decision]:
    """Decide every programme in force on the day for one household and its members; return the decisions written.

    Each keeps the facts it used, with source and day. What stands for a later day is left alone. Where places are few, no
    rank is given or taken away: that is done by a run, which ranks everybody (`ranking.alone`). Runs within the
    caller's gates (`trust.context.acting`), in the transaction of whatever changed.
    Raises NotFound outside the actor's areas, NotPermitted for whoever may not read all that rules may, and Refused
    where a rule or figure is broken: then nobody is granted.
    """
    by = by.narrowed(Permission.DETERMINE)
    book = rulebook(on)
    if not book.programmes:
        return []
    publishing.share_gate("default")
    household = registry.household(household_id, by=by, under=under)
    expect_all(household.classes)
    household = with_lists(household, reads=book.reads, by=by, under=under)
    household = known.placed(household, book.reads, words=book.dictionary, on=on)
    groups = registry.all_groups_of(household.id, by=by)
    standing = standing_of([household.id, *groups, *(each.id for each in household.members)], by=by)
    taken = list(_taken(household, book, standing))
    decisions = _written(taken, household, book, by)
    if any(each.ended or each.step in WRITES for each in taken):
        models.HouseholdDetermination.objects.create(
            household_id=household_id, area_number=household.area_number, at=clock.now()
        )
    counts = _counts(taken)
    record(
        Event.HOUSEHOLD_DETERMINED,
        by=by,
        under=under,
        about_kind="household",
        about_id=household_id,
        area_number=household.area_number,
        on=on.isoformat(),
        counts={code: asdict(each) for code, each in counts.items()},
    )
    announce(DecisionsMade(run=None, household_id=HouseholdId(household_id), counts=counts))
    return decisions


@dataclass(frozen=True)
class _Taken:
    """What was found about one unit, and the step it leads to; None where a later day has been decided.

    `rank`, `places`  those that a run gave, kept
    """

    programme: InForce
    unit: UnitOf
    new: Stand
    step: Step | None
    ended: tuple[models.Decision, ...]
    rank: int | None = None
    places: int | None = None


def _taken(household: HouseholdRecord, book: Rulebook, standing: Iterable[models.Decision]) -> Iterable[_Taken]:
    by_unit: dict[tuple[int, UUID], list[models.Decision]] = {}
    for each in standing:
        by_unit.setdefault((each.programme_id, each.unit_id), []).append(each)
    for programme in book.programmes:
        units = known.units_of(programme, household)
        for unit in units:
            yield _step(programme, unit, household, book, by_unit.get((programme.programme_id, unit.id), []))
        yield from _gone(programme, {each.id for each in units}, household, book, by_unit)


def _step(
    programme: InForce, unit: UnitOf, household: HouseholdRecord, book: Rulebook, rows: list[models.Decision]
) -> _Taken:
    in_effect = [each for each in rows if each.state == State.IN_EFFECT]
    found = decided(
        programme,
        unit,
        *known.fresh(household, on=book.on, limits=programme.limits),
        on=book.on,
        parameters=book.parameters,
    )
    rank, places = None, None
    if programme.ranking:
        held = decision_of(in_effect[0]) if in_effect else None
        found, rank, places = ranking.alone(found, held)
    waiting = place_waiting(found.outcome, rank, places)
    new = Stand(found.outcome, found.amount, found.missing, programme.hash, household.id, waiting=waiting)
    return _against(programme, unit, new, book, rows, rank=rank, places=places)


def _against(
    programme: InForce, unit: UnitOf, new: Stand, book: Rulebook, rows: list[models.Decision], **ranked: int | None
) -> _Taken:
    """Return what a new outcome does to the decisions that stand."""
    if any(each.on_day > book.on for each in rows):
        return _Taken(programme, unit, new, None, ())
    in_effect = [each for each in rows if each.state == State.IN_EFFECT]
    pending = [each for each in rows if each.state != State.IN_EFFECT]
    taken = step(new, *(_stand(each[0]) if each else None for each in (in_effect, pending)))
    return _Taken(programme, unit, new, taken, tuple(_ended(taken, in_effect, pending)), **ranked)


def _gone(
    programme: InForce, units: set[UUID], household: HouseholdRecord, book: Rulebook, by_unit: dict
) -> Iterable[_Taken]:
    """Put up for review what is granted to a family or couple that is none any more, to one who has joined one, or to who has
    left a local programme's area.

    As a run does with units that its snapshot no longer holds: a right is not lost by a change of the household.
    """
    is_elsewhere = not programme.is_for(household.area_number)
    if not is_elsewhere and (programme.group is None or programme.unit is Unit.PERSON):
        return
    for (programme_id, unit_id), rows in by_unit.items():
        has_claim = any(decision_of(each).has_claim for each in rows if each.state == State.IN_EFFECT)
        if programme_id == programme.programme_id and unit_id not in units and has_claim:
            new = Stand(None, None, (str(programme.unit),), programme.hash, household.id)
            yield _against(programme, UnitOf(unit_id, places=()), new, book, rows)


def _stand(row: models.Decision) -> Stand:
    state, waiting = State(row.state), decision_of(row).waiting
    return Stand(
        row.outcome, row.amount_minor, tuple(row.missing), row.rule_version.hash, row.household_id, state, waiting
    )


def _ended(taken: Step, in_effect: list[models.Decision], pending: list[models.Decision]) -> list[models.Decision]:
    if taken is Step.CONFIRM:
        return []
    return [*in_effect, *pending] if taken is Step.TAKE_EFFECT else pending


def _written(taken: Iterable[_Taken], household: HouseholdRecord, book: Rulebook, by: Actor) -> list[Decision]:
    """End what is superseded and write what takes its place."""
    decided_at, written = clock.now(), []
    for each in taken:
        for row in each.ended:
            models.Decision.objects.filter(id=row.id, decided_at=row.decided_at).update(superseded_at=decided_at)
        if each.step in WRITES:
            written.append(decision_of(_inserted(each, household, book, decided_at)))
    if granted := [each.id for each in written if each.outcome]:
        tell_of_better("d.id = ANY (%(ids)s)", {"at": decided_at, "ids": granted}, by=by, using="default")
    return written


def _inserted(taken: _Taken, household: HouseholdRecord, book: Rulebook, decided_at: datetime) -> models.Decision:
    programme = taken.programme
    return models.Decision.objects.create(
        decided_at=decided_at,
        programme_id=programme.programme_id,
        rule_version_id=programme.rule_version,
        grain=programme.unit,
        unit_id=taken.unit.id,
        household_id=household.id,
        area_number=household.area_number,
        outcome=taken.new.outcome,
        amount_minor=taken.new.amount,
        missing=list(taken.new.missing),
        rank=taken.rank,
        places=taken.places,
        on_day=book.on,
        state=WRITES[taken.step],
        facts=known.kept(household, programme, taken.unit, book),
    )


def _counts(taken: Iterable[_Taken]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for each in taken:
        so_far = vars(found.get(each.programme.code, Counts()))
        words = ("decisions", _OUTCOME[each.new.outcome], _STEP[each.step])
        found[each.programme.code] = Counts(**{**so_far, **{word: so_far[word] + 1 for word in words}})
    return found


_OUTCOME = {True: "true", False: "false", None: "unknown"}
_STEP = {
    Step.TAKE_EFFECT: "changed",
    Step.PROPOSE: "proposed",
    Step.REVIEW: "review",
    Step.CONFIRM: "unchanged",
    Step.WITHDRAW: "withdrawn",
    None: "later",
}
