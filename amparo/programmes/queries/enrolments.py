"""Reads of enrolments: who is potentially eligible and takes no part, who takes part, who waits; and who is payable.

Shape   one row per enrolment; `payable_sql` the one statement by which payments find whom to pay
Units   amounts in minor units per payment period
Nulls   an amount that is not known is listed apart, and never paid as zero
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import models
from amparo.programmes.enrolment import CollectorKind, EnrolmentTerms, restored
from amparo.programmes.queries.decisions import Listed, decisions_in
from amparo.programmes.reaching import programme_for, within_area
from amparo.programmes.types import CollectorChange, Enrolment, EnrolmentNotice, EnrolmentState, EnrolmentStep, State
from amparo.programmes.withholding import expect_decisions
from amparo.registry.own import own_units
from amparo.registry.queries import all_groups_of, members_at
from amparo.trust.log.recording import record
from amparo.trust.log.tracker import note_look
from amparo.trust.scope import inside, where, within
from amparo.trust.types import Actor, Event, Ground, Permission

PAGE = 50
Place = tuple[int, UUID]


@dataclass(frozen=True)
class ListedEnrolment:
    """One line of a list of enrolments, with the household's number; None of who is known only to a programme.

    `exit_is_proposed`  a decision is in effect that grants nothing any more: a person decides what follows
    """

    enrolment: Enrolment
    number: int | None
    exit_is_proposed: bool

    @property
    def place(self) -> Place:
        return self.enrolment.area_number, self.enrolment.id


@dataclass(frozen=True)
class Places:
    """How many places a programme has, and how many are taken."""

    places: int
    taken: int

    @property
    def free(self) -> int:
        return max(self.places - self.taken, 0)


def terms_of(programme: str) -> EnrolmentTerms:
    """Return how a programme enrols. Raises NotFound for an unknown or withdrawn one."""
    row = models.Programme.objects.filter(code=programme, withdrawn_at=None).first()
    if row is None:
        raise NotFound("programmes-enrolment-programme-unknown", programme=programme)
    return restored(row.enrolment)


def may_enrol(programme: str, *, by: Actor) -> bool:
    """Whether somebody decides who takes part in a programme: who runs it, or, where it lets them, who works for an area."""
    try:
        programme_for(programme, by)
    except Refused:
        return False
    return True


def potentially_eligible(
    programme: str,
    first: int,
    last: int,
    *,
    by: Actor,
    under: Ground,
    after: Place | None = None,
    at_most: int = PAGE,
) -> list[Listed]:
    """Return a page of who is granted a programme by a decision in effect, and neither takes part nor waits."""
    area = within_area(terms_of(programme), first, last)
    told = {"by": by, "under": under, "after": after, "at_most": at_most}
    return decisions_in(programme, *area, outcomes=(True,), not_enrolled=True, **told)


def places_of(programme: str) -> Places | None:
    """Return a programme's places; None where there are as many as one likes."""
    row = models.Capacity.objects.filter(programme__code=programme).first()
    return Places(row.places, row.taken) if row else None


def enrolment(id: UUID, *, by: Actor, under: Ground) -> Enrolment:
    """Return an enrolment with its steps and notices. Raises NotFound also where it lies outside the actor's reach."""
    row = within(_rows().filter(id=id), by).first()
    if row is None:
        raise NotFound("programmes-enrolment-unknown")
    expect_decisions(by.classes_at(row.area_number))
    _record_read([row], by, under)
    return enrolment_of(row, has_history=True)


def enrolments_of_household(household_id: UUID, *, by: Actor, under: Ground) -> list[Enrolment]:
    """Return the enrolments of a household, its groups and its present members, those that stand first."""
    people = within(members_at(household_id), by).values_list("person_id", flat=True)
    units = [household_id, *all_groups_of(household_id, by=by), *people]
    rows = list(within(_rows().filter(unit_id__in=units), by).order_by("ends_on", "programme__position", "-id"))
    expect_decisions(by.classes)
    _record_read(rows, by, under)
    return [enrolment_of(each) for each in sorted(rows, key=lambda each: each.state == EnrolmentState.ENDED)]


