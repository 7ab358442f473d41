"""The first gate to cases: the actor's areas, and of what is sensitive only what one of their roles there may see.

Nulls   a sensitive case whose category names no role is seen by the system alone
"""

from django.db.models import Q, QuerySet

from amparo.cases import models
from amparo.trust.scope import within
from amparo.trust.types import PERMISSIONS, Actor, ActorKind, Grant


def seen(by: Actor) -> QuerySet[models.Case]:
    """Return the cases that an officer or the system may see under the permission they act on."""
    rows = within(models.Case.objects.select_related("category"), by)
    if by.kind is ActorKind.SYSTEM:
        return rows
    condition = Q(is_sensitive=False)
    for each in by.grants:
        if by.permission in PERMISSIONS[each.role]:
            condition |= Q(category__roles__contains=[each.role.value]) & _place(each)
    return rows.filter(condition)


def _place(grant: Grant) -> Q:
    """Return where a grant reaches: two roles over two places do not lend each other what they see."""
    if not grant.scope.is_of_areas:
        return Q()
    condition = Q(pk__in=[])
    for first, last in grant.scope.reached:
        condition |= Q(area_number__range=(first, last))
    return condition


def own(by: Actor) -> QuerySet[models.Case]:
    """Return the cases that a citizen sees of whom they look at: those they were told of; what is sensitive, of themselves only."""
    rows = models.Case.objects.filter(person_id=by.concerning).exclude(told_at=None)
    rows = rows if by.concerning == by.person else rows.filter(is_sensitive=False)
    return rows.defer("area_number", "household_id", "enrolment_id", "payment_id", "filed_by", "owner", "effect").defer(
        "escalated_at", "escalated_to", "has_gap"
    )
