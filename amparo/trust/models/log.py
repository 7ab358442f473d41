"""The audit log, and its seals."""

from django.db import models

from amparo.kernel.ids import uuid7


class Audit(models.Model):
    """One thing that was done or refused. Inserted in the transaction of the act; no role may change a row.

    Holds no foreign keys, so that nothing audited blocks an erasure. Partitioned by month. The database itself adds
    `place`, by which rows are sealed, and `written_at`, its own clock's time (migration 0005).
    """

    pk = models.CompositePrimaryKey("at", "id")
    id = models.UUIDField(default=uuid7)
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    by_id = models.UUIDField(null=True)
    by_kind = models.CharField(max_length=20)
    permission = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=64, blank=True)
    agreement = models.CharField(max_length=64, blank=True)
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.CharField(max_length=64, blank=True)
    area_number = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        managed = False
        db_table = "trust_audit"


class Seal(models.Model):
    """A batch of audit rows, sealed: the root of their tree, chained to the seal before and signed (`trust.proof`).

    `leaves` are the hashes of its rows, 32 bytes each, by which a row that was touched can be named. Never changed.
    """

    number = models.BigIntegerField(primary_key=True)
    form = models.SmallIntegerField()
    previous = models.BinaryField()
    count = models.BigIntegerField()
    first_place = models.BigIntegerField()
    first_id = models.UUIDField()
    last_place = models.BigIntegerField()
    last_id = models.UUIDField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    root = models.BinaryField()
    sealed_at = models.DateTimeField()
    key = models.CharField(max_length=16)
    signature = models.BinaryField()
    leaves = models.BinaryField()
