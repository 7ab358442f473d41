"""Four eyes are two people's, not two accounts': the one question to ask wherever maker and checker must differ.

Accounts of one human being share `Account.human`, as administrators have bound them. The database asks the same question
again with `amparo_human` (migration 0014), so that no page or job can pass it by.
Nulls   None is nobody, and the same as nobody; an id that is no account's (the system, what was erased) is a human of its own
"""

from collections.abc import Iterable
from uuid import UUID

from amparo.trust.models import Account
from amparo.trust.types import Actor


def is_same_human(by: Actor, *others: UUID | None, using: str = "default") -> bool:
    """Whether whoever acts also holds one of these accounts."""
    known = humans({by.id, *filter(None, others)}, using=using)
    return any(known[each] == known[by.id] for each in others if each)


def humans(accounts: Iterable[UUID], *, using: str = "default") -> dict[UUID, UUID]:
    """Return account → the human being it is of, by which two of one are known."""
    wanted = set(accounts)
    bound = Account.objects.using(using).filter(id__in=wanted).exclude(human=None).values_list("id", "human")
    return {each: each for each in wanted} | dict(bound)


def accounts_of_same(account: UUID) -> list[Account]:
    """Return all accounts of the human being that this one is of, this one first, then by name."""
    human = humans([account])[account]
    rows = Account.objects.filter(id__in=[account, human]) | Account.objects.filter(human=human)
    return sorted(rows, key=lambda each: (each.id != account, each.display_name, each.username))
