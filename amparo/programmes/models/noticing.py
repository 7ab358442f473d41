"""Tables of notices of decisions for the worse, and of what was answered and found."""

from django.db import models
from django.db.models import Q

from amparo.kernel.ids import uuid7
from amparo.programmes.models.stating import Programme


class Notice(models.Model):
    """That a decision for the worse was made known: on which day, and from which day it may take effect.

    `was_minor`  the amount that stands until then; null where the programme pays nothing itself
    `effect`  the decision that came into effect by it, with `took_effect_at`
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision_id = models.UUIDField(unique=True)
    decided_at = models.DateTimeField()
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    unit_id = models.UUIDField()
    household_id = models.UUIDField()
    area_number = models.BigIntegerField()
    was_minor = models.BigIntegerField(null=True)
    law = models.CharField(max_length=200)
    needs_review = models.BooleanField()
    appeal_days = models.IntegerField()
    given_on = models.DateField()
    given_by = models.UUIDField()
    takes_effect_on = models.DateField()
    effect = models.UUIDField(null=True)
    took_effect_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["takes_effect_on"], condition=Q(effect=None), name="notice_due")]
        constraints = [
            models.CheckConstraint(condition=Q(takes_effect_on__gt=models.F("given_on")), name="notice_before_effect")
        ]


class Reply(models.Model):
    """What somebody answered to a notice. `words` is sealed; null where they were erased, on the tombstone's ground and day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="replies")
    area_number = models.BigIntegerField()
    received_on = models.DateField()
    words = models.BinaryField(null=True)
    tombstone = models.JSONField(null=True)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()


class Review(models.Model):
    """What a person other than the maker found about a change for the worse. `reason` is sealed, or erased as a reply is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="reviews")
    area_number = models.BigIntegerField()
    confirms = models.BooleanField()
    reason = models.BinaryField(null=True)
    tombstone = models.JSONField(null=True)
    reviewed_by = models.UUIDField()
    reviewed_at = models.DateTimeField()
