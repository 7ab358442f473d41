"""What programmes do when the registry learns something."""

from amparo.kernel import clock
from amparo.programmes.actions import determine_household
from amparo.programmes.config import GROUND
from amparo.registry.types import FactsChanged
from amparo.trust.types import system


def decide_again(event: FactsChanged) -> None:
    """Decide again about households whose facts changed, in the same transaction, so that no page shows both.

    Decisions are of today, whatever day the facts are of. A broken rule undoes the change too: the officer is told, and
    nobody lives on with a decision that the facts no longer bear out.
    """
    for each in event.household_ids:
        determine_household(each, by=system("facts-changed"), under=GROUND, on=clock.today())
