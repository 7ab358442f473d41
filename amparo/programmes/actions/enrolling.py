"""Enrolment: the registry says who is potentially eligible, the programme decides who takes part.

Shape   one unit, or everybody of a programme and area at once, by one statement
Units   places are units of the programme
Nulls   only a decision in effect that is true admits; unknown admits nobody. A filter that matches nobody enrols nobody
Errors  who may not enrol for the programme, a unit that is not potentially eligible, or takes part already, or for whom no
        place is free, is refused. One place too many is refused by the database too (migrations/0017_enrolment_gates.sql)
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.programmes import models
from amparo.programmes.collecting import collector_sql
from amparo.programmes.enrolment import EnrolmentTerms, Order
from amparo.programmes.reaching import Range, area_of, programme_for
from amparo.programmes.types import Enrolled, EnrolmentState, UnitsEnrolled
from amparo.registry.queries import dictionary
from amparo.trust.log.recording import record
from amparo.trust.scope import inside, where
from amparo.trust.types import Actor, Event, Ground, Permission

# Whoever left is not enrolled again with everybody else before a newer decision; one by one, at once.
_NOT_LEFT = """NOT EXISTS (SELECT FROM programmes_enrolment past WHERE past.programme_id = d.programme_id
    AND past.unit_id = d.unit_id AND past.state = 'ended' AND past.ends_on >= d.on_day)"""
_ELIGIBLE = """
    SELECT d.programme_id, d.grain, d.unit_id, d.household_id, d.area_number, d.amount_minor, d.id AS decision_id,
        d.decided_at, d.rank, held.id AS held_id
    FROM programmes_decision d
    LEFT JOIN programmes_enrolment held
        ON held.programme_id = d.programme_id AND held.unit_id = d.unit_id AND held.state <> 'ended'
    WHERE d.programme_id = %(programme)s AND d.superseded_at IS NULL AND d.state = 'in-effect' AND {granted}
        AND (held.id IS NULL OR held.state = 'waiting' AND held.source = 'own' AND %(state)s = 'enrolled') AND {which}
