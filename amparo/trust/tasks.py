"""Background jobs of trust."""

from procrastinate.contrib.django import app

from amparo.trust.sealing import seal


# Every five seconds, in a queue of its own, which a worker of its own reads: no long job stands before it.
@app.periodic(cron="* * * * * */5")
@app.task(name="trust.seal", queue="seal", queueing_lock="trust.seal", pass_context=False)
def seal_audit_log(timestamp: int) -> None:
    """Seal what has come to rest. A refusal fails the job, and the next one tries again."""
    seal()
