"""What an upheld appeal owes: for each cycle that was listed without it, what the rule says of the day of that list.

Shape   one row per case and cycle; told of again, nothing is written
Units   minor units
Nulls   where the rule of that day cannot say how much, that stands there as unknown and no list pays it
"""

from datetime import date
from uuid import UUID

from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.payments import models
from amparo.payments.owing import RECORD, TURN
from amparo.payments.queries.terms import programme_ids
from amparo.payments.types import ListState
from amparo.programmes.queries.appealing import Answer, answer_about
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission


def owe_arrears(
    programme: str,
    unit_id: UUID,
    *,
    case: UUID,
    decision: UUID,
    since: date,
    until: date,
    by: Actor,
    under: Ground,
) -> int:
    """Owe a unit what lists made between two days lack, by the rule of each list's own day; return for how many cycles.

    A list that is not approved yet counts too: its arrears wait until it is, and are what it lacks then.
    """
    with acting(by.narrowed(Permission.PREPARE_PAYMENTS)) as payer:
        with connections["default"].cursor() as cursor:
            cursor.execute(TURN, {"programme": programme_ids(using="default")[programme]})
            due = {each.cycle: _due(programme, unit_id, each.on_day, under) for each in _lists(programme, since, until)}
            told = {"cycles": list(due), "dues": list(due.values())}
            cursor.execute(RECORD, {"case": case, "decision": decision, "now": clock.now()} | told)
            owed = cursor.rowcount
        if owed:
            about = {"about_kind": "decision", "about_id": decision, "case": str(case)}
            record(Event.ARREARS_OWED, by=payer, under=under, programme=programme, cycles=owed, **about)
    return owed


def _lists(programme: str, since: date, until: date) -> list[models.List]:
    rows = models.List.objects.filter(programme__code=programme, part=1, on_day__range=(since, until))
    return list(rows.exclude(state=ListState.WITHDRAWN).order_by("cycle"))


def _due(programme: str, unit_id: UUID, on: date, under: Ground) -> int | None:
    """Return what the rule of a day grants for a cycle: zero where it grants nothing, None where it cannot say."""
    try:
        answer = answer_about(programme, unit_id, on=on, under=under)
    except NotFound:  # the programme had no rule on that day, or whom it is about is in no home any more
        return None
    return _amount(answer)


def _amount(answer: Answer) -> int | None:
    """Where places are few, the rule alone does not say who would have had one."""
    if answer.outcome is False:
        return 0
    return answer.amount if answer.outcome and not answer.is_ranked else None
