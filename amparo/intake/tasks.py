"""Background jobs of intake."""

from uuid import UUID

from procrastinate.contrib.django import app

from amparo.intake import actions, queries
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged
from amparo.trust.types.modes import Part


@app.task(name="intake.run", queue=Part.REGISTRATION.value, lock="intake")
@charged(Permission.DELIVER)
def run_batch(batch_id: str) -> None:
    """Work on a batch. A refusal is the batch's own outcome, written in its row, and not a failure of the job."""
    by = queries.deliverer(UUID(batch_id), on=clock.today())
    try:
        actions.run(UUID(batch_id), by=by)
    except Refused:
        return


@app.periodic(cron="* * * * *")
@app.task(name="intake.pick_up", queue=Part.REGISTRATION.value, queueing_lock="intake.pick_up", pass_context=False)
@charged()
def pick_up(timestamp: int) -> None:
    """Go on with batches whose worker died, as with those whose job was lost."""
    for batch_id in queries.left_alone():
        run_batch.defer(batch_id=str(batch_id))
