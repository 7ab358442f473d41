"""Tables of how local offices do: indices as a profile states them, and what they said of each area in a month."""

from django.db import models

from amparo.kernel.ids import uuid7


class Index(models.Model):
    """An index; its words are in the profile's catalogue under `performance-<code>`. `terms` as `performance.kept` writes them."""

    code = models.CharField(max_length=64, primary_key=True)
    position = models.SmallIntegerField(default=0)
    terms = models.JSONField()
    withdrawn_at = models.DateTimeField(null=True)


class Measurement(models.Model):
    """That an index was measured for a month, with the terms and figures of the law by which it was: it explains itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    index = models.ForeignKey(Index, models.PROTECT, related_name="+")
    month = models.DateField()
    day = models.DateField()
    known_at = models.DateTimeField()
    terms = models.JSONField()
    parameters = models.JSONField()
    measured_by = models.UUIDField()
    measured_at = models.DateTimeField()
    is_weighed = models.BooleanField(default=False)  # as of `Coverage`

    class Meta:
        indexes = [models.Index(fields=["index", "month"], name="measurement_month")]


class MeasuredArea(models.Model):
    """What an index said of an area, and the numbers it is made of. Counts, nobody's record.

    `numbers`  rates as [code, met, of, unknown, period], what is stated by its name, and figures as [code, value], in their order
    """

    measurement = models.ForeignKey(Measurement, models.CASCADE, related_name="areas")
    area_number = models.BigIntegerField()
    numbers = models.JSONField()
    value = models.FloatField(null=True)
    pays = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measurement", "area_number"], name="measuredarea_once"),
        ]
