"""Background jobs of the machines' door."""

from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from amparo.interop.dci import calling
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
