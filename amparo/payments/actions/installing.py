"""Writing how programmes pay, as the profile states it."""

from collections.abc import Sequence

from django.db import transaction

from amparo.kernel import clock
from amparo.payments import models
from amparo.payments.config import PaymentConfig
from amparo.payments.queries.terms import programme_ids
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Permission

OWNER = "owner"


@transaction.atomic(using=OWNER)
def install(terms: Sequence[PaymentConfig], *, by: Actor) -> int:
    """Write the terms of programmes; return how many changed. Lists that were made keep what they were made under."""
    by = by.narrowed(Permission.INSTALL_PROFILE)
    ids = programme_ids(using=OWNER)
    rows, changed = models.Terms.objects.using(OWNER), 0
    for each in terms:
        stated = {"content": each.kept(), "withdrawn_at": None}
        row, is_new = rows.get_or_create(programme_id=ids[each.programme], defaults=stated)
        if is_new or (row.content, row.withdrawn_at) != (stated["content"], None):
            rows.filter(programme_id=row.programme_id).update(**stated)
            changed += 1
    gone = rows.filter(withdrawn_at=None).exclude(programme_id__in=[ids[each.programme] for each in terms])
    changed += gone.update(withdrawn_at=clock.now())
    if changed:
        record(
            Event.PAYMENTS_INSTALLED, by=by, using=OWNER, programmes=[each.programme for each in terms], rows=changed
        )
    return changed
