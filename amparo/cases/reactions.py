"""What cases do when programmes or payments announce something, and what payments are told of an appeal.

Payments stand below and know no case: what an executed appeal owes is asked of them here.
"""

from contextlib import suppress
from functools import partial

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from amparo.cases import actions
from amparo.cases.config import Trigger
from amparo.cases.queries.transitions import is_any_stated
from amparo.cases.tasks import look_at_delivery, look_at_homes, look_at_match, tend
from amparo.cases.types import AppealExecuted
from amparo.kernel import clock
from amparo.payments import actions as payments
from amparo.payments.types import HeldDecided, HeldOver, PaymentsHeld
from amparo.programmes.types import BenefitsMatched, BenefitsTold, ConditionFollowed, DecisionsMade, OverlapsClassed
from amparo.registry.types import BatchRecorded, FactsChanged
from amparo.sources.types import UpdateTaken
from amparo.trust.modes import is_on
from amparo.trust.types import system
from amparo.trust.types.modes import Part


def look_for_reviews(event: DecisionsMade) -> None:
    """Have the worker open what waits as soon as a run's decisions are committed; of single households the hour does it."""
    if event.run is not None and any(each.review for each in event.counts.values()):
        transaction.on_commit(_tend_soon, using="bulk")


def look_after_update(event: UpdateTaken) -> None:
    """Have the worker open at once what an institution's word made wait for a person, not at the hour."""
    transaction.on_commit(_tend_soon)


def open_incompatible(event: OverlapsClassed) -> None:
    actions.open_overlaps(event.sql, on=event.on, by=system("cases"))


def open_visits(event: ConditionFollowed) -> None:
    actions.open_visits(
        event.programme, event.category, visits=event.visits, over=event.over, on=event.on, by=system("cases")
    )


def _tend_soon() -> None:
    with suppress(AlreadyEnqueued):  # then it finds these too
        tend.defer(timestamp=0)


def owe_arrears(event: AppealExecuted) -> None:
    """Have what lists lack since the decision's day come into the programme's next list; told again, nothing more."""
    payments.owe_arrears(
        event.programme,
        event.unit_id,
        case=event.case,
        decision=event.decision,
        since=event.since,
        until=event.until,
        by=system("appeal"),
        under=event.under,
    )


def open_held(event: PaymentsHeld) -> None:
    actions.open_held(event.list_id, event.programme, by=system("cases"))


def close_decided(event: HeldDecided) -> None:
    actions.close_decided(event.payment_id, pays=event.pays, decided_by=event.by, by=system("cases"))


def close_over(event: HeldOver) -> None:
    actions.close_over(event.lists, by=system("cases"))


def look_at_changed(event: FactsChanged) -> None:
    """Have the worker look whether what changed in a home is a transition. Part of the transaction in which it changed."""
    if is_on(Part.OPERATIONS) and is_any_stated():
        look_at_homes.defer(household_ids=[str(each) for each in event.household_ids])


def look_at_delivered(event: BatchRecorded) -> None:
    """The same of a batch, as soon as it is committed."""
    if is_on(Part.OPERATIONS) and is_any_stated(using="bulk"):
        transaction.on_commit(partial(look_at_delivery.defer, delivery_id=event.delivery_id), using="bulk")


def open_told(event: BenefitsTold) -> None:
    actions.open_told(event.sql, on=clock.today(), by=system("cases"))


def look_at_matched(event: BenefitsMatched) -> None:
    """Have the worker look what begins for whom a system told of before anybody knew who that was. Part of the decision's transaction."""
    if is_any_stated(Trigger.TOLD):
        look_at_match.defer(beneficiary_id=str(event.beneficiary))
