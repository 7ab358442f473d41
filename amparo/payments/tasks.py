"""Background jobs of payments: what reaches a whole list, begun by a person or by the clock."""

from uuid import UUID

from procrastinate.contrib.django import app

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.payments import actions
from amparo.payments.config import GROUND
from amparo.trust.queries import actor_with_id
from amparo.trust.stage import is_live
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged
from amparo.trust.types.modes import Part


@app.task(name="payments.settle", queue=Part.OPERATIONS.value)
@charged(Permission.RECONCILE_PAYMENTS)
def settle_return(return_id: str, by_id: str) -> None:
    """Hold a file that came back against its list; that it contradicts what is known is its own outcome."""
    by = actor_with_id(UUID(by_id), on=clock.today(), job="payments")
    actions.settle(UUID(return_id), by=by, under=GROUND)


@app.task(name="payments.override", queue=Part.OPERATIONS.value)
@charged(Permission.RECONCILE_PAYMENTS)
def override_return(return_id: str, by_id: str) -> None:
    """Let count what of a refused file contradicts nothing."""
    by = actor_with_id(UUID(by_id), on=clock.today(), job="payments")
    actions.override(UUID(return_id), by=by, under=GROUND)


@app.task(name="payments.prepare", queue=Part.OPERATIONS.value)
@charged(Permission.PREPARE_PAYMENTS, Permission.WORK_CASE)
def prepare_list(programme: str, cycle: str, by_id: str) -> None:
    """Make a list; what refuses it, a refusal of the page's own has told before, or another was faster."""
    by = actor_with_id(UUID(by_id), on=clock.today(), job="payments")
    try:
        actions.prepare(programme, cycle, by=by, under=GROUND, on=clock.today())
    except Refused:
        return


@app.task(name="payments.propose", queue=Part.OPERATIONS.value)
@charged(Permission.PREPARE_PAYMENTS)
def propose_list(list_id: str, by_id: str) -> None:
    """Let a list stand; what refuses it leaves it as it was."""
    by = actor_with_id(UUID(by_id), on=clock.today(), job="payments")
    try:
        actions.propose(UUID(list_id), by=by, under=GROUND)
    except Refused:
        return


@app.task(name="payments.withdraw", queue=Part.OPERATIONS.value)
@charged(Permission.PREPARE_PAYMENTS, Permission.WORK_CASE)
def withdraw_list(list_id: str, by_id: str) -> None:
    """Take a list back; what refuses it leaves it as it was."""
    by = actor_with_id(UUID(by_id), on=clock.today(), job="payments")
    try:
        actions.withdraw(UUID(list_id), by=by, under=GROUND)
    except Refused:
        return


@app.task(name="payments.send", queue=Part.OPERATIONS.value)
@charged(Permission.EXPORT_PAYMENTS)
def send_list(list_id: str, by_id: str) -> None:
    """Enter the parts of a list that goes by itself; what refuses it leaves it as it was."""
    by = actor_with_id(UUID(by_id), on=clock.today(), job="payments")
    try:
        actions.send(UUID(list_id), by=by, under=GROUND)
    except Refused:
        return


@app.periodic(cron="* * * * *")
@app.task(name="payments.dispatch", queue=Part.OPERATIONS.value, queueing_lock="payments.dispatch", pass_context=False)
@charged(Permission.EXPORT_PAYMENTS, Permission.RECONCILE_PAYMENTS)
def dispatch(timestamp: int) -> None:
    """Hand over what is due, ask about what was, and count in what was said. A trial pays nobody."""
    if is_live(using="bulk"):
        actions.dispatch(by=system("payments"))
        actions.settle_told(by=system("payments"), under=GROUND)


@app.periodic(cron="23 4 * * *")
@app.task(
    name="payments.apply_defaults",
    queue=Part.OPERATIONS.value,
    queueing_lock="payments.apply_defaults",
    pass_context=False,
)
@charged(Permission.PREPARE_PAYMENTS, Permission.WORK_CASE)
def apply_defaults(timestamp: int) -> None:
    """Let the programmes' defaults decide about what was held until yesterday."""
    actions.apply_defaults(on=clock.today(), by=system("payments"))
