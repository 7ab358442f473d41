"""Tables of sources. What is kept of answers is protected and sealed; nothing else holds a word of anybody's."""

from django.db import models

from amparo.kernel.ids import uuid7
from amparo.sources.types import Drafting, Reason


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
