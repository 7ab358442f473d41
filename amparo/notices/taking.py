"""What is due is taken in hand: looked up where it goes, put into words, and kept from other workers for a while.

Shape   rows in, locked and passed over by other workers; what is to be handed over out, the rest is written
Nulls   who lies below zero, in danger, is never taken: a message could be read by whoever they are in danger from
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from amparo.notices import models
from amparo.notices.channels import CARRIERS
from amparo.notices.channels.message import Outgoing
from amparo.notices.config import AGAIN, DELAYS, GROUND, LEASE, NoticesConfig, Use
from amparo.notices.kinds import KINDS
from amparo.notices.routing import Reached, Way, way_to
from amparo.notices.types import Channel, Kind, Reason, State, reference_of
from amparo.notices.words import About, Broken, programme, written
from amparo.registry.queries import contacts
from amparo.registry.types import Contact
from amparo.trust.types import Actor

BULK = "bulk"
BATCH = 50


@dataclass(frozen=True)
class Taken:
    """A message in hand: its row, and what is handed over."""

    row: models.Sending
    message: Outgoing


def due(now: datetime) -> list[models.Sending]:
    """Return the next rows that are due, locked. What waits for a channel that is still not configured is none of them."""
    lacking = [channel.value for channel, carrier in CARRIERS.items() if not carrier.is_configured()]
    rows = models.Sending.objects.using(BULK).filter(state=State.WAITING.value, next_at__lte=now, area_number__gte=0)
    rows = rows.exclude(reason=Reason.NOT_CONFIGURED.value, channel__in=lacking)
    return list(rows.order_by("next_at", "id").select_for_update(skip_locked=True)[:BATCH])


def take(rows: Sequence[models.Sending], config: NoticesConfig, *, by: Actor, now: datetime) -> list[Taken]:
    """Decide of each row where it goes, and write that; return what is to be handed over. Part of an act."""
    known = reached(rows, config, by=by)
    taken = [_taken(each, known.get(each.person_id or each.household_id), config, now) for each in rows]
    models.Sending.objects.using(BULK).bulk_update(rows, ("state", "channel", "reason", "next_at", "settled_at"))
    return [each for each in taken if each]


def reached(rows: Sequence[models.Sending], config: NoticesConfig, *, by: Actor) -> dict:
    """Return id → contact of whom some rows are for: of a household, whoever is its head."""
    persons = [each.person_id for each in rows if each.person_id]
    homes = [each.household_id for each in rows if not each.person_id]
    wanted = {use.value: where for use, where in config.contact.items()}
    return contacts(persons, homes, wanted=wanted, by=by, under=GROUND)


def _taken(row: models.Sending, contact: Contact | None, config: NoticesConfig, now: datetime) -> Taken | None:
    """Change a row as its way says; return it with its message where that is handed over now."""
    if row.attempts >= len(DELAYS):  # the last attempt was cut off: nobody knows what came of it
        return _over(row, State.GIVEN_UP, Reason.UNKNOWN, now)
    if contact is None:
        return _over(row, State.GIVEN_UP, Reason.NOBODY, now)
    way = way_to(_known(contact), is_owed=KINDS[Kind(row.kind)].is_owed, unasked=config.unasked)
    row.channel, row.reason = way.channel.value, way.reason.value if way.reason else ""
    if way.channel is Channel.NONE:
        return _over(row, State.UNWANTED, None, now)
    if way.reason is Reason.ADDRESS_UNSOUND:
        return _over(row, State.GIVEN_UP, way.reason, now)
    if way.channel is Channel.LETTER:
        row.state = State.TO_PRINT.value
        return None
    return _in_hand(row, way, contact, config, now)


def _in_hand(row: models.Sending, way: Way, contact: Contact, config: NoticesConfig, now: datetime) -> Taken | None:
    """Return a message where there is a channel and words for it; else the row waits, and no attempt is counted."""
    if not CARRIERS[way.channel].is_configured():
        row.reason = Reason.NOT_CONFIGURED.value
        return None
    try:
        parts = written(about(row, contact), way.channel, language_of(contact, config))
    except Broken:
        row.reason, row.next_at = Reason.TEMPLATE_BROKEN.value, now + AGAIN
        return None
    row.next_at = now + LEASE
    return Taken(row, Outgoing(reference=row.id.hex, address=way.address, parts=parts))


def _over(row: models.Sending, state: State, reason: Reason | None, now: datetime) -> None:
    row.state, row.reason, row.settled_at = state.value, reason.value if reason else "", now


def about(row: models.Sending, contact: Contact) -> About:
    """Return what words may name of a row to whom it is for."""
    values = {
        "reference": reference_of(row.id),
        "programme": programme(row.programme),
        "day": row.day,
        "code": row.code,
    }
    return About(Kind(row.kind), values, is_asked=contact.values.get(Use.DETAIL) == str(True))


def language_of(contact: Contact, config: NoticesConfig) -> str:
    """Return the language that somebody is written to in: theirs where the profile has it, else its first."""
    return config.spoken.get(contact.values.get(Use.LANGUAGE, ""), config.languages[0])


def _known(contact: Contact) -> Reached:
    known = contact.values
    return Reached(
        phone=known.get(Use.PHONE, ""),
        email=known.get(Use.EMAIL, ""),
        address=known.get(Use.ADDRESS, ""),
        asked_for=known.get(Use.CHANNEL, ""),
    )
