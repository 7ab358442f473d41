"""Ends the membership of somebody who leaves a household."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.registry import queries
from amparo.registry.models import Household, Membership
from amparo.registry.types import FactsChanged, Leaving
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission


@transaction.atomic
def leave(
    household_id: UUID,
    person_id: UUID,
    *,
    why: Leaving,
    to: UUID | None = None,
    by: Actor,
    on: date,
    under: Ground,
) -> None:
    """Note that somebody lived in a household until a day: they died, left, or moved `to` another in the actor's areas.

    What is known of them stays. The households are decided again at once (FactsChanged). Raises NotFound for who does not
    live there or lies outside the actor's areas, Refused for a day before they came or that is still to come.
    """
    by = by.narrowed(Permission.REGISTER)
    if (why is Leaving.MOVED) != (to is not None) or to == household_id:
        raise Refused("registry-leaving-where")
    homes = [queries.locked_household(each, by=by) for each in sorted({household_id, *([to] if to else [])})]
    _expect_lives(person_id, household_id, homes, by=by, on=on)
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT amparo_leave(%s, %s, %s, %s, %s)", [person_id, household_id, on, to, why is Leaving.DIED]
        )
    [home] = [each for each in homes if each.id == household_id]
    record(
        Event.MEMBER_LEFT,
        by=by,
        under=under,
        about_kind="household",
        about_id=household_id,
        area_number=home.area_number,
        persons=[str(person_id)],
        why=why.value,
        on=on.isoformat(),
        **({"households": [str(to)]} if to else {}),
    )
    announce(FactsChanged([each.id for each in homes], on))


def _expect_lives(person_id: UUID, household_id: UUID, homes: Sequence[Household], *, by: Actor, on: date) -> None:
    """Refuse who does not live there, is of somebody erased, or leaves on a day on which nobody can have left."""
    rows = Membership.objects.filter(household_id=household_id, person_id=person_id, ends_on=None)
    held = within(rows, by).select_related("person").first()
    if held is None or any(each.ended_on for each in homes):
        raise NotFound("registry-person-unknown")
    if any(each.erased_on for each in (*homes, held.person)):
        raise Refused("registry-erased")
    if not held.starts_on <= on <= clock.today():
        raise Refused("registry-leaving-day")
