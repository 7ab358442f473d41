"""Background jobs of sources."""

from procrastinate.contrib.django import app

from amparo.kernel import clock
from amparo.sources import actions
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged
from amparo.trust.types.modes import Part


@app.periodic(cron="* * * * *")
@app.task(name="sources.ask_again", queue=Part.SOURCES.value, queueing_lock="sources.ask_again", pass_context=False)
@charged(Permission.ASK_SOURCES, Permission.DETERMINE, Permission.WORK_CASE)
def ask_again(timestamp: int) -> None:
    """Ask again what could not be asked when somebody opened a file."""
    actions.ask_again(by=system("sources"), on=clock.today())


@app.periodic(cron="* * * * *")
@app.task(
    name="sources.ask_for_updates",
    queue=Part.SOURCES.value,
    queueing_lock="sources.ask_for_updates",
    pass_context=False,
)
@charged(Permission.ASK_SOURCES, Permission.REGISTER, Permission.DETERMINE, Permission.WORK_CASE)
def ask_for_updates(timestamp: int) -> None:
    """Ask sources that cannot push what changed."""
    actions.ask_for_updates(by=system("sources"), on=clock.today())


@app.periodic(cron="20 * * * *")
@app.task(name="sources.forget_answers", queue="bulk", queueing_lock="sources.forget_answers", pass_context=False)
@charged(Permission.ASK_SOURCES)
def forget_answers(timestamp: int) -> None:
    """Delete what was kept of answers until a day that has passed."""
    actions.forget_answers(by=system("sources"), on=clock.today())
