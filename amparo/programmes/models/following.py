"""Tables of conditions: what was told of who met them, what was counted of a period, and breaches with what follows."""

from django.db import models
from django.db.models import Q

from amparo.kernel.ids import uuid7
from amparo.programmes.models.enrolling import Enrolment
from amparo.programmes.models.feeding import Beneficiary, FeedDelivery
from amparo.programmes.models.stating import Programme, choices
from amparo.programmes.types import BreachAct, Met


class Compliance(models.Model):
    """What a system told of one beneficiary, condition and month. Never changed: a later day tells it anew.

    `reason`  a code of the feed's, for which somebody may be excused
    """

    beneficiary = models.ForeignKey(Beneficiary, models.DO_NOTHING, db_constraint=False, related_name="compliance")
    delivery = models.ForeignKey(FeedDelivery, models.DO_NOTHING, db_constraint=False, related_name="+")
    area_number = models.BigIntegerField(null=True)
    day = models.DateField()
    scheme = models.CharField(max_length=64)
    condition = models.CharField(max_length=64)
    period = models.DateField()
    met = models.CharField(max_length=20, choices=choices(Met), null=True)
    share = models.FloatField(null=True)
    reason = models.CharField(max_length=64, null=True)
    said = models.UUIDField()

    class Meta:
        managed = False
        db_table = "programmes_compliance"


class Following(models.Model):
    """That a condition was followed in a period, on a day, by what was known when. `period` is its first day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=64)
    period = models.DateField()
    day = models.DateField()
    known_at = models.DateTimeField()
    followed_by = models.UUIDField()
    followed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["programme", "condition", "period"], name="following_period")]


class FollowingCount(models.Model):
    """Of how many in an area a condition is asked, of how many anything is told, and of these who met it. Nobody's record."""

    following = models.ForeignKey(Following, models.CASCADE, related_name="counts")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    area_number = models.BigIntegerField()
    watched = models.BigIntegerField()
    told = models.BigIntegerField()
    met = models.BigIntegerField()
    excused = models.BigIntegerField()
    missed = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["following", "area_number"], name="followingcount_area")]


class Breach(models.Model):
    """That a condition was not met in a period by somebody of whom an enrolment is, and what follows; one a period.

    `number`  the step that it is: one more than the last step that was taken before the period began
    `act`     what follows; "" where nothing does
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.DO_NOTHING, db_constraint=False, related_name="breaches")
    programme = models.ForeignKey(Programme, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    area_number = models.BigIntegerField()
    condition = models.CharField(max_length=64)
    period = models.DateField()
    number = models.SmallIntegerField(default=1)
    act = models.CharField(max_length=20, choices=choices(BreachAct), blank=True)
    found_on = models.DateField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["programme", "area_number"],
                condition=Q(act="suspension", taken_back_at=None),
                name="breach_suspension",
            ),
            models.Index(fields=["programme", "condition", "period"], name="breach_period"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "condition", "period"], name="breach_one_a_period"),
        ]
