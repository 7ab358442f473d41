"""Appeals: filed about a decision, heard by somebody who did not decide, and executed by deciding again.

Units   the last day on which one may appeal counts; amounts are minor units per payment period
Nulls   where the rule cannot be decided with what is known now, nothing is executed: it says what is missing
Errors  Refused for a decision that was appealed before, for one whose time to appeal is over, and where the rule still says
        what it said: then what is known must be corrected first, by whoever keeps the record
Source  docs/decisions/0031-cases.md
"""

from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from amparo.cases import models
from amparo.cases.beginning import Filing, begin
from amparo.cases.holding import expect_move, held
from amparo.cases.queries.reading import case_of
from amparo.cases.types import Act, AppealExecuted, Case, Channel, Kind, Linked, Said
from amparo.cases.writing import add_step, change, note
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.programmes.actions import determine_household
from amparo.programmes.config import Unit
from amparo.programmes.queries.appealing import Answer, Appealable, answer_on, appealable, in_effect
from amparo.registry.own import expect_own
from amparo.trust.context import acting
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission, system

DECIDER = system("appeal")


@transaction.atomic
def appeal(
    decision_id: UUID, said: Said, *, person: UUID | None, channel: Channel, by: Actor, under: Ground, on: date
) -> Case:
    """File an appeal against a decision, as the citizen whom it concerns or as an officer who takes it down for `person`."""
    by = by.narrowed(Permission.DECIDE_OWN if by.kind is ActorKind.CITIZEN else Permission.OPEN_CASE)
    if by.kind is ActorKind.CITIZEN:
        expect_own(by)
        person, channel = by.concerning, Channel.WEB
    made = appealable(decision_id, by=by)
    if made.until is not None and on > made.until:
        raise Refused("cases-appeal-too-late", day=made.until)
    filing = Filing("", said, channel, _linked(made, person))
    category = models.Category.objects.filter(kind=Kind.APPEAL.value, withdrawn_at=None).order_by("position").first()
    days = made.procedure.answer_days
    try:
        with transaction.atomic():
            return begin(
                category,
                filing,
                by=by,
                under=under,
                on=on,
                area_number=made.decision.area_number,
                kind=Kind.APPEAL,
                days=days,
                suspends=made.suspends,
            )
    except IntegrityError:
        raise Refused("cases-appealed-already") from None


def _linked(made: Appealable, person: UUID | None) -> Linked:
    decided = made.decision
    whose = person or (decided.unit_id if decided.unit == Unit.PERSON else None)
    return Linked(whose, decided.household_id, decided.id, programme=decided.programme)


@transaction.atomic
def execute(id: UUID, *, by: Actor, under: Ground) -> Case:
    """Decide again what an upheld appeal was about: by the rule of the decision's own day, on what is known now.

    What it changes from that day on is announced, for whoever pays it. Written are the decisions as of that day, where none
    was made for a later one, and as of today.
    """
    by = by.narrowed(Permission.REVIEW_APPEAL)
    row = held(id, by)
    move = expect_move(row, Act.EXECUTE, "", by)
    made = appealable(row.decision_id, by=by)
    answer = answer_on(made.decision, on=made.decision.on, under=under)
    _expect_changed(answer, made)
    with acting(DECIDER.narrowed(Permission.DETERMINE)) as decider:
        for day in dict.fromkeys((made.decision.on, clock.today())):
            determine_household(made.decision.household_id, by=decider, under=under, on=day)
        standing = in_effect(made.decision, by=decider)
    changed = _changed(row, made, answer, standing.id if standing else None, under)
    change(row, move.to, by=by, effect=_plain(changed))
    add_step(row, Act.EXECUTE, Said(), by_id=by.id, is_told=True)
    note(Event.APPEAL_EXECUTED, row, by, under, decision=str(made.decision.id), since=changed.since.isoformat())
    announce(changed)
    return case_of(row)


def _expect_changed(answer: Answer, made: Appealable) -> None:
    if answer.outcome is None:
        raise Refused("cases-appeal-still-unknown", missing=list(answer.missing))
    if (answer.outcome, answer.amount) == (made.decision.outcome, made.decision.amount):
        raise Refused("cases-appeal-says-the-same")


def _changed(row: models.Case, made: Appealable, answer: Answer, now: UUID | None, under: Ground) -> AppealExecuted:
    decided = made.decision
    return AppealExecuted(
        case=row.id,
        decision=decided.id,
        programme=decided.programme,
        unit=decided.unit,
        unit_id=decided.unit_id,
        household_id=decided.household_id,
        since=decided.on,
        until=clock.today(),
        was_outcome=decided.outcome,
        was_amount=decided.amount,
        outcome=answer.outcome,
        amount=answer.amount,
        now=now,
        under=under,
    )


def _plain(changed: AppealExecuted) -> dict[str, object]:
    """Return what is kept of it on the case: no id of anybody's, whom the row names already."""
    told = asdict(changed)
    kept = ("since", "until", "was_outcome", "was_amount", "outcome", "amount", "now")
    return {name: str(told[name]) if name in ("since", "until", "now") else told[name] for name in kept}
