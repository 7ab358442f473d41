"""Tables of sources. What is kept of answers is protected and sealed; nothing else holds a word of anybody's.

Of an update it is kept that it was taken, of whom and of when; what it told is an observation.
"""

from django.db import models

from amparo.kernel.ids import uuid7
from amparo.sources.types import Drafting, Happening, Reason, RoundState, UpdateReason


class Connection(models.Model):
    """How a source is asked, as the profile states it, or as two people connected it (`types.ConnectionConfig`)."""

    source = models.CharField(max_length=64, primary_key=True)
    position = models.SmallIntegerField()
    definition = models.JSONField()
    drafting = models.CharField(
        max_length=10, default=Drafting.STATED, choices=[(each.value, each.value) for each in Drafting]
    )
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)


class ConnectionState(models.Model):
    """How a connection stands: when it last answered and last failed, and until when it is left alone."""

    source = models.CharField(max_length=64, primary_key=True)
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_reason = models.CharField(
        max_length=20, blank=True, default="", choices=[(each.value, each.value) for each in Reason]
    )
    failures = models.IntegerField(default=0)
    resting_until = models.DateTimeField(null=True)


class Retry(models.Model):
    """A source that is to be asked again about a household, under the purpose for which it was asked first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household_id = models.UUIDField()
    area_number = models.BigIntegerField()
    source = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    attempts = models.SmallIntegerField(default=0)
    is_told = models.BooleanField(
        default=False
    )  # the source told that something changed: what it said before does not count
    next_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="retry_next")]
        constraints = [models.UniqueConstraint(fields=["household_id", "source"], name="retry_once")]


class KeptAnswer(models.Model):
    """One value of one person that a source may be quoted with until a day; sealed, and deleted then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    area_number = models.BigIntegerField()
    source = models.CharField(max_length=64)
    field = models.CharField(max_length=64)
    value = models.BinaryField()
    observed_on = models.DateField()
    until = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="kept_answer_until")]
        constraints = [models.UniqueConstraint(fields=["person_id", "source", "field"], name="kept_answer_once")]


class UpdateRow(models.Model):
    """An update of a source that was taken. Source and `told`, a digest of its own id of it, are its identity.

    `at`      when it happened, at the source; `fields`: the names of those that it was heard for
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=64)
    told = models.CharField(max_length=64)
    happening = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Happening])
    person_id = models.UUIDField()
    area_number = models.BigIntegerField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    fields = models.JSONField()

    class Meta:
        db_table = "sources_update"
        indexes = [models.Index(fields=["person_id", "source", "at"], name="update_of_person")]
        constraints = [models.UniqueConstraint(fields=["source", "told"], name="update_once")]


class UpdateRefusal(models.Model):
    """An update on which nothing was done, by source, digest of its id ("" where it was not read) and reason; about nobody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=64)
    told = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=20, choices=[(each.value, each.value) for each in UpdateReason])
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "told", "reason"], name="update_refusal_once")]


class UpdateStanding(models.Model):
    """How the updates of a source stand. `cursor`: where a source that is asked for them goes on; `seconds`: of the last 100."""

    source = models.CharField(max_length=64, primary_key=True)
    taken = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last = models.CharField(max_length=20, blank=True, default="")
    seconds = models.JSONField(default=list)
    asked_at = models.DateTimeField(null=True)
    cursor = models.CharField(max_length=500, blank=True, default="")


class AskedOfDay(models.Model):
    """About how many persons a source was asked on a day, by whoever: where it may be asked so many in a day. Of nobody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=64)
    day = models.DateField()
    asked = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="asked_of_day_once")]


class Round(models.Model):
    """One source asked about everybody in an area, in steps. It holds numbers of places and counts, and nothing of anybody.

    `at_*`     behind whom it goes on: numbers of the area, the household and the person
    `counts`   how it went → of how many persons; `asked` of them, and of `kept` something was kept
    `problem`  why it stopped by itself; `next_at`: until when it waits; `tries`: steps in a row in which nobody was answered
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    area = models.CharField(max_length=64)
    persons = models.BigIntegerField()
    started_by = models.UUIDField()
    started_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, default=RoundState.RUNNING, choices=[(each.value, each.value) for each in RoundState]
    )
    ended_at = models.DateTimeField(null=True)
    at_area = models.BigIntegerField()
    at_household = models.BigIntegerField(default=0)
    at_person = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    asked = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    steps = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    worked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    waits_for = models.CharField(max_length=20, blank=True, default="")
    problem = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="round_started")]