"""
_FIRST = {
    Order.ARRIVAL: "held.id NULLS LAST, d.decided_at, d.id",
    Order.RANK: "coalesce(held.rank, d.rank) NULLS LAST, held.id NULLS LAST, d.decided_at, d.id",
}
_ADMIT = """
WITH eligible AS MATERIALIZED (SELECT inside.*, {collector} AS collector_id FROM ({eligible}) inside),
added AS (
    INSERT INTO programmes_enrolment (id, programme_id, grain, unit_id, household_id, person_id, recipient_id, alternate_id,
        area_number, source, state, starts_on, amount_minor, decision_id, decided_at, rank)
    SELECT amparo_uuid7(), programme_id, grain, unit_id, household_id, CASE grain WHEN 'person' THEN unit_id END,
        coalesce(%(recipient)s::uuid, collector_id), %(alternate)s::uuid, area_number, 'own', %(state)s, %(on)s,
        amount_minor, decision_id, decided_at, rank
    FROM eligible WHERE held_id IS NULL
    ON CONFLICT (programme_id, unit_id) WHERE state <> 'ended' DO NOTHING
    RETURNING id, household_id, area_number
),
let_in AS (
    UPDATE programmes_enrolment e SET state = %(state)s, starts_on = %(on)s, amount_minor = eligible.amount_minor,
        decision_id = eligible.decision_id, decided_at = eligible.decided_at,
        recipient_id = coalesce(%(recipient)s::uuid, e.recipient_id, eligible.collector_id),
        alternate_id = coalesce(%(alternate)s::uuid, e.alternate_id)
    FROM eligible WHERE e.id = eligible.held_id AND e.state = 'waiting'
    RETURNING e.id, e.household_id, e.area_number
),
admitted AS (SELECT * FROM added UNION ALL SELECT * FROM let_in),
stepped AS (
    INSERT INTO programmes_enrolmentstep (enrolment_id, programme_id, area_number, at, on_day, state, reason, law, by_id, under)
    SELECT id, %(programme)s, area_number, %(now)s, %(on)s, %(state)s, '', '', %(by)s, %(under)s FROM admitted
)
SELECT count(*), count(DISTINCT household_id), min(id::text), min(area_number) FROM admitted
"""


def enrol(
    programme: str,
    unit_id: UUID,
    *,
    by: Actor,
    under: Ground,
    on: date,
    recipient: UUID | None = None,
    alternate: UUID | None = None,
) -> UUID:
    """Enrol one unit on its decision in effect, from a day on; return the enrolment. Whoever waits longer comes first.

    `recipient`, `alternate`  persons who collect; None: whoever the programme states, where it does
    """
    row, terms = programme_for(programme, by)
    by = by.narrowed(Permission.ENROL)
    given = _values(row, EnrolmentState.ENROLLED, by, under, on) | {"recipient": recipient, "alternate": alternate}
    with transaction.atomic(), connections["default"].cursor() as cursor:
        free = _free(cursor, row.id)
        if free is not None and _before(cursor, row.id, unit_id, terms) >= free:
            raise Refused("programmes-no-place", programme=programme)
        found = _admit_one(cursor, given, unit_id, terms, by, "d.outcome")
        _record(Event.UNIT_ENROLLED, row, found, unit_id, by, under, on=on.isoformat())
        announce(UnitsEnrolled(programme, 1, 1, on))
    return UUID(found[2])


def wait(programme: str, unit_id: UUID, *, by: Actor, under: Ground, on: date) -> UUID:
    """Put one unit on the waiting list, in the order that the programme states; return the enrolment.

    Potentially eligible is who is granted, and who is ranked beyond the places of the run.
    """
    row, terms = programme_for(programme, by)
    by = by.narrowed(Permission.ENROL)
    given = _values(row, EnrolmentState.WAITING, by, under, on)
    with transaction.atomic(), connections["default"].cursor() as cursor:
        found = _admit_one(cursor, given, unit_id, terms, by, "(d.outcome OR d.outcome IS FALSE AND d.rank > d.places)")
        _record(Event.UNIT_WAITS, row, found, unit_id, by, under, on=on.isoformat())
    return UUID(found[2])


def enrol_many(
    programme: str,
    *,
    by: Actor,
    under: Ground,
    on: date,
    area: str | None = None,
    units: Collection[UUID] | None = None,
    using: str = "default",
) -> Enrolled:
    """Enrol everybody who is potentially eligible and does not take part; return how many, and in how many households.

    `area`   of those who live there; None: wherever `by` may enrol
    `units`  only these; none of them where it is empty. None: everybody
    Where places are few, first who waits in the programme's order, and as many places stay free as others wait for elsewhere.
    """
    row, terms = programme_for(programme, by)
    by = by.narrowed(Permission.ENROL)
    given = _values(row, EnrolmentState.ENROLLED, by, under, on)
    which, more = _which(by, area_of(terms, area), units)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        found = _admit_many(cursor, given | more, f"{which} AND {_NOT_LEFT}", terms)
        free = _free(cursor, row.id)
        record(
            Event.UNITS_ENROLLED,
            by=by,
            under=under,
            about_kind="programme",
            about_id=programme,
            using=using,
            area=area,
            on=on.isoformat(),
            units=found[0],
            households=found[1],
            free=free,
        )
        announce(UnitsEnrolled(programme, found[0], found[1], on, using))
    return Enrolled(found[0], found[1], free)


def _values(row: models.Programme, state: EnrolmentState, by: Actor, under: Ground, on: date) -> dict[str, Any]:
    return {
        "programme": row.id,
        "state": state.value,
        "on": on,
        "now": clock.now(),
        "by": by.id,
        "under": under.purpose,
        "recipient": None,
        "alternate": None,
    }


def _which(by: Actor, place: Range | None, units: Collection[UUID] | None) -> tuple[str, dict[str, Any]]:
    """Return the condition on whom an act is about, with its values by name."""
    asked = [where(by, of="programmes_decision", row="d")]
    if place is not None:
        asked.append(inside(*place, by, column="d.area_number"))
    if units is not None:
        asked.append(("d.unit_id = ANY (%s::uuid[])", [list(units)]))
    named: dict[str, Any] = {}
    texts = []
    for text, values in asked:
        names = [f"which_{len(named) + number}" for number in range(len(values))]
        named |= dict(zip(names, values, strict=True))
        texts.append(text.replace("%s", "{}").format(*(f"%({name})s" for name in names)))
    return " AND ".join(texts), named


def _admit_one(
    cursor: Any, given: dict[str, Any], unit_id: UUID, terms: EnrolmentTerms, by: Actor, granted: str
) -> tuple[int, int, str, int]:
    which, more = _which(by, area_of(terms, None), [unit_id])
    eligible = _ELIGIBLE.format(granted=granted, which=which)
    cursor.execute(_admit(eligible, terms, using="default"), given | more)
    found = cursor.fetchone()
    if not found[0]:
        raise _not_admitted(given["programme"], unit_id)
    return found


def _not_admitted(programme: int, unit_id: UUID) -> Refused:
    """Return why nobody was admitted: they take part already, or nothing in effect grants them anything."""
    held = models.Enrolment.objects.filter(programme_id=programme, unit_id=unit_id).exclude(state=EnrolmentState.ENDED)
    return Refused("programmes-enrolled-already" if held.exists() else "programmes-not-eligible")


def _admit_many(cursor: Any, given: dict[str, Any], which: str, terms: EnrolmentTerms) -> tuple[int, int, str, int]:
    free = _free(cursor, given["programme"])
    eligible = _ELIGIBLE.format(granted="d.outcome", which=which)
    if free is not None:
        cursor.execute(f"SELECT count(held_id) FROM ({eligible}) inside", given)
        (waiting_here,) = cursor.fetchone()
        waiting_elsewhere = _before(cursor, given["programme"], None, terms) - waiting_here
        eligible += f" ORDER BY {_FIRST[terms.order]} LIMIT %(free)s"
        given |= {"free": max(free - max(waiting_elsewhere, 0), 0)}
    cursor.execute(_admit(eligible, terms, using=cursor.db.alias), given)
    return cursor.fetchone()


def _admit(eligible: str, terms: EnrolmentTerms, *, using: str) -> str:
    return _ADMIT.format(
        eligible=eligible, collector=collector_sql(terms, dictionary(using=using), "inside.household_id")
    )


def _free(cursor: Any, programme: int) -> int | None:
    """Return how many places are free, and hold them until the transaction ends; None: as many as one likes."""
    cursor.execute("SELECT amparo_hold_places(%s::smallint)", [programme])
    return cursor.fetchone()[0]


def _before(cursor: Any, programme: int, unit_id: UUID | None, terms: EnrolmentTerms) -> int:
    """Return how many wait who come before a unit; of no unit, how many wait."""
    asked = [programme, unit_id, terms.order is Order.RANK]
    cursor.execute("SELECT amparo_waiting_before(%s::smallint, %s::uuid, %s)", asked)
    return cursor.fetchone()[0]


def _record(
    event: Event, row: models.Programme, found: tuple, unit_id: UUID, by: Actor, under: Ground, **details: Any
) -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind=row.unit,
        about_id=unit_id,
        area_number=found[3],
        programme=row.code,
        enrolment=found[2],
        **details,
    )
