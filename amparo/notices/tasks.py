"""Background jobs of notices."""

from procrastinate.contrib.django import app

from amparo.notices import actions
from amparo.trust.stage import is_live
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged


@app.periodic(cron="* * * * *")
@app.task(name="notices.send", queue="bulk", queueing_lock="notices.send", pass_context=False)
@charged(Permission.SEND_NOTICES)
def send(timestamp: int) -> None:
    """Hand over what is due. A trial tells real people nothing."""
    if is_live(using="bulk"):
        actions.send_warnings(by=system("notices"))
        actions.send(by=system("notices"))