def own_enrolments(*, by: Actor) -> list[Enrolment]:
    """Return the enrolments of whom the citizen looks at, without who acted: those that stand first."""
    rows = models.Enrolment.objects.select_related("programme").filter(unit_id__in=own_units(by))
    hidden = rows.defer("area_number", "recipient_id", "alternate_id", "rank")
    found = [_own(each) for each in hidden.order_by("programme__position", "-id")]
    note_look(by.narrowed(Permission.SEE_OWN), part="enrolments")
    return sorted(found, key=lambda each: each.state is EnrolmentState.ENDED)


def enrolments_in(
    programme: str,
    first: int,
    last: int,
    *,
    by: Actor,
    under: Ground,
    states: Sequence[EnrolmentState],
    after: Place | None = None,
    at_most: int = PAGE,
) -> list[ListedEnrolment]:
    """Return a page of a programme's enrolments in a range of areas, by area and age. One audit row names everybody on it."""
    expect_decisions(by.classes)
    condition, scope = where(by, of="programmes_enrolment", row="e")
    place, ends = inside(*within_area(terms_of(programme), first, last), by, column="e.area_number")
    beyond = "AND (e.area_number, e.id) > (%s, %s)" if after else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _LISTED.format(condition=condition, place=place, beyond=beyond),
            [programme, [each.value for each in states], *ends, *scope, *(after or ()), at_most],
        )
        told = {id: (number, is_refused) for id, number, is_refused in cursor.fetchall()}
    rows = within(_rows().filter(id__in=told), by)
    listed = sorted((ListedEnrolment(enrolment_of(row), *told[row.id]) for row in rows), key=lambda each: each.place)
    record(
        Event.ENROLMENTS_LISTED,
        by=by,
        under=under,
        about_kind="programme",
        about_id=programme,
        area_number=first,
        units=[str(each.enrolment.unit_id) for each in listed],
        households=sorted({str(each.enrolment.household_id) for each in listed if each.enrolment.household_id}),
    )
    return listed


_LISTED = """
    SELECT e.id, h.number, EXISTS (SELECT FROM programmes_decision d WHERE d.unit_id = e.unit_id
        AND d.programme_id = e.programme_id AND d.superseded_at IS NULL AND d.state = 'in-effect' AND d.outcome IS FALSE)
    FROM programmes_enrolment e LEFT JOIN registry_household h ON h.id = e.household_id
    WHERE e.programme_id = (SELECT id FROM programmes_programme WHERE code = %s) AND e.state = ANY (%s)
        AND {place} AND {condition} {beyond}
    ORDER BY e.area_number, e.id LIMIT %s
"""

# A person is paid where they live today; the amount is that of the decision in effect, and else the one they were enrolled on.
_PAYABLE = """
    SELECT e.id AS enrolment, e.programme_id AS programme, e.unit_id AS unit,
        coalesce(home.household_id, e.household_id) AS household, e.person_id AS person, e.recipient_id AS recipient,
        CASE WHEN d.id IS NULL THEN e.amount_minor ELSE d.amount_minor END AS amount_minor, e.area_number
    FROM programmes_enrolment e
    LEFT JOIN programmes_decision d ON d.programme_id = e.programme_id AND d.unit_id = e.unit_id
        AND d.superseded_at IS NULL AND d.state = 'in-effect' AND d.outcome
    LEFT JOIN registry_membership home ON home.person_id = e.person_id AND home.ends_on IS NULL
    WHERE e.programme_id = (SELECT id FROM programmes_programme WHERE code = %s) AND e.state = 'enrolled' AND e.starts_on <= %s
        AND CASE WHEN d.id IS NULL THEN e.amount_minor ELSE d.amount_minor END IS {known} NULL
        AND {place} AND {condition}
"""


def payable_sql(
    programme: str, day: date, *, by: Actor, area: tuple[int, int] | None = None, is_known: bool = True
) -> tuple[str, list[Any]]:
    """Return the SELECT of who is enrolled on a day with a known amount, and its values, for one more statement around it.

    Columns: enrolment, programme, unit, household, person, recipient, amount_minor, area_number. Who waits or is suspended
    is not in it. With `is_known` False, those whose amount is not known, or who are given none: to be listed, never paid.
    """
    condition, scope = where(by, of="programmes_enrolment", row="e")
    place, ends = ("true", []) if area is None else inside(*area, by, column="e.area_number")
    statement = _PAYABLE.format(known="NOT" if is_known else "", place=place, condition=condition)
    return statement, [programme, day, *ends, *scope]


