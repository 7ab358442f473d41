"""Two accounts of one human being, known as such: whatever needs two people, they are never those two."""

from datetime import date
from uuid import UUID

from django.db import transaction

from amparo.kernel.errors import Refused
from amparo.trust.actions.accounts import let_power_wait
from amparo.trust.apart import refuse_apart
from amparo.trust.eyes import accounts_of_same, humans, is_same_human
from amparo.trust.log.recording import record
from amparo.trust.models import Account
from amparo.trust.queries import account_with_id, roles_of
from amparo.trust.types import Actor, Event, Role


@transaction.atomic
def bind_accounts(one: UUID, other: UUID, *, by: Actor, on: date) -> None:
    """Say that two accounts are one human being's, with all that either is bound to.

    Raises Refused for one's own, for what is bound already, and where roles of both stand apart: one must end first.
    """
    _refuse_own(by, one, other)
    known = humans([account_with_id(one).id, account_with_id(other).id])
    if known[one] == known[other]:
        raise Refused("trust-accounts-bound-already")
    both = [*accounts_of_same(one), *accounts_of_same(other)]
    Account.objects.filter(id__in=[each.id for each in both]).exclude(id=known[one]).update(human=known[one])
    for each in both:
        for held in roles_of(each.id, on=on):
            refuse_apart(each.id, Role(held.role), max(on, held.starts_on), held.ends_on, besides=held.id)
    record(Event.ACCOUNTS_BOUND, by=by, about_kind="account", about_id=one, other=str(other))


@transaction.atomic
def part_account(account: UUID, *, by: Actor) -> None:
    """Say that an account is another human being's than those it was bound to; its powerful roles wait for a second person.

    Else one administrator alone could make two people of one.
    """
    _refuse_own(by, account)
    first, *rest = [each for each in accounts_of_same(account_with_id(account).id) if each.id != account] or [None]
    if first is None:
        raise Refused("trust-accounts-not-bound")
    Account.objects.filter(id__in=[account, first.id]).update(human=None)
    Account.objects.filter(id__in=[each.id for each in rest]).update(human=first.id)
    record(Event.ACCOUNTS_PARTED, by=by, about_kind="account", about_id=account)
    let_power_wait(account, by=by)


def _refuse_own(by: Actor, *accounts: UUID) -> None:
    if is_same_human(by, *accounts):
        raise Refused("trust-own-account")
