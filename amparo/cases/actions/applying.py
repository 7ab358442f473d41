"""Applying for the next scheme in a transition: what is missing is recorded, and on the day of the event somebody is enrolled.

Units   from the day of the event on; today where that has passed
Nulls   while the rule cannot be decided nobody is enrolled, and what is missing is said; what was answered stays recorded
Errors  Refused for a scheme that does not follow, or is not run here; NotPermitted for whoever does not decide about enrolment
        in it. An application that comes to nothing on its day goes back to whoever works on the case: nothing is lost silently
Source  docs/decisions/0037-transitions.md
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.cases import models
from amparo.cases.applications import Application, application, is_ranked_later
from amparo.cases.holding import expect_move, held
from amparo.cases.types import Act, Applied, Kind, Said, State
from amparo.cases.writing import add_step, change, note
from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, NotServed, Refused
from amparo.programmes import actions as programmes
from amparo.programmes import queries
from amparo.programmes.queries.appealing import Answer, answer_about
from amparo.registry.actions import observe
from amparo.trust.context import acting
from amparo.trust.log.serving import BUDGET_SPENT
from amparo.trust.queries import actor_with_id
from amparo.trust.types import Actor, Event, Ground, Permission, system

DECIDER = system("transition")
JOB = "transition"
BULK = "bulk"
# What enrolment says where a place on the waiting list may still be had.
_NO_PLACE = {"programmes-no-place", "programmes-not-eligible"}

Answers = Mapping[tuple[str, UUID], Mapping[str, Any]]


@transaction.atomic
def apply(id: UUID, programme: str, answers: Answers, *, by: Actor, under: Ground) -> Applied:
    """Apply in a case for a scheme that follows, with what was missing: (grain, whose) → field → value.

    Where the rule grants it on the day, the application stands: it is carried out at once if the day has come, and else on
    it by `carry_out_due`, in the name of whoever applied. Where not, only what was answered is recorded.
    """
    worker, enroller = by.narrowed(Permission.WORK_CASE), by.narrowed(Permission.ENROL)
    row = held(id, worker)
    move = expect_move(row, Act.APPLY, "", worker)
    wanted = application(row, programme, by=worker)
    if not queries.may_enrol(programme, by=enroller):
        raise NotPermitted("cases-application-not-yours", programme=programme)
    _record(wanted, answers, by=by, under=under)
    answer = answer_about(programme, wanted.unit_id, on=wanted.on, under=under)
    if answer.outcome is not True and not is_ranked_later(answer.missing):
        return Applied(answer.outcome, answer.missing)
    effect = {"programme": programme, "on": wanted.on.isoformat(), "by": str(by.id), "under": under.purpose}
    change(row, move.to, by=worker, effect=effect, owner=by.id)
    add_step(row, Act.APPLY, Said(), by_id=by.id, is_told=True)
    note(Event.CASE_STEP, row, worker, under, act=Act.APPLY.value, state=row.state, programme=programme)
    enrolment = _carried_out(row, wanted, answer, by=by, under=under) if wanted.on <= clock.today() else None
    return Applied(answer.outcome, answer.missing, enrolment)


def _record(wanted: Application, answers: Answers, *, by: Actor, under: Ground) -> None:
    """Record what was answered as an observation of today; it is decided again at once."""
    said = {grain: {id: told for (of, id), told in answers.items() if of == grain} for grain in ("household", "person")}
    if set(said["household"]) - {wanted.household_id}:
        raise Refused("cases-application-nobody")
    if any(answers.values()):
        observe(
            wanted.household_id,
            values=said["household"].get(wanted.household_id, {}),
            members=said["person"],
            source=wanted.source,
            by=by.narrowed(Permission.REGISTER),
            on=clock.today(),
            under=under,
        )


def _carried_out(row: models.Case, wanted: Application, answer: Answer, *, by: Actor, under: Ground) -> UUID | None:
    """Enrol or put on the waiting list whom an application is for, and end the case; None while a run must rank them first."""
    with acting(DECIDER.narrowed(Permission.DETERMINE)) as decider:
        programmes.determine_household(wanted.household_id, by=decider, under=under, on=clock.today())
    enroller, told = by.narrowed(Permission.ENROL), {"under": under, "on": clock.today()}
    try:
        enrolment = _admitted(wanted, by=enroller, **told)
    except Refused as refused:
        if refused.message.id == "programmes-not-eligible" and is_ranked_later(answer.missing):
            return None
        raise
    change(row, State.RESOLVED, by=by, enrolment_id=enrolment, effect={**row.effect, "enrolment": str(enrolment)})
    add_step(row, Act.RESOLVE, Said(), by_id=by.id, is_told=True)
    note(Event.CASE_STEP, row, by.narrowed(Permission.WORK_CASE), under, act=Act.RESOLVE.value, state=row.state)
    return enrolment


def _admitted(wanted: Application, *, by: Actor, under: Ground, on: date) -> UUID:
    """Return the enrolment: one that there is already, a place, or one on the waiting list."""
    told = {"by": by, "under": under, "on": on}
    try:
        with transaction.atomic():
            return programmes.enrol(wanted.programme, wanted.unit_id, **told)
    except Refused as refused:
        if refused.message.id == "programmes-enrolled-already":
            return queries.held_enrolment(wanted.programme, wanted.unit_id)
        if refused.message.id not in _NO_PLACE:
            raise
        with transaction.atomic():
            return programmes.wait(wanted.programme, wanted.unit_id, **told)


def carry_out_due(*, on: date, by: Actor) -> tuple[int, int]:
    """Carry out the applications whose day has come, one by one; return how many were, and how many went back.

    Each in a transaction of its own, in the name of whoever applied, with what they may do today. Whatever is refused then
    goes back to them: the case is open again, and late.
    """
    waiting = models.Case.objects.using(BULK).filter(
        kind=Kind.TRANSITION.value, state=State.APPLIED.value, closed_at=None, effect__on__lte=on.isoformat()
    )
    done = returned = 0
    for id, effect in waiting.order_by("due_on", "id").values_list("id", "effect"):
        try:
            done += _carry_out(id, effect, on)
        except Refused as refused:
            if isinstance(refused, NotServed) or refused.message.id == BUDGET_SPENT:
                continue  # passes by itself: tomorrow again
            returned += _return(id, refused, by.narrowed(Permission.WORK_CASE))
    return done, returned


def _carry_out(id: UUID, effect: Mapping[str, str], on: date) -> int:
    by, under = actor_with_id(UUID(effect["by"]), on=on, job=JOB), Ground(purpose=effect["under"])
    with acting(by.narrowed(Permission.ENROL)):
        row = held(id, by.narrowed(Permission.ENROL))
        if row.state != State.APPLIED:
            return 0  # somebody took it back meanwhile
        wanted = application(row, effect["programme"], by=by.narrowed(Permission.ENROL))
        answer = answer_about(wanted.programme, wanted.unit_id, on=wanted.on, under=under)
        return int(_carried_out(row, wanted, answer, by=by, under=under) is not None)


def _return(id: UUID, refused: Refused, by: Actor) -> int:
    """Give a case back to whoever works on it, and say in the log why."""
    with acting(by):
        row = models.Case.objects.select_for_update().get(id=id)
        if row.state != State.APPLIED:
            return 0
        change(row, State.WORKING, by=by, effect=None)
        add_step(row, Act.RETURN, Said(), by_id=by.id)
        note(Event.CASE_STEP, row, by, None, act=Act.RETURN.value, state=row.state, because=refused.message.id)
    return 1
