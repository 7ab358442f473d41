"""Background jobs of cases."""

from uuid import UUID

from procrastinate.contrib.django import app

from amparo.cases import actions
from amparo.kernel import clock
from amparo.registry.queries import received_of_delivery
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged
from amparo.trust.types.modes import Part


@app.periodic(cron="27 * * * *")
@app.task(name="cases.tend", queue="bulk", queueing_lock="cases.tend", pass_context=False)
@charged(Permission.WORK_CASE)
def tend(timestamp: int) -> None:
    """Open what waits, and hand on what is late."""
    actions.open_waiting(on=clock.today(), by=system("cases"))
    actions.escalate(on=clock.today(), by=system("cases"))


@app.periodic(cron="47 2 * * *")
@app.task(name="cases.look_ahead", queue=Part.OPERATIONS.value, queueing_lock="cases.look_ahead", pass_context=False)
@charged(Permission.WORK_CASE)
def look_ahead(timestamp: int) -> None:
    """Open a case for each transition of a life that comes, and note which of those that came had a gap."""
    actions.open_moved(on=clock.today(), by=system("cases"))
    actions.measure_gaps(on=clock.today(), by=system("cases"))
    actions.open_ahead(on=clock.today(), by=system("cases"))


@app.periodic(cron="7 4 * * *")
@app.task(name="cases.carry_out", queue=Part.GAPS.value, queueing_lock="cases.carry_out", pass_context=False)
@charged(Permission.WORK_CASE, Permission.ENROL, Permission.DETERMINE, Permission.READ_DECISION)
def carry_out(timestamp: int) -> None:
    """Enrol whoever was applied for, once the day has come."""
    actions.carry_out_due(on=clock.today(), by=system("cases"))


@app.periodic(cron="17 3 * * *")
@app.task(name="cases.recertify", queue=Part.OPERATIONS.value, queueing_lock="cases.recertify", pass_context=False)
@charged(Permission.WORK_CASE)
def recertify(timestamp: int) -> None:
    """Open a case for each enrolment that is soon to be confirmed anew."""
    actions.open_recertifications(on=clock.today(), by=system("cases"))


@app.task(name="cases.look_at_homes", queue=Part.OPERATIONS.value)
@charged(Permission.WORK_CASE)
def look_at_homes(household_ids: list[str]) -> None:
    """Open a case for whoever of some homes changed in a way that is a transition."""
    actions.open_changed(on=clock.today(), by=system("cases"), homes=[UUID(each) for each in household_ids])


@app.task(name="cases.look_at_delivery", queue=Part.OPERATIONS.value)
@charged(Permission.WORK_CASE)
def look_at_delivery(delivery_id: int) -> None:
    """The same of whoever a delivery says something new of, whatever its size."""
    delivery = delivery_id, received_of_delivery(delivery_id)
    actions.open_changed(on=clock.today(), by=system("cases"), delivery=delivery)


@app.task(name="cases.look_at_match", queue="bulk")
@charged(Permission.WORK_CASE)
def look_at_match(beneficiary_id: str) -> None:
    """The same of whoever a beneficiary of another programme's system was decided to be."""
    actions.open_matched(UUID(beneficiary_id), on=clock.today(), by=system("cases"))
