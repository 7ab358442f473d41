"""Tables of who is left out and who is covered, counted on a day. Counts by area, nobody's record."""

from django.db import models

from amparo.kernel.ids import uuid7
from amparo.programmes.models.stating import Programme, choices
from amparo.programmes.types import CoverageKind


class Coverage(models.Model):
    """That it was counted: on which day, from what was known when. Without counts, which each area's readers see of theirs.

    `known_at`       when the snapshot was taken by which distances are told; null where none was asked
    `alarm_percent`  the level the profile sets; null: none. `is_alarm` whether the share of the whole country passed it
    `is_weighed`     that it was worked out which areas are not told (`Untold`): before it, none is
    `alarms`         the same of life-cycle groups: code → [level, whether it was passed], of those for which a level is set
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=choices(CoverageKind))
    day = models.DateField()
    known_at = models.DateTimeField(null=True)
    alarm_percent = models.SmallIntegerField(null=True)
    is_alarm = models.BooleanField(default=False)
    alarms = models.JSONField(default=dict)
    counted_by = models.UUIDField()
    counted_at = models.DateTimeField()
    is_weighed = models.BooleanField(default=False)


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


class GroupExclusion(models.Model):
    """How many persons of a life-cycle group live in an area's homes, and in homes that receive nothing, by the home's reason."""

    coverage = models.ForeignKey(Coverage, models.CASCADE, related_name="group_exclusions")
    area_number = models.BigIntegerField()
    life_group = models.CharField(max_length=64)
    persons = models.BigIntegerField()
    near = models.BigIntegerField()
    unknown = models.BigIntegerField()
    beyond = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["coverage", "area_number"], name="groupexclusion_area")]


class GroupCoverage(models.Model):
    """How many persons of a life-cycle group an area has, and how many assistance, insurance or both reaches.

    `direct_…`  given to the person themselves; `reached_…` also what is given to somebody of their home, or to the home
    """

    coverage = models.ForeignKey(Coverage, models.CASCADE, related_name="covered")
    area_number = models.BigIntegerField()
    life_group = models.CharField(max_length=64)
    persons = models.BigIntegerField()
    direct_assistance = models.BigIntegerField()
    direct_insurance = models.BigIntegerField()
    direct_both = models.BigIntegerField()
    reached_assistance = models.BigIntegerField()
    reached_insurance = models.BigIntegerField()
    reached_both = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["coverage", "area_number"], name="groupcoverage_area")]


class Untold(models.Model):
    """That something counted is not told of an area: it is small, or would give away what is small beside it.

    `about_id`  the coverage, the measurement or the overlaps' run; `code` the programme, life-cycle group or pair of programmes, "" of all
    `is_whole`  not even how many there are is told; else only what they are made of is not
    """

    about_id = models.UUIDField()
    code = models.CharField(max_length=160, blank=True)
    area_number = models.BigIntegerField()
    is_whole = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["about_id", "code", "area_number"], name="untold_once")]