def exits_proposed(programme: str, first: int, last: int, *, by: Actor) -> int:
    """Return how many who take part in a range of areas are granted nothing any more by a decision in effect."""
    condition, scope = where(by, of="programmes_decision", row="d")
    place, ends = inside(first, last, by, column="d.area_number")
    with connection.cursor() as cursor:
        cursor.execute(_EXITS.format(place=place, condition=condition), [programme, State.IN_EFFECT, *ends, *scope])
        return cursor.fetchone()[0]


_EXITS = """
    SELECT count(*) FROM programmes_decision d JOIN programmes_enrolment e
        ON e.programme_id = d.programme_id AND e.unit_id = d.unit_id AND e.state <> 'ended' AND e.source = 'own'
    WHERE d.programme_id = (SELECT id FROM programmes_programme WHERE code = %s) AND d.superseded_at IS NULL
        AND d.state = %s AND d.outcome IS FALSE AND {place} AND {condition}
"""


def held_enrolment(programme: str, unit_id: UUID) -> UUID:
    """Return the enrolment that a unit has in a programme or waits with. Raises NotFound where it has none in reach."""
    rows = models.Enrolment.objects.filter(programme__code=programme, unit_id=unit_id)
    id = rows.exclude(state=EnrolmentState.ENDED.value).values_list("id", flat=True).first()
    if id is None:
        raise NotFound("programmes-enrolment-unknown")
    return id


def enrolment_of(row: models.Enrolment, *, has_history: bool = False) -> Enrolment:
    return Enrolment(
        id=row.id,
        programme=row.programme.code,
        unit=row.grain,
        unit_id=row.unit_id,
        household_id=row.household_id,
        person_id=row.person_id,
        recipient_id=row.recipient_id,
        alternate_id=row.alternate_id,
        area_number=row.area_number,
        source=row.source,
        state=EnrolmentState(row.state),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        suspended_until=row.suspended_until,
        amount=row.amount_minor,
        decision=row.decision_id,
        steps=tuple(map(_step, row.steps.order_by("id"))) if has_history else (),
        notices=tuple(map(_notice, row.notices.order_by("id"))) if has_history else (),
        collectors=tuple(map(_change, row.collectors.order_by("-id"))) if has_history else (),
    )


def _step(row: models.EnrolmentStep) -> EnrolmentStep:
    state = EnrolmentState(row.state)
    return EnrolmentStep(row.at, row.on_day, state, row.reason, row.law, row.by_id, row.until)


def _notice(row: models.EnrolmentNotice) -> EnrolmentNotice:
    return EnrolmentNotice(
        id=row.id,
        state=EnrolmentState(row.state),
        reason=row.reason,
        law=row.law,
        until=row.until,
        needs_review=row.needs_review,
        given_on=row.given_on,
        given_by=row.given_by,
        takes_effect_on=row.takes_effect_on,
        confirmed_by=row.confirmed_by,
        is_withdrawn=row.withdrawn_at is not None,
        took_effect_at=row.took_effect_at,
    )


def _change(row: models.CollectorChange) -> CollectorChange:
    return CollectorChange(
        row.id,
        CollectorKind(row.kind),
        row.collector_id,
        row.proof,
        row.law,
        row.document,
        row.starts_on,
        row.ends_on,
        row.proposed_by,
        row.confirmed_by,
        row.withdrawn_at is not None,
        row.took_effect_at,
        row.ended_at,
    )


def _own(row: models.Enrolment) -> Enrolment:
    """What is not for the citizen's eyes was not read, and is put in so that nothing fetches it."""
    row.area_number, row.recipient_id, row.alternate_id, row.rank = 0, None, None, None
    return enrolment_of(row)


def _rows() -> QuerySet[models.Enrolment]:
    return models.Enrolment.objects.select_related("programme")


def _record_read(rows: Iterable[models.Enrolment], by: Actor, under: Ground) -> None:
    for each in list(rows)[:1]:
        record(
            Event.ENROLMENT_READ,
            by=by,
            under=under,
            about_kind=each.grain,
            about_id=each.unit_id,
            area_number=each.area_number,
            programme=each.programme.code,
        )
