"""Background jobs of trust."""

from procrastinate.contrib.django import app

from amparo.trust.actions import accounts
from amparo.trust.types import system


@app.periodic(cron="23 4 * * *")
@app.task(name="trust.sweep_sessions", queue="bulk", queueing_lock="trust.sweep_sessions", pass_context=False)
def sweep_sessions(timestamp: int) -> None:
    """Delete what remains of sessions and guesses that are over."""
    accounts.sweep(by=system("sweep-sessions"))
