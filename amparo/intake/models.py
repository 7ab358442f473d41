"""Tables of intake: batches, and the rows they set aside."""

from django.db import models

from amparo.intake.types import Phase, State
from amparo.kernel.ids import uuid7
from amparo.trust.keys.sealed import key_of


class Batch(models.Model):
    """One delivery of files. Holds no person's record: the files lie in the data folder until the batch is over.

    `mapping` is the mapping as it was when the files came, so that a resumed batch reads them in the same way.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mapping_name = models.CharField(max_length=64)
    mapping = models.JSONField()
    source = models.CharField(max_length=64)
    observed_on = models.DateField(null=True)
    purpose = models.CharField(max_length=64)
    agreement = models.CharField(max_length=64, blank=True)
    files = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=[(each.value, each.value) for each in State])
    phase = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Phase])
    rows = models.BigIntegerField(default=0)
    is_stop_asked = models.BooleanField(default=False)
    refusal = models.JSONField(null=True)
    receipt = models.JSONField(null=True)
    delivered_by = models.UUIDField()
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    delivery_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=~models.Q(state="refused"), name="batch_once")
        ]

    def __str__(self) -> str:
        return str(self.id)


class Quarantine(models.Model):
    """One delivered row that was set aside. The row itself is sealed; the reasons hold codes and places only."""

    batch = models.ForeignKey(Batch, models.DO_NOTHING)
    position = models.BigIntegerField()  # file number and line in one
    file = models.CharField(max_length=200)
    line = models.BigIntegerField()
    reasons = models.JSONField()
    original = models.BinaryField()
    original_key = key_of("original")
    area_number = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "intake_quarantine"
