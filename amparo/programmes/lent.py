"""Whom a programme grants something, where an agreement's population is a programme; and the doors that know them.

Shape   ids of units, persons and households alike: a household's programme reaches everybody who lives in it, a family's
        or couple's whoever is in that
Nulls   what cannot be decided yet is not granted, and what is only proposed is not yet in effect
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID

from django.db import connections

from amparo.programmes.types import EnrolmentState
from amparo.registry.actions import answering, sharing
from amparo.registry.lent_records import holders
from amparo.trust.actions.exchanging import exchange_page
from amparo.trust.covering import Request
from amparo.trust.types import Actor

_UNITS = """
    SELECT decision.unit_id, decision.grain, decision.household_id FROM programmes_decision decision
    JOIN programmes_programme programme ON programme.id = decision.programme_id AND programme.code = %(programme)s
    WHERE decision.outcome AND decision.superseded_at IS NULL AND decision.state = 'in-effect'
"""
# Written a second time for the database's own gate, as a function of one unit (migrations/0011_lent.py): each must hold alone.
GRANTED = f"""
    WITH granted AS ({_UNITS})
    SELECT unit_id FROM granted WHERE grain IN ('person', 'household')
    UNION SELECT member.person_id FROM granted
        JOIN registry_membership member ON member.household_id = granted.unit_id AND member.ends_on IS NULL
        WHERE granted.grain = 'household'
    UNION SELECT member.person_id FROM granted
        JOIN registry_groupmembership member ON member.group_id = granted.unit_id AND member.ends_on IS NULL
        WHERE granted.grain NOT IN ('person', 'household')
    UNION SELECT home.household_id FROM granted
        JOIN registry_membership home ON home.person_id = granted.unit_id AND home.ends_on IS NULL
        WHERE granted.grain = 'person'
    UNION SELECT household_id FROM granted WHERE grain NOT IN ('person', 'household')
"""

# As `registry.actions.sharing.share`, also under agreements about a programme.
share = partial(sharing.share, granted=GRANTED)
# As those of `registry.actions.answering`.
look_up = partial(answering.look_up, granted=GRANTED)
find = partial(answering.find, granted=GRANTED)
tell = partial(answering.tell, granted=GRANTED)

# How person `told.id` stands in the programme, of the enrolments that `amparo_enrolled_lent` weighs: for a digest, never told.
_STANDING = """(SELECT {said} FROM programmes_enrolment e
    JOIN programmes_programme known ON known.id = e.programme_id AND known.code = %(programme)s
    WHERE {which} AND e.unit_id IN (
        SELECT told.id
        UNION SELECT m.household_id FROM registry_membership m WHERE m.person_id = told.id AND m.ends_on IS NULL
        UNION SELECT m.group_id FROM registry_groupmembership m WHERE m.person_id = told.id AND m.ends_on IS NULL)
    ORDER BY e.state = 'ended', e.state = 'waiting', e.starts_on DESC LIMIT 1)"""
STANDING = _STANDING.format(said="concat_ws('|', e.state, e.starts_on, e.ends_on)", which="true")
ENROLLED = _STANDING.format(said="e.starts_on::text", which="e.state IN ('enrolled', 'suspended')")

# Persons whose enrolment, or that of their home or family, took a step since `%(at)s`; a day more, for what was begun before.
STEPPED = """
    WITH stepped AS MATERIALIZED (
        SELECT DISTINCT e.unit_id FROM programmes_enrolmentstep step
        JOIN programmes_enrolment e ON e.id = step.enrolment_id WHERE step.at > %(at)s::timestamptz - interval '1 day')
    SELECT unit_id AS id FROM stepped
    UNION SELECT m.person_id FROM stepped JOIN registry_membership m ON m.household_id = stepped.unit_id AND m.ends_on IS NULL
    UNION SELECT m.person_id FROM stepped JOIN registry_groupmembership m ON m.group_id = stepped.unit_id AND m.ends_on IS NULL
"""
_TAKING_PART = "SELECT person_id, state, starts_on, ends_on FROM amparo_enrolled_lent(%s)"


@dataclass(frozen=True)
class TakesPart:
    """How somebody stands in the programme that an agreement is about. `state` None: they never took part in it."""

    state: EnrolmentState | None
    starts_on: date | None
    ends_on: date | None

    @property
    def is_enrolled(self) -> bool:
        """Whether they take part today: a suspension ends nothing, and a place on a waiting list is none."""
        return self.state in (EnrolmentState.ENROLLED, EnrolmentState.SUSPENDED)


def taking_part(persons: Sequence[UUID]) -> Mapping[UUID, TakesPart]:
    """Return how each stands, of those whom the agreement reaches that the transaction is under; the others are not in it."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKING_PART, [list(persons)])
        return {
            person: TakesPart(EnrolmentState(state) if state else None, starts_on, ends_on)
            for person, state, starts_on, ends_on in cursor.fetchall()
        }


def enrolled(
    agreement: UUID, request: Request, numbers: Sequence[tuple[str, str]], *, by: Actor, on: date
) -> list[bool | None]:
    """Return of each (scheme, number) whether its holder takes part in the agreement's programme; None: nobody in reach has it.

    Nothing else of them is told. Raises NotCovered as `exchange_page` does.
    """
    with exchange_page(agreement, request, by=by, on=on, of_day=True) as page:
        by_place = holders(numbers, page.keys)
        told = taking_part(list(set(by_place.values())))
        page.records, page.about, page.covered = len(told), {"persons": list(told)}, replace(page.covered, fields=())
        found = [told.get(by_place.get(place)) for place in range(1, len(numbers) + 1)]
        return [each.is_enrolled if each else None for each in found]
