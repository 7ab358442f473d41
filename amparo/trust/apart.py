"""Roles that one human being never holds at the same time, with whichever of their accounts."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.trust.eyes import accounts_of_same
from amparo.trust.models import Account, Citizen, Delegation, RoleAssignment
from amparo.trust.types import Role, stand_apart


def refuse_apart(account_id: UUID, role: Role, on: date, until: date | None, *, besides: int | None = None) -> None:
    """Refuse a role that one human being would at some time hold together with one it must stand apart from.

    An account that is a citizen's own gets none. Looked at are all their accounts, and what was handed to these for some days. `besides` is an assignment of their own.
    """
    if Citizen.objects.filter(account_id=account_id).exists():
        raise Refused("trust-account-of-citizen")
    accounts = [each.id for each in accounts_of_same(account_id)]
    # Held for this transaction, so that two administrators at once do not give what neither would give alone.
    list(Account.objects.select_for_update().filter(id__in=accounts).order_by("id"))
    held = RoleAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), account_id__in=accounts)
    lent = Delegation.objects.filter(ended_at=None, ends_on__gte=on, to_id__in=accounts)
    if until is not None:
        held, lent = held.filter(starts_on__lte=until), lent.filter(starts_on__lte=until)
    roles = [*held.exclude(id=besides).values_list("role", flat=True), *lent.values_list("assignment__role", flat=True)]
    for each in roles:
        if stand_apart(role, Role(each)):
            words = [message(f"trust-role-{name}") for name in (role.value, each)]
            raise Refused("trust-roles-apart", role=words[0], held=words[1])
