"""The table of snapshots: manifests and wrapped keys. The rows themselves are files in the data folder."""

from django.db import models

from amparo.kernel.exports import Grade
from amparo.kernel.ids import uuid7


class Snapshot(models.Model):
    """One snapshot. When it expires its key is wiped, and with the key whatever copy of its files is left anywhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grade = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Grade])
    on_day = models.DateField()
    taken_at = models.DateTimeField()
    taken_by = models.UUIDField()
    purpose = models.CharField(max_length=64)
    log_position = models.CharField(max_length=32)
    wrapped_key = models.BinaryField(null=True)
    manifest = models.JSONField()
    retain_until = models.DateField()
    expired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["grade", "-taken_at"], name="snapshot_latest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expired_at__isnull=False) | models.Q(wrapped_key__isnull=False),
                name="snapshot_key_until_expiry",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
