"""Writes what a profile says about notices."""

from django.db import transaction

from amparo.notices.config import NoticesConfig
from amparo.notices.models import NoticeConfig
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event


@transaction.atomic(using="owner")
def install_notices(given: NoticesConfig, *, by: Actor) -> None:
    """Write what is told and by what people are reached. What waits already goes on by what is installed then."""
    rows = NoticeConfig.objects.using("owner")
    fresh = {
        "kinds": [each.value for each in given.kinds],
        "contact": {use.value: list(where) for use, where in given.contact.items()},
        "spoken": dict(given.spoken),
        "languages": list(given.languages),
        "unasked": given.unasked.value,
        "in_person": [each.value for each in given.in_person],
    }
    held = rows.filter(id=1).values(*fresh).first()
    if held == fresh or (held is None and not given.kinds):
        return
    rows.update_or_create(id=1, defaults=fresh)
    record(Event.NOTICES_INSTALLED, by=by, using="owner", kinds=fresh["kinds"])
