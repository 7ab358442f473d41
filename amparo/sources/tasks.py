"""Background jobs of sources."""

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from amparo.kernel import clock
from amparo.sources import actions
from amparo.sources.queries.rounds import due_rounds
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


# What a worker does for one round before it does something else: updates are not to wait.
AT_ONCE = 8.0


@app.task(name="sources.work_on_round", queue=Part.SOURCES.value, priority=-1)
@charged(Permission.ASK_AREA, Permission.ASK_SOURCES, Permission.DETERMINE, Permission.WORK_CASE)
def work_on_round(round_id: str) -> None:
    """Do some steps of a round, and have the next worker that is free go on."""
    if actions.work_on(UUID(round_id), by=system("round"), on=clock.today(), seconds=AT_ONCE):
        put_on(UUID(round_id))


def put_on(id: UUID) -> None:
    """Have a worker go on with a round as soon as one is free; nothing where one is asked to already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        work_on_round.configure(queueing_lock=f"sources.round.{id}").defer(round_id=str(id))


@app.periodic(cron="* * * * *")
@app.task(
    name="sources.pick_up_rounds", queue=Part.SOURCES.value, queueing_lock="sources.pick_up_rounds", pass_context=False
)
@charged()
def pick_up_rounds(timestamp: int) -> None:
    """Have those rounds worked on that waited until now, or whose worker died."""
    for each in due_rounds():
        put_on(each)
