"""What programmes do when the registry learns something."""

from functools import partial

from django.db import transaction

from amparo.kernel import clock
from amparo.programmes.actions import determine_household
from amparo.programmes.config import GROUND
from amparo.programmes.tasks import decide_delivered, decide_homes
from amparo.registry.types import BatchRecorded, FactsChanged
from amparo.trust.types import system
from amparo.trust.types.erasures import PersonsErased


def decide_again(event: FactsChanged) -> None:
    """Decide again about households whose facts changed, in the same transaction, so that no page shows both.

    Decisions are of today, whatever day the facts are of. A broken rule undoes the change too: the officer is told, and
    nobody lives on with a decision that the facts no longer bear out.
    """
    for each in event.household_ids:
        determine_household(each, by=system("facts-changed"), under=GROUND, on=clock.today())


def decide_about_delivered(event: BatchRecorded) -> None:
    """Have the worker decide again about the households of a batch, as soon as it is committed."""
    transaction.on_commit(partial(decide_delivered.defer, delivery_id=event.delivery_id), using="bulk")


def decide_about_homes(event: PersonsErased) -> None:
    """Have the worker decide again about homes in which somebody was erased: what was known of them is unknown now."""
    if event.household_ids:
        decide_homes.defer(household_ids=[str(each) for each in event.household_ids])
