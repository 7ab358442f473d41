"""What an appeal must know of a decision: who decided, until when it can be appealed, and what the rule says of the day now.

Units   amounts in minor units per payment period; the last day on which one may appeal counts
Nulls   `until` None: time has not begun to run, because nobody was told yet. `outcome` None: cannot be decided yet
Errors  NotFound for a decision that does not exist, lies outside the actor's areas, or is not the citizen's
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from amparo.kernel.errors import NotFound
from amparo.programmes import models
from amparo.programmes.procedure import Procedure, restored
from amparo.programmes.queries.decisions import decision_of, standing_of
from amparo.programmes.queries.explaining import explain_as_of_today
from amparo.programmes.queries.own import is_own
from amparo.programmes.types import Decision, State
from amparo.trust.context import acting
from amparo.trust.scope import within
from amparo.trust.types import Actor, ActorKind, Ground, Permission, system

READER = system("appeal")


@dataclass(frozen=True)
class Appealable:
    """A decision as an appeal needs it.

    `deciders`  the accounts of whoever planned, approved, made, gave notice of or reviewed it; the system among them
    `until`     the last day on which it can be appealed
    """

    decision: Decision
    procedure: Procedure
    deciders: frozenset[UUID]
    until: date | None

    @property
    def suspends(self) -> bool:
        """Whether an appeal keeps it from taking effect: only while it has not."""
        return self.procedure.appeal_suspends and self.decision.state is State.PROPOSED and self.decision.is_standing


@dataclass(frozen=True)
class Answer:
    """What the rule in force on a day says of what is known now; `is_ranked`: of more who are granted it than have a place."""

    outcome: bool | None
    amount: int | None
    missing: tuple[str, ...]
    is_ranked: bool = False


def appealable(id: UUID, *, by: Actor) -> Appealable:
    """Return a decision as an appeal needs it, to an officer in whose areas it lies or to the citizen whom it concerns."""
    if by.kind is ActorKind.CITIZEN:
        if not is_own(id, by=by):
            raise NotFound("programmes-decision-unknown")
        with acting(READER.narrowed(Permission.READ_DECISION)) as reader:
            return _appealable(id, reader)
    return _appealable(id, by)


def _appealable(id: UUID, by: Actor) -> Appealable:
    rows = models.Decision.objects.select_related("programme", "rule_version").defer("facts")
    row = within(rows.filter(id=id), by).first()
    if row is None:
        raise NotFound("programmes-decision-unknown")
    procedure = restored(row.programme.procedure)
    notice = models.Notice.objects.filter(decision_id=id).first() or models.Notice.objects.filter(effect=id).first()
    made = decision_of(row, has_facts=False)
    return Appealable(made, procedure, frozenset(_deciders(row, notice)), _until(made, notice, procedure))


def _deciders(row: models.Decision, notice: models.Notice | None) -> set[UUID]:
    run = models.Determination.objects.filter(id=row.run_id).first() if row.run_id else None
    found = {row.made_by, *([run.started_by, run.approved_by] if run else [])}
    if notice:
        first = models.Decision.objects.filter(id=notice.decision_id, decided_at=notice.decided_at)
        found |= {notice.given_by, *first.values_list("made_by", flat=True)}
        found |= set(notice.reviews.values_list("reviewed_by", flat=True))
    return {each for each in found if each}


def _until(made: Decision, notice: models.Notice | None, procedure: Procedure) -> date | None:
    if notice:
        took = notice.took_effect_at.date() if notice.took_effect_at else notice.takes_effect_on
        return max(took, notice.takes_effect_on) + timedelta(days=notice.appeal_days)
    if made.state is State.PROPOSED:
        return None
    return made.decided_at.date() + timedelta(days=procedure.appeal_days)


def answer_on(made: Decision, *, on: date, under: Ground) -> Answer:
    """Return what the programme's rule of a day says now of whom a decision is about. Writes no decision.

    Raises NotFound where the programme has no rule on the day.
    """
    return answer_about(made.programme, made.unit_id, on=on, under=under)


def answer_about(programme: str, unit_id: UUID, *, on: date, under: Ground) -> Answer:
    """Return the same of a unit, for who needs no decision."""
    with acting(READER.narrowed(Permission.READ_DECISION)) as reader:
        found = explain_as_of_today(programme, unit_id, by=reader, under=under, on=on)
    return Answer(found.outcome, found.amount, found.missing, found.ranking is not None)


def in_effect(made: Decision, *, by: Actor) -> Decision | None:
    """Return what stands in effect now about the unit of a decision; None where nothing does."""
    rows = [each for each in standing_of([made.unit_id], by=by) if each.programme.code == made.programme]
    found = next((each for each in rows if each.state == State.IN_EFFECT), None)
    return decision_of(found, has_facts=False) if found else None
