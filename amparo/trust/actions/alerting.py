"""What is made of an alert: somebody looks, says what they found, and closes it. Never one whom it concerns."""

from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.models import Alert, AlertStep
from amparo.trust.types import Actor, AlertState, Event, Permission

# To which state an alert may be brought from which. Closed ones open again by themselves where much more is observed.
MAY_FOLLOW = {
    AlertState.LOOKED_AT: {AlertState.OPEN, AlertState.LOOKED_AT},
    AlertState.CLOSED: {AlertState.OPEN, AlertState.LOOKED_AT},
}


@transaction.atomic
def judge_alert(id: UUID, state: AlertState, *, reason: str, by: Actor) -> Alert:
    """Say what somebody found who looked into an alert, and that it is looked at or closed.

    Raises NotPermitted to whom it concerns, and Refused without a reason or where it is closed already.
    """
    by = by.narrowed(Permission.JUDGE_ALERT)
    row = Alert.objects.select_for_update().filter(id=id).first()
    if row is None:
        raise NotFound("trust-alert-unknown")
    if is_same_human(by, *row.concerned):
        raise NotPermitted("trust-alert-own")
    if AlertState(row.state) not in MAY_FOLLOW.get(state, ()):
        raise Refused("trust-alert-closed-already")
    if not reason.strip():
        raise Refused("trust-alert-without-reason")
    row.state, row.judged = state.value, row.observed
    row.save(update_fields=["state", "judged"])
    AlertStep.objects.create(alert=row, state=state.value, at=clock.now(), by_id=by.id, reason=reason.strip())
    record(Event.ALERT_JUDGED, by=by, about_kind="alert", about_id=row.id, state=state.value, kind=row.kind)
    return row
