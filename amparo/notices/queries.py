"""Reads of notices: what is configured, and what waits or was given up, within the scope of `by`. No address is among it."""

from uuid import UUID

from django.db.models import Count, Min

from amparo.kernel.errors import NotFound, Refused
from amparo.notices import models
from amparo.notices.channels import CARRIERS
from amparo.notices.config import NoticesConfig, Use
from amparo.notices.types import Channel, Kind, Reason, Sending, State, Waiting
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission

PAGE = 50
OPEN = (State.WAITING.value, State.TO_PRINT.value, State.GIVEN_UP.value)


def notices_config(*, using: str = "default") -> NoticesConfig | None:
    """Return what the installed profile states; None where it tells nobody anything by itself."""
    row = models.NoticeConfig.objects.using(using).filter(id=1).first()
    if row is None or not row.kinds:
        return None
    return NoticesConfig(
        kinds=tuple(map(Kind, row.kinds)),
        contact={Use(use): tuple(where) for use, where in row.contact.items()},
        spoken=row.spoken,
        languages=tuple(row.languages),
        unasked=Channel(row.unasked),
        in_person=tuple(map(Kind, row.in_person)),
    )


def expect_config(*, using: str = "default") -> NoticesConfig:
    """As `notices_config`. Raises Refused where there is none."""
    found = notices_config(using=using)
    if found is None:
        raise Refused("notices-none-told")
    return found


def not_configured() -> list[Channel]:
    """Return the channels by which this installation cannot send: what is to go by one waits."""
    return [channel for channel, carrier in CARRIERS.items() if not carrier.is_configured()]


def waiting(*, by: Actor, using: str = "default") -> list[Waiting]:
    """Return how many wait, are to be printed or were given up, by area, channel and reason: counts, of nobody by name."""
    by = by.narrowed(Permission.READ_NOTICES)
    rows = within(models.Sending.objects.using(using).filter(state__in=OPEN), by)
    grouped = rows.values("area_number", "state", "channel", "reason").order_by(
        "area_number", "state", "channel", "reason"
    )
    return [_waiting(each) for each in grouped.annotate(sendings=Count("id"), since=Min("made_at"))]


def _waiting(row: dict) -> Waiting:
    return Waiting(
        area_number=row["area_number"],
        state=State(row["state"]),
        channel=Channel(row["channel"]) if row["channel"] else None,
        reason=Reason(row["reason"]) if row["reason"] else None,
        sendings=row["sendings"],
        since=row["since"].date(),
    )


def given_up(*, by: Actor, under: Ground, at_most: int = PAGE) -> list[Sending]:
    """Return those whom nobody has told, and who must be told by hand: given up, or in danger and so never sent by itself.

    The oldest first. Who is in danger is seen by those who shelter them alone.
    """
    by = by.narrowed(Permission.READ_NOTICES)
    rows = models.Sending.objects.all()
    rows = within(
        rows.filter(state=State.GIVEN_UP.value) | rows.filter(state=State.WAITING.value, area_number__lt=0), by
    )
    found = [sending_of(each) for each in rows.order_by("made_at", "id")[:at_most]]
    record(
        Event.SENDINGS_LISTED,
        by=by,
        under=under,
        about_kind="notice",
        persons=[str(each.person) for each in found if each.person],
        households=[str(each.household) for each in found if each.household and not each.person],
        sendings=len(found),
    )
    return found


def open_sending(id: UUID, *, by: Actor) -> Sending:
    """Return what somebody still waits to be told. Raises NotFound also outside the actor's reach."""
    by = by.narrowed(Permission.GIVE_NOTICE)
    row = within(models.Sending.objects.filter(id=id, state__in=OPEN), by).first()
    if row is None:
        raise NotFound("notices-sending-unknown")
    return sending_of(row)


def sending_of(row: models.Sending) -> Sending:
    return Sending(
        id=row.id,
        kind=Kind(row.kind),
        person=row.person_id,
        household=row.household_id,
        area_number=row.area_number,
        made_at=row.made_at,
        state=State(row.state),
        channel=Channel(row.channel) if row.channel else None,
        reason=Reason(row.reason) if row.reason else None,
        attempts=row.attempts,
        next_at=row.next_at,
        told_on=row.told_on,
    )
