"""Somebody was told in person: who told, on which day, where. Where the country's law lets that serve, nothing more is sent.

Errors  Refused for a day that has not come or lies before there was anything to tell, and where it was told, sent or printed already
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.notices import models
from amparo.notices.config import GROUND
from amparo.notices.queries import OPEN, notices_config
from amparo.notices.types import How, Kind, State
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission


@transaction.atomic
def tell_in_person(sending_id: UUID, *, on: date, how: How, by: Actor, under: Ground = GROUND) -> bool:
    """Note that somebody was told in person; return whether that serves, and nothing more is sent.

    Of a kind that the profile does not name for it (`in_person`), the message goes its way as well: the law wants it written.
    """
    by = by.narrowed(Permission.GIVE_NOTICE)
    rows = within(models.Sending.objects.filter(id=sending_id, state__in=OPEN), by)
    row = rows.first()
    if row is None:
        raise NotFound("notices-sending-unknown")
    if not row.made_at.date() <= on <= clock.today():
        raise Refused("notices-told-day", first=row.made_at.date())
    config = notices_config()
    serves = config is not None and Kind(row.kind) in config.in_person
    told = {"told_on": on, "told_by": by.id, "told_how": how.value}
    if serves:
        told |= {"state": State.TOLD.value, "reason": "", "settled_at": clock.now()}
    # Whoever sends it at this moment has it: then it was sent.
    if not rows.update(**told):
        raise NotFound("notices-sending-unknown")
    record(
        Event.TOLD_IN_PERSON,
        by=by,
        under=under,
        about_kind="person" if row.person_id else "household",
        about_id=row.person_id or row.household_id,
        area_number=row.area_number,
        sending=str(row.id),
        kind=row.kind,
        on=on.isoformat(),
        how=how.value,
        serves=serves,
    )
    return serves
