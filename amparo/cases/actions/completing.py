"""What a household says of itself in a form that was filled in for it: recorded as its own word, and what it disputes looked into.

Units   of the day on which it was said
Nulls   what was left open stays unknown: nothing is recorded of it
Errors  NotFound outside the actor's areas; NotPermitted for a field that they may not read
Source  requirement REG-3; docs/decisions/0051-filled-in-and-disputed.md

What a source said is not touched: it stays the source's word, and which of the two holds is for the table of precedence.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.cases import models
from amparo.cases.beginning import Filing, begin
from amparo.cases.types import Case, Channel, Dispute, Kind, Linked, Said
from amparo.registry import queries as registry
from amparo.registry.actions import observe
from amparo.trust.types import Actor, Ground, Permission


@transaction.atomic
def complete(
    household_id: UUID,
    told: Mapping[UUID, Mapping[str, Any]],
    disputes: Sequence[Dispute],
    *,
    by: Actor,
    on: date,
    under: Ground,
) -> list[Case]:
    """Record whose → field → value as the household's own word, and open a case of each thing that it says is wrong."""
    if any(told.values()):
        observe(
            household_id,
            values=told.get(household_id, {}),
            members={id: said for id, said in told.items() if id != household_id and said},
            source=registry.own_word(),
            by=by.narrowed(Permission.REGISTER),
            on=on,
            under=under,
        )
    return [_opened(household_id, each, by=by, on=on, under=under) for each in disputes]


def _opened(household_id: UUID, dispute: Dispute, *, by: Actor, on: date, under: Ground) -> Case:
    """Open a correction about whom it concerns: what the source said stands where its word stands, and not here."""
    by = by.narrowed(Permission.OPEN_CASE)
    registry.household(household_id, by=by, under=under).member(dispute.person)
    said = Said(dispute.why, {"disputed_field": dispute.field, "disputed_source": dispute.source})
    rows = models.Category.objects.filter(kind=Kind.CORRECTION.value, withdrawn_at=None)
    category = rows.order_by("position").first()
    linked = Linked(person=dispute.person, household=household_id)
    filing = Filing(category.code if category else "", said, Channel.COUNTER, linked)
    return begin(category, filing, by=by, under=under, on=on, kind=Kind.CORRECTION)
