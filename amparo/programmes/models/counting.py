"""Tables of who is left out, counted on a day: of each programme, and of all of them. Counts by area, nobody's record."""

from django.db import models

from amparo.kernel.ids import uuid7
from amparo.programmes.models.stating import Programme, choices
from amparo.programmes.types import CoverageKind


class Coverage(models.Model):
    """That it was counted: on which day, from what was known when. Without counts, which each area's readers see of theirs.

    `known_at`       when the snapshot was taken by which distances are told; null where none was asked
    `alarm_percent`  the level the profile sets; null: none. `is_alarm` whether the share of the whole country passed it
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=choices(CoverageKind))
    day = models.DateField()
    known_at = models.DateTimeField(null=True)
    alarm_percent = models.SmallIntegerField(null=True)
    is_alarm = models.BooleanField(default=False)
    counted_by = models.UUIDField()
    counted_at = models.DateTimeField()


class Gap(models.Model):
    """How many units of an area a programme grants its benefit (`eligible`), and how many of them do not receive it (`missed`)."""

    coverage = models.ForeignKey(Coverage, models.CASCADE, related_name="gaps")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    area_number = models.BigIntegerField()
    eligible = models.BigIntegerField()
    missed = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["coverage", "area_number"], name="gap_area")]


class Exclusion(models.Model):
    """How many households an area has, and how many of them receive nothing from anybody, by the one reason of each."""

    coverage = models.ForeignKey(Coverage, models.CASCADE, related_name="exclusions")
    area_number = models.BigIntegerField()
    households = models.BigIntegerField()
    near = models.BigIntegerField()
    unknown = models.BigIntegerField()
    beyond = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["coverage", "area_number"], name="exclusion_area")]
