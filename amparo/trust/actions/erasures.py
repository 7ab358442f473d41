"""Who is to be erased, and who not yet: proposed by one, confirmed by another, held by whoever must."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.trust.eyes import is_same_human
from amparo.trust.keeping.erasable import held
from amparo.trust.log.recording import record
from amparo.trust.models import Erasure, Hold, Schedule
from amparo.trust.reached import expect_reached
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission
from amparo.trust.types.erasures import ErasureConfirmed, ErasureState
from amparo.trust.types.parties import ScheduleConfig


def propose_erasure(person: UUID, *, ground: str, reference: str, by: Actor, under: Ground) -> UUID:
    """Propose that somebody be erased, on a law or decision; return the proposal's id.

    `reference` is the number of the request or decision. Raises Refused where either is missing, where one is open already,
    and while the person is held.
    """
    by = by.narrowed(Permission.PROPOSE_ERASURE)
    if not ground.strip() or not reference.strip():
        raise Refused("trust-erasure-without-ground")
    expect_reached(person, by)
    try:
        with transaction.atomic():
            _expect_not_held(person)
            row = Erasure(person_id=person, ground=ground.strip(), reference=reference.strip())
            row.state, row.proposed_by, row.proposed_at = ErasureState.PROPOSED.value, by.id, clock.now()
            row.area_number = 0  # the database puts the person's
            row.save(force_insert=True)
            record(
                Event.ERASURE_PROPOSED, by=by, under=under, about_kind="person", about_id=person, erasure=str(row.id)
            )
    except IntegrityError:
        raise Refused("trust-erasure-open") from None
    return row.id


@transaction.atomic
def confirm_erasure(id: UUID, *, by: Actor) -> None:
    """Confirm as another person that somebody be erased. It is then done by a job. Raises Refused while they are held."""
    by = by.narrowed(Permission.CONFIRM_ERASURE)
    row = _proposed(id, by)
    _expect_not_held(row.person_id)
    _answered(row, ErasureState.CONFIRMED, Event.ERASURE_CONFIRMED, by)
    announce(ErasureConfirmed(row.id))


@transaction.atomic
def dismiss_erasure(id: UUID, *, by: Actor) -> None:
    """Say as another person that somebody is not to be erased."""
    by = by.narrowed(Permission.CONFIRM_ERASURE)
    _answered(_proposed(id, by), ErasureState.DISMISSED, Event.ERASURE_DISMISSED, by)


def _proposed(id: UUID, by: Actor) -> Erasure:
    row = within(Erasure.objects.select_for_update().filter(id=id), by).first()
    if row is None:
        raise NotFound("trust-erasure-unknown")
    if row.state != ErasureState.PROPOSED:
        raise Refused("trust-erasure-not-proposed")
    if is_same_human(by, row.proposed_by):
        raise Refused("trust-erasure-own")
    return row


def _answered(row: Erasure, state: ErasureState, event: Event, by: Actor) -> None:
    row.state, row.confirmed_by, row.confirmed_at = state.value, by.id, clock.now()
    row.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    record(event, by=by, about_kind="person", about_id=row.person_id, erasure=str(row.id))


def _expect_not_held(person: UUID) -> None:
    with connection.cursor() as cursor:
        if held(cursor, [person], clock.today()):
            raise Refused("trust-erasure-held")


@transaction.atomic
def place_hold(person: UUID, *, reason: str, until: date | None, by: Actor, under: Ground) -> UUID:
    """Keep somebody from being erased until a day, or until the hold is ended: an investigation, a court's order."""
    by = by.narrowed(Permission.PROPOSE_ERASURE)
    if not reason.strip():
        raise Refused("trust-hold-without-reason")
    if until is not None and until < clock.today():
        raise Refused("trust-hold-past")
    expect_reached(person, by)
    row = Hold(person_id=person, reason=reason.strip(), until=until, placed_by=by.id, placed_at=clock.now())
    row.area_number = 0  # the database puts the person's
    row.save(force_insert=True)
    record(Event.HOLD_PLACED, by=by, under=under, about_kind="person", about_id=person, hold=str(row.id))
    return row.id


@transaction.atomic
def end_hold(id: UUID, *, by: Actor, under: Ground) -> None:
    """End a hold before its day."""
    by = by.narrowed(Permission.PROPOSE_ERASURE)
    row = within(Hold.objects.select_for_update().filter(id=id, ended_at=None), by).first()
    if row is None:
        raise NotFound("trust-hold-unknown")
    row.ended_by, row.ended_at = by.id, clock.now()
    row.save(update_fields=["ended_by", "ended_at"])
    record(Event.HOLD_ENDED, by=by, under=under, about_kind="person", about_id=row.person_id, hold=str(row.id))


@transaction.atomic(using="owner")
def install_schedules(schedules: Sequence[ScheduleConfig], *, by: Actor) -> None:
    """Write how long the profile keeps what. One that is no longer named is gone: nothing is erased by it any more."""
    fresh = [Schedule(**vars(each), position=number) for number, each in enumerate(schedules)]
    held = list(Schedule.objects.using("owner").order_by("position"))
    if [_plain(each) for each in held] == [_plain(each) for each in fresh]:
        return
    Schedule.objects.using("owner").all().delete()
    Schedule.objects.using("owner").bulk_create(fresh)
    record(Event.SCHEDULES_INSTALLED, by=by, using="owner", schedules=len(fresh))


def _plain(row: Schedule) -> tuple:
    return row.code, row.place, row.field_class, row.after, row.days, row.law
