"""Tables of notices. Sendings and their attempts are protected; none holds an address or a word of what was written.

Warnings are of those who work or sign in here, by their accounts, and lie in no area.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amparo.kernel.ids import uuid7
from amparo.notices.types import Channel, How, Kind, Reason, State
from amparo.trust.types.warned import Warned


def _choices(words) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in words]


class NoticeConfig(models.Model):
    """What the installed profile states about notices: one row, or none."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    kinds = ArrayField(models.CharField(max_length=40))
    contact = models.JSONField()
    spoken = models.JSONField()
    languages = ArrayField(models.CharField(max_length=20))
    unasked = models.CharField(max_length=10, choices=_choices(Channel))
    in_person = ArrayField(models.CharField(max_length=40), default=list)


class Sending(models.Model):
    """Something that a person or a household is to be told, written in the transaction that causes it.

    `about_id`    the notice, decision or case that it tells of: of each once, to each
    `person_id`   None where a household is told, by whoever is its head when it is sent
    `day`, `code`, `programme`  what its words may name; `code` of a case
    `next_at`     not before this; a worker that takes it in hand writes when the next one may
    `batch_id`    of letters that were printed together
    `told_on`, `told_by`, `told_how`  that an officer told them in person, whether that serves or not
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40, choices=_choices(Kind))
    about_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    household_id = models.UUIDField(null=True)
    area_number = models.BigIntegerField()
    programme = models.CharField(max_length=64, blank=True, default="")
    day = models.DateField(null=True)
    code = models.CharField(max_length=12, blank=True, default="")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=_choices(State), default=State.WAITING)
    channel = models.CharField(max_length=10, blank=True, default="", choices=_choices(Channel))
    reason = models.CharField(max_length=20, blank=True, default="", choices=_choices(Reason))
    attempts = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    batch_id = models.UUIDField(null=True)
    told_on = models.DateField(null=True)
    told_by = models.UUIDField(null=True)
    told_how = models.CharField(max_length=20, blank=True, default="", choices=_choices(How))

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state="waiting"), name="sending_waiting"),
            models.Index(fields=["area_number", "id"], condition=Q(state="to-print"), name="sending_to_print"),
            models.Index(fields=["area_number"], condition=~Q(state__in=["sent", "printed"]), name="sending_open"),
            models.Index(fields=["person_id"], name="sending_person"),
            models.Index(fields=["household_id"], name="sending_household"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about_id", "person_id"], nulls_distinct=False, name="told_once_of_each"
            ),
            models.CheckConstraint(
                condition=~Q(state="told") | Q(told_on__isnull=False, told_by__isnull=False),
                name="sending_told_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(person_id__isnull=False) | Q(household_id__isnull=False), name="sending_to_somebody"
            ),
        ]


class Attempt(models.Model):
    """One attempt at a sending: on which day, by what, what came of it. `ended_at` None: it is under way, or was cut off."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sending = models.ForeignKey(Sending, models.PROTECT, related_name="+")
    area_number = models.BigIntegerField()
    channel = models.CharField(max_length=10, choices=_choices(Channel))
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True, default="", choices=_choices(Reason))
    code = models.SmallIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sending", "begun_at"], name="attempt_of_sending")]


class AccountWarning(models.Model):
    """Something that an account's owner is warned of by e-mail, written in the transaction that causes it.

    `former`   the address that it goes to where that is no more the account's; gone once this is settled
    `next_at`  not before this; whoever takes it in hand writes when the next attempt may be
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    of = models.CharField(max_length=40, choices=_choices(Warned))
    account_id = models.UUIDField()
    former = models.EmailField(blank=True, default="")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=_choices(State), default=State.WAITING)
    reason = models.CharField(max_length=20, blank=True, default="", choices=_choices(Reason))
    attempts = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_at", "id"], condition=Q(state="waiting"), name="warning_waiting")]
