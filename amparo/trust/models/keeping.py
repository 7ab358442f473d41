"""How long what is kept, who is to be erased, and who may not be yet."""

from django.db import models

from amparo.kernel.ids import uuid7


class Schedule(models.Model):
    """How long something is kept, as the profile states it: so many days after an event, by a law (`trust.retention`).

    `due`, `taken`  what was still due, and what the last run took, at `counted_at`
    """

    code = models.CharField(max_length=64, primary_key=True)
    place = models.CharField(max_length=20)
    field_class = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20)
    days = models.IntegerField()
    law = models.CharField(max_length=200)
    position = models.SmallIntegerField()
    due = models.BigIntegerField(null=True)
    taken = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)


class Erasure(models.Model):
    """That somebody is to be erased or was, on what ground, and who proposed and who confirmed it; or what a schedule took.

    `reference`  of the decision or request that asks for it; never a name
    `certificate`, `digest`  what was erased where, in counts, and its hash
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(null=True)
    schedule = models.CharField(max_length=64, blank=True)
    ground = models.CharField(max_length=200)
    reference = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12)
    area_number = models.BigIntegerField()
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    certificate = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        managed = False
        db_table = "trust_erasure"


class Hold(models.Model):
    """Why a person's record may not be erased for now: an investigation, a court. Ends on its day, or when it is ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    reason = models.CharField(max_length=200)
    until = models.DateField(null=True)
    area_number = models.BigIntegerField()
    placed_by = models.UUIDField()
    placed_at = models.DateTimeField()
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "trust_hold"
