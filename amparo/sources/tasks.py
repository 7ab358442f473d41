"""Background jobs of sources."""

from procrastinate.contrib.django import app

from amparo.kernel import clock
from amparo.sources import actions
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged


@app.periodic(cron="20 * * * *")
@app.task(name="sources.forget_answers", queue="bulk", queueing_lock="sources.forget_answers", pass_context=False)
@charged(Permission.ASK_SOURCES)
def forget_answers(timestamp: int) -> None:
    """Delete what was kept of answers until a day that has passed."""
    actions.forget_answers(by=system("sources"), on=clock.today())
