"""Background jobs of trust."""

from uuid import UUID

from procrastinate.contrib.django import app

from amparo.kernel.errors import Refused
from amparo.trust.actions import accounts, breaching
from amparo.trust.keeping import erasing, retention
from amparo.trust.log.sealing import seal
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged
from amparo.trust.watching.running import watch


@app.periodic(cron="23 4 * * *")
@app.task(name="trust.sweep_sessions", queue="bulk", queueing_lock="trust.sweep_sessions", pass_context=False)
@charged()
def sweep_sessions(timestamp: int) -> None:
    """Delete what remains of sessions and guesses that are over."""
    accounts.sweep(by=system("sweep-sessions"))


# Every five seconds, in a queue of its own, which a worker of its own reads: no long job stands before it.
@app.periodic(cron="* * * * * */5")
@app.task(name="trust.seal", queue="seal", queueing_lock="trust.seal", pass_context=False)
@charged()
def seal_audit_log(timestamp: int) -> None:
    """Seal what has come to rest. A refusal fails the job, and the next one tries again."""
    seal()


@app.periodic(cron="37 2 * * *")
@app.task(name="trust.let_go", queue="bulk", queueing_lock="trust.let_go", pass_context=False)
@charged(Permission.CONFIRM_ERASURE)
def let_go(timestamp: int) -> None:
    """Let go of what has passed its time. What a killed night left, the next one goes on with."""
    retention.run(by=system("retention"))


@app.task(name="trust.erase_person", queue="bulk")
@charged(Permission.CONFIRM_ERASURE)
def erase_person(erasure_id: str) -> None:
    """Erase whoever was confirmed. Somebody who is held meanwhile is tried again by the nightly run."""
    try:
        erasing.erase(UUID(erasure_id), by=system("erase"))
    except Refused as refused:
        if refused.message.id != "trust-erasure-held":
            raise


# Beside the sealing, so that a long run of the country does not hide who reads what meanwhile.
@app.periodic(cron="*/3 * * * *")
@app.task(name="trust.watch_use", queue="seal", queueing_lock="trust.watch_use", pass_context=False)
@charged(Permission.READ_ALERT)
def watch_use(timestamp: int) -> None:
    """Raise alerts of unusual use from what is new in the log."""
    watch(by=system("watch"))


@app.task(name="trust.count_breach", queue="bulk")
@charged(Permission.HANDLE_BREACH)
def count_breach(breach_id: str) -> None:
    """Take from the log whom a breach concerns."""
    breaching.count_breach(UUID(breach_id), by=system("breach"))
