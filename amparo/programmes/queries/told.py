"""What other programmes' systems tell of a citizen, as they may be told it: from whom, since when, how much, and how old the word is.

Shape   one row per system and programme out, those that are live first; of each what was told last
Units   minor units of the benefit's own currency, per month
Nulls   an amount that nobody told is not zero, and one that is not the citizen's to know is not shown: both are None
Errors  NotFound where the citizen may not look
Source  docs/decisions/0023-what-a-citizen-sees.md: of other adults of the household one sees the name. So of a benefit of the whole
        household that is told of another, only that the household receives it
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from amparo.kernel.dates import months_between
from amparo.programmes.overlapping import TOLD_MONTHS
from amparo.programmes.types import BenefitKind, BenefitStatus, PaymentTold, Receiver
from amparo.registry.insight import Relation
from amparo.registry.own import expect_own, near, own_units
from amparo.trust.log.tracker import note_look
from amparo.trust.types import Actor, Permission

_TOLD_OF = (Relation.SELF, Relation.CHILD, Relation.MANDATE)
_COLUMNS = (
    "whose, scheme, feed, since, period, status, kind, amount_minor, currency, decimals, payment, receiver, told_on"
)


@dataclass(frozen=True)
class OwnBenefit:
    """What one system told last of one programme. `is_own` False: it is the household's, and told of somebody else of it."""

    scheme: str
    feed: str
    is_own: bool
    since: date
    period: date
    status: BenefitStatus
    kind: BenefitKind
    amount_minor: int | None
    currency: str
    decimals: int
    payment: PaymentTold | None
    receiver: Receiver | None
    told_on: date

    @property
    def is_live(self) -> bool:
        return self.status in (BenefitStatus.ENROLLED, BenefitStatus.SUSPENDED)

    def is_stale(self, on: date) -> bool:
        """Whether so many months passed since that it is not known whether it is still so."""
        return months_between(self.period, on) >= TOLD_MONTHS


def own_benefits(*, by: Actor) -> list[OwnBenefit]:
    """Return what other programmes told of whom the citizen looks at; of a child who lives elsewhere, and who is in danger, nothing."""
    around = near(by)
    relation = expect_own(by, around)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM amparo_own_benefits() ORDER BY scheme, feed, told_on DESC")
        rows = cursor.fetchall()
    note_look(by.narrowed(Permission.SEE_OWN), part="benefits")
    if relation not in _TOLD_OF:
        return []
    # The program's own gate, whatever the database let through: theirs, or of the household that they see.
    homes = {each for each in own_units(by) if around.relations.get(each) is Relation.HOME}
    found = [_told(row, is_own=row[0] == by.concerning) for row in rows if row[0] == by.concerning or row[0] in homes]
    return sorted(found, key=lambda each: not each.is_live)


def _told(row: tuple, *, is_own: bool) -> OwnBenefit:
    _, scheme, feed, since, period, status, kind, amount, currency, decimals, payment, receiver, told_on = row
    return OwnBenefit(
        scheme=scheme,
        feed=feed,
        is_own=is_own,
        since=since,
        period=period,
        status=BenefitStatus(status),
        kind=BenefitKind(kind),
        amount_minor=amount if is_own else None,
        currency=currency,
        decimals=decimals,
        payment=PaymentTold(payment) if is_own and payment else None,
        receiver=Receiver(receiver) if is_own and receiver else None,
        told_on=told_on,
    )
