"""Background jobs of programmes."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import actions, queries
from amparo.programmes.config import GROUND
from amparo.programmes.queries import authoring
from amparo.registry.queries import households_of_delivery
from amparo.trust.context import acting
from amparo.trust.queries import actor_with_id
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged
from amparo.trust.types.modes import Part

# Another run under way, begun by an operator's command perhaps, is waited for.
LATER = RetryStrategy(max_attempts=60, wait=60)
UNDER_WAY = "programmes-run-under-way"


@app.task(name="programmes.preview", queue=Part.ELIGIBILITY.value, lock="determination", retry=LATER)
@charged(Permission.DETERMINE, Permission.TAKE_SNAPSHOT, Permission.OPEN_SNAPSHOT)
def preview_run(run_id: str) -> None:
    """Take a planned run's snapshot where it has none, and count what it would change."""
    _worked_on(actions.preview, UUID(run_id))


@app.task(name="programmes.execute", queue=Part.ELIGIBILITY.value, lock="determination", retry=LATER)
@charged(Permission.DETERMINE, Permission.TAKE_SNAPSHOT, Permission.OPEN_SNAPSHOT)
def execute_run(run_id: str) -> None:
    """Write a run's decisions, or go on with one that was stopped."""
    _worked_on(actions.execute, UUID(run_id))


def _worked_on(act: Callable[..., object], run: UUID) -> None:
    """A refusal is the run's own outcome, written in its row, and not a failure of the job."""
    try:
        act(run, by=queries.planner(run, on=clock.today()))
    except Refused as refused:
        if refused.message.id == UNDER_WAY:
            raise


@app.task(name="programmes.measure_draft", queue=Part.ELIGIBILITY.value)
@charged(Permission.AUTHOR_RULE, Permission.OPEN_SNAPSHOT)
def measure_draft(draft_id: str) -> None:
    """Count what a draft would change; a role that ended meanwhile ends its jobs."""
    by = actor_with_id(authoring.author(UUID(draft_id)), on=clock.today(), job="draft")
    actions.measure_draft(UUID(draft_id), by=by, under=GROUND)


# More than this are decided faster, and watched by somebody, by a run.
AT_ONCE = 1_000


@app.task(name="programmes.decide_delivered", queue=Part.ELIGIBILITY.value)
@charged(Permission.DETERMINE)
def decide_delivered(delivery_id: int) -> None:
    """Decide again about the households of a small delivery, one by one; a large one is for the next run."""
    homes = households_of_delivery(delivery_id, at_most=AT_ONCE + 1)
    by = system("facts-changed").narrowed(Permission.DETERMINE)
    for each in homes if len(homes) <= AT_ONCE else []:
        with acting(by):
            actions.determine_household(each, by=by, under=GROUND, on=clock.today())


@app.task(name="programmes.decide_homes", queue=Part.ELIGIBILITY.value)
@charged(Permission.DETERMINE)
def decide_homes(household_ids: list[str]) -> None:
    """Decide again about some homes, one by one."""
    by = system("facts-changed").narrowed(Permission.DETERMINE)
    for each in household_ids:
        with acting(by):
            actions.determine_household(UUID(each), by=by, under=GROUND, on=clock.today())


# No lock of the queue: a job of a worker that was killed would keep it. The delivery takes its system's own.
@app.task(name="programmes.take_post", queue=Part.FEEDS.value, retry=RetryStrategy(max_attempts=5, wait=60))
@charged(Permission.DELIVER, Permission.FIND, Permission.WORK_CASE)
def take_post(post_id: str) -> None:
    """Take in what a system's machine delivered; what refuses it is its own outcome."""
    actions.take_post(UUID(post_id), by=system("feed"))


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="programmes.pick_up_posts",
    queue=Part.FEEDS.value,
    queueing_lock="programmes.pick_up_posts",
    pass_context=False,
)
@charged(Permission.DELIVER, Permission.FIND, Permission.WORK_CASE)
def pick_up_posts(timestamp: int) -> None:
    """Take in what has waited for an hour: whoever was to do it may have died."""
    for each in queries.posts_left(clock.now() - timedelta(hours=1)):
        actions.take_post(each, by=system("feed"))


@app.periodic(cron="17 * * * *")
@app.task(
    name="programmes.take_effect",
    queue=Part.ELIGIBILITY.value,
    queueing_lock="programmes.take_effect",
    pass_context=False,
)
@charged(Permission.DETERMINE)
def take_effect(timestamp: int) -> None:
    """Put into effect what is due; while a run is under way, the next hour does it."""
    try:
        actions.take_effect(on=clock.today(), by=system("take-effect"))
    except Refused:
        return


@app.periodic(cron="27 3 * * *")
@app.task(
    name="programmes.take_steps", queue=Part.OPERATIONS.value, queueing_lock="programmes.take_steps", pass_context=False
)
@charged(Permission.ENROL)
def take_steps(timestamp: int) -> None:
    """Carry out suspensions and exits whose day has come, and end suspensions that are over; in a trial, nothing."""
    try:
        actions.take_steps(on=clock.today(), by=system("enrolment"))
        actions.change_collectors(on=clock.today(), by=system("enrolment"))
    except Refused:
        return


# Of these there is nothing to do, and nothing is wrong: the next night looks again.
NOTHING_TO_DO = ("programmes-coverage-without-run", "programmes-performance-without-index")


def _where_there_is_anything(act: Callable[..., object], **asked: object) -> None:
    """Do what is due; that the country states nothing, or that no run has been, is no failure. A broken rule is one."""
    try:
        act(under=GROUND, **asked)
    except Refused as refused:
        if refused.message.id not in NOTHING_TO_DO:
            raise


@app.periodic(cron="37 1 * * *")
@app.task(name="programmes.follow", queue=Part.OPERATIONS.value, queueing_lock="programmes.follow", pass_context=False)
@charged(Permission.DETERMINE, Permission.OPEN_SNAPSHOT, Permission.WORK_CASE)
def follow(timestamp: int) -> None:
    """Follow the conditions of every period that is due: that has ended, or of which anything else was told since."""
    _where_there_is_anything(actions.follow_conditions, by=system("conditions"), on=clock.today())


# At an hour at which it is the first, or later, wherever the country lies.
@app.periodic(cron="52 14 1 * *")
@app.task(
    name="programmes.measure", queue=Part.OPERATIONS.value, queueing_lock="programmes.measure", pass_context=False
)
@charged(Permission.DETERMINE, Permission.OPEN_SNAPSHOT)
def measure(timestamp: int) -> None:
    """Measure how local offices did in the month before, as of its last day."""
    last = clock.today().replace(day=1) - timedelta(days=1)
    _where_there_is_anything(actions.measure, by=system("performance"), on=last)


@app.periodic(cron="42 3 * * *")
@app.task(
    name="programmes.expire_snapshots", queue="bulk", queueing_lock="programmes.expire_snapshots", pass_context=False
)
@charged(Permission.TAKE_SNAPSHOT)
def expire_snapshots(timestamp: int) -> None:
    """Delete the snapshots on which nothing rests any more."""
    actions.expire_snapshots(on=clock.today(), by=system("snapshot"))
