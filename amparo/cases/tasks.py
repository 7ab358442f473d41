"""Background jobs of cases."""

from procrastinate.contrib.django import app

from amparo.cases import actions
from amparo.kernel import clock
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged


@app.periodic(cron="27 * * * *")
@app.task(name="cases.tend", queue="bulk", queueing_lock="cases.tend", pass_context=False)
@charged(Permission.WORK_CASE)
def tend(timestamp: int) -> None:
    """Open what waits, and hand on what is late."""
    actions.open_waiting(on=clock.today(), by=system("cases"))
    actions.escalate(on=clock.today(), by=system("cases"))
