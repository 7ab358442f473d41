"""Background jobs of the machines' door."""

from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from amparo.interop.dci import calling, notifying
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

# After 3, 9, 27, … seconds, ten times: about a day in all.
MOST_RETRIES = 10
AGAIN = RetryStrategy(max_attempts=MOST_RETRIES, exponential_wait=3, retry_exceptions=[calling.NotDelivered])


@app.task(name=calling.JOB, queue=calling.QUEUE, retry=AGAIN, pass_context=True)
@charged(Permission.READ_HOUSEHOLD)
def call_back(context: JobContext, call_id: str) -> None:
    """Answer what a machine asked to be told later."""
    calling.call_back(UUID(call_id), is_last=context.job.attempts >= MOST_RETRIES)


@app.periodic(cron="* * * * *")
@app.task(
    name="interop.follow_changes", queue=calling.QUEUE, queueing_lock="interop.follow_changes", pass_context=False
)
@charged(Permission.READ_HOUSEHOLD)
def follow_changes(timestamp: int) -> None:
    """Find out who is to be told of what changed, and have them told."""
    notifying.follow_changes()


# Told anew every minute while anything is owed, so that a job of a worker that was killed is not missed.
@app.task(name=notifying.JOB, queue=calling.QUEUE)
@charged(Permission.READ_HOUSEHOLD)
def notify(subscription_id: str) -> None:
    """Tell a subscription the events that it is owed."""
    notifying.notify(UUID(subscription_id))
