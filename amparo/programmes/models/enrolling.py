"""Tables of enrolment: who takes part in a programme, each step of that, and how many places are taken.

Without foreign keys in the database, as decisions: a country is enrolled at once, and what they name is ours to get right.
"""

from django.db import models
from django.db.models import Q

from amparo.kernel.ids import uuid7
from amparo.programmes.config import Unit
from amparo.programmes.enrolment import CollectorKind
from amparo.programmes.models.stating import Programme, choices
from amparo.programmes.types import EnrolmentState

# What a programme system's own code stands for where the enrolment is this registry's.
OWN = "own"


class Enrolment(models.Model):
    """That a unit takes part in a programme, waits for a place, or did; only one that has not ended per unit.

    `household_id`  where the unit lived when it was enrolled; null of who is known only to a programme
    `person_id`     whom the benefit is for, where the unit is a person
    `recipient_id`, `alternate_id`  who collects, and who may instead
    `source`        `own`, or the code of the programme system that told it
    `starts_on`     since when it takes part; while it waits, since when it waits
    `amount_minor`  per payment period, from the decision; null: not known, or nothing is paid
    `rank`          the unit's rank when it was put on the waiting list; null: in the order of arrival
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey(Programme, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    grain = models.CharField(max_length=20, choices=choices(Unit))
    unit_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    recipient_id = models.UUIDField(null=True)
    alternate_id = models.UUIDField(null=True)
    area_number = models.BigIntegerField()
    source = models.CharField(max_length=64, default=OWN)
    state = models.CharField(max_length=20, choices=choices(EnrolmentState))
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    suspended_until = models.DateField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    decision_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    rank = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit_id"], name="enrolment_unit"),
            models.Index(fields=["programme", "area_number"], condition=~Q(state="ended"), name="enrolment_by_area"),
            models.Index(fields=["suspended_until"], condition=Q(state="suspended"), name="enrolment_suspended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "unit_id"], condition=~Q(state="ended"), name="enrolment_one_a_unit"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ends_on__isnull=False) | (~Q(state="ended") & Q(ends_on=None)),
                name="enrolment_ended_has_day",
            ),
            models.CheckConstraint(condition=Q(amount_minor=None) | Q(amount_minor__gte=0), name="enrolment_amount"),
            models.CheckConstraint(condition=Q(suspended_until=None) | Q(state="suspended"), name="enrolment_until"),
        ]


class EnrolmentStep(models.Model):
    """A step in an enrolment's life: which state began, on which day, why and by whom. Written once.

    `reason`  a code of the programme's vocabulary (`config.EnrolmentConfig`); "" where it needs none
    `law`     message id of the ground; "" where nothing adverse was done
    `until`   the day on which a suspension ends by itself; null: it lasts until somebody reinstates it
    """

    enrolment = models.ForeignKey(
        Enrolment, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="steps"
    )
    programme = models.ForeignKey(Programme, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    area_number = models.BigIntegerField()
    at = models.DateTimeField()
    on_day = models.DateField()
    state = models.CharField(max_length=20, choices=choices(EnrolmentState))
    reason = models.CharField(max_length=64, blank=True)
    law = models.CharField(max_length=200, blank=True)
    by_id = models.UUIDField()
    under = models.CharField(max_length=64)
    until = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["enrolment"], name="enrolmentstep_enrolment")]


class EnrolmentNotice(models.Model):
    """That a suspension or an exit was made known: on which day, and from which day it may take effect.

    `confirmed_by`  the second person, where the programme's procedure demands one
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.DO_NOTHING, db_constraint=False, related_name="notices")
    programme = models.ForeignKey(Programme, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    area_number = models.BigIntegerField()
    state = models.CharField(max_length=20, choices=choices((EnrolmentState.SUSPENDED, EnrolmentState.ENDED)))
    reason = models.CharField(max_length=64)
    law = models.CharField(max_length=200)
    until = models.DateField(null=True)
    needs_review = models.BooleanField()
    given_on = models.DateField()
    given_by = models.UUIDField()
    under = models.CharField(max_length=64)
    takes_effect_on = models.DateField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    took_effect_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["takes_effect_on"],
                condition=Q(withdrawn_at=None, took_effect_at=None),
                name="enrolmentnotice_due",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(withdrawn_at=None, took_effect_at=None), name="enrolmentnotice_one"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("given_by")), name="enrolmentnotice_four_eyes"
            ),
        ]


class CollectorChange(models.Model):
    """That somebody else collects for a unit: by what proof, from which day to which; two people's act.

    `collector_id`  a person, or for an institution an organisation; null: the person themselves
    `document`      the number under which the proof lies with the office: no words
    `before_id`     who collected before, and does again after the last day; written when it took effect
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.DO_NOTHING, db_constraint=False, related_name="collectors")
    programme = models.ForeignKey(Programme, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    area_number = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=choices(CollectorKind))
    collector_id = models.UUIDField(null=True)
    proof = models.CharField(max_length=64)
    law = models.CharField(max_length=200)
    document = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    before_id = models.UUIDField(null=True)
    under = models.CharField(max_length=64)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    took_effect_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["enrolment"], name="collectorchange_enrolment")]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(withdrawn_at=None, took_effect_at=None), name="collectorchange_one"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("proposed_by")),
                name="collectorchange_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="collectorchange_days"
            ),
            models.CheckConstraint(
                condition=Q(kind=CollectorKind.SELF, collector_id=None)
                | (~Q(kind=CollectorKind.SELF) & Q(collector_id__isnull=False)),
                name="collectorchange_named",
            ),
            models.CheckConstraint(
                condition=Q(took_effect_at=None) | Q(confirmed_by__isnull=False), name="collectorchange_confirmed"
            ),
        ]


class Capacity(models.Model):
    """How many places a programme has, and how many are taken: kept by a trigger, which refuses one too many."""

    programme = models.OneToOneField(Programme, models.PROTECT, primary_key=True, related_name="+")
    places = models.BigIntegerField()
    taken = models.BigIntegerField(default=0)
