"""Background jobs of intake."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amparo.intake import actions, queries
from amparo.kernel import clock
from amparo.kernel.errors import Refused


@app.task(name="intake.run", queue="bulk", lock="intake", retry=RetryStrategy(max_attempts=1))
def run_batch(batch_id: str) -> None:
    """Work on a batch. A refusal is the batch's own outcome, written in its row, and not a failure of the job."""
    by = queries.deliverer(UUID(batch_id), on=clock.today())
    try:
        actions.run(UUID(batch_id), by=by)
    except Refused:
        return
