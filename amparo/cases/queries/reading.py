"""Reads of one case, by an officer, by whom it concerns, and by whoever holds its code."""

from uuid import UUID

from django.db.models import QuerySet

from amparo.cases import models
from amparo.cases.apart import is_apart
from amparo.cases.moves import UNFILED, Move, moves_from
from amparo.cases.sight import own, seen
from amparo.cases.types import Act, Asked, Case, Channel, Kind, Linked, State, Step
from amparo.cases.words import opened
from amparo.kernel.errors import NotFound
from amparo.registry.own import expect_own
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.log.tracker import note_look
from amparo.trust.types import Actor, Event, Ground, Permission, system

DIGITS = set("0123456789ABCDEF")
LONG = 12


def case(id: UUID, *, by: Actor, under: Ground) -> Case:
    """Return a case with all its steps. Raises NotFound outside the actor's areas, and for what is sensitive to others."""
    by = by.narrowed(Permission.READ_CASE)
    row = seen(by).filter(id=id).first()
    if row is None:
        raise NotFound("cases-case-unknown")
    told = {"about_kind": "case", "about_id": row.id}
    if row.person_id and row.told_at:  # whoever does not know of it yet does not learn of it from who looked
        told = {"about_kind": "person", "about_id": row.person_id, "case": str(row.id)}
    record(Event.CASE_READ, by=by, under=under, area_number=row.area_number, kind=row.kind, **told)
    return case_of(row, steps=row.steps.order_by("at", "id"))


def own_case(id: UUID, *, by: Actor) -> Case:
    """Return a case as whom it concerns sees it: without who works on it and what they noted for each other."""
    expect_own(by)
    row = own(by).filter(id=id).first()
    if row is None:
        raise NotFound("cases-case-unknown")
    note_look(by.narrowed(Permission.SEE_OWN), part="cases")
    steps = row.steps.filter(is_told=True).order_by("at", "id").defer("area_number", "by_id")
    return case_of(row, steps=steps)


def asked(code: str, *, by: Actor) -> Asked:
    """Return what whoever holds a code is told: state and days, and nothing of anybody. Raises NotFound for any other."""
    wanted = "".join(each for each in code.upper() if each in DIGITS)
    if len(wanted) != LONG:
        raise NotFound("cases-code-unknown")
    with acting(system("case-by-code").narrowed(Permission.READ_CASE)):
        row = models.Case.objects.filter(code=wanted).first()
        if row is None:
            raise NotFound("cases-code-unknown")
        record(Event.CASE_ASKED, by=by, about_kind="case", about_id=row.id)
    return Asked(row.code, State(row.state), row.filed_on, row.due_on, row.closed_at is None)


def categories(*, is_public: bool | None = None) -> list[models.Category]:
    """Return what new cases can be about, in the profile's order; those that anybody may file, or all that is filed at all."""
    rows = models.Category.objects.filter(withdrawn_at=None).exclude(kind__in=[each.value for each in UNFILED])
    return list((rows.filter(is_public=True) if is_public else rows).order_by("position"))


def moves(id: UUID, *, by: Actor) -> list[Move]:
    """Return the moves that a page may offer somebody about a case: of their permissions, and apart from who must be apart."""
    row = seen(by.narrowed(Permission.READ_CASE)).filter(id=id).get()
    held = [each for each in _PERMISSIONS if by.has(each)]
    return [
        each
        for permission in held
        for each in moves_from(Kind(row.kind), State(row.state), permission)
        if is_apart(row, each, by.narrowed(permission))
    ]


_PERMISSIONS = (Permission.WORK_CASE, Permission.DECIDE_SUSPICION, Permission.REVIEW_APPEAL)


def case_of(row: models.Case, *, steps: QuerySet[models.Step] | None = None) -> Case:
    """Return a row as a case; what was not read of it, because it is not for its reader, is None."""
    known = row.__dict__
    return Case(
        id=row.id,
        code=row.code,
        kind=Kind(row.kind),
        category=row.category_id or "",
        channel=Channel(row.channel),
        state=State(row.state),
        area_number=known.get("area_number", 0),
        linked=Linked(
            row.person_id,
            known.get("household_id"),
            row.decision_id,
            known.get("enrolment_id"),
            known.get("payment_id"),
            row.programme,
        ),
        filed_on=row.filed_on,
        filed_by=known.get("filed_by"),
        due_on=row.due_on,
        owner=known.get("owner"),
        is_sensitive=row.is_sensitive,
        suspends=row.suspends,
        told_at=row.told_at,
        reply_until=row.reply_until,
        escalated_at=known.get("escalated_at"),
        escalated_to=known.get("escalated_to", ""),
        closed_at=row.closed_at,
        effect=known.get("effect"),
        steps=tuple(map(_step, steps)) if steps is not None else (),
        transition=row.transition,
        event_on=row.event_on,
    )


def _step(row: models.Step) -> Step:
    return Step(Act(row.act), State(row.state), row.at, row.__dict__.get("by_id"), row.is_told, opened(row))
