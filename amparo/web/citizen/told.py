"""What other programmes tell of somebody, as the page shows it: from whom, how old the word is, and how it is disputed."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest

from amparo.kernel import clock
from amparo.kernel.dates import Month
from amparo.kernel.errors import NotFound
from amparo.kernel.messages import Message
from amparo.kernel.money import Money
from amparo.programmes.queries import OwnBenefit, own_benefits
from amparo.registry.insight import Relation
from amparo.trust.modes import is_on
from amparo.trust.types import Permission
from amparo.trust.types.modes import Part
from amparo.web import presenting


@dataclass(frozen=True)
class Told:
    """One line. `amount` None: not told, or not shown, where it is the household's; `query`: what a dispute names it by."""

    benefit: OwnBenefit
    source: Message | str
    amount: Money | None
    month: Month
    age: Message
    is_stale: bool
    query: str


def told(request: HttpRequest) -> list[Told] | None:
    """Return what other programmes tell; None where this installation hears none, and of a child who lives elsewhere."""
    if not is_on(Part.FEEDS) or request.relation is Relation.CHILD_ELSEWHERE:
        return None
    today, by = clock.today(), request.actor.narrowed(Permission.SEE_OWN)
    return [_line(each, today) for each in own_benefits(by=by)]


def _line(each: OwnBenefit, today: date) -> Told:
    amount = each.amount_minor
    return Told(
        benefit=each,
        source=presenting.worded(f"feed-{each.feed}", each.feed),
        amount=None if amount is None else Money(amount, each.currency, each.decimals),
        month=Month(each.period),
        age=presenting.ago(each.told_on, today),
        is_stale=each.is_stale(today),
        query=urlencode({"feed": each.feed, "scheme": each.scheme}),
    )


def told_once(request: HttpRequest, feed: str, scheme: str) -> OwnBenefit:
    """Return what a system tells them of a programme, to be disputed. Raises NotFound for what is not told to them."""
    for each in told(request) or ():
        if (each.benefit.feed, each.benefit.scheme) == (feed, scheme):
            return each.benefit
    raise NotFound("programmes-benefit-unknown")
