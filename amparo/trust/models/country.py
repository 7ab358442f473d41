"""What the profile states of the country: areas, purposes, and thresholds of trust."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Area(models.Model):
    """A place in the tree of areas. Its subtree is the range `number` to `last_number`, both included.

    Numbers leave gaps, so that an area can be split by numbering only its own rows again.
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    names = models.JSONField(default=dict)  # language → name, for languages other than the country's first
    level = models.CharField(max_length=64)
    depth = models.SmallIntegerField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    number = models.BigIntegerField(unique=True)
    last_number = models.BigIntegerField()
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="predecessors")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(last_number__gte=models.F("number")), name="area_range_in_order"),
        ]

    def __str__(self) -> str:
        return self.code


class Purpose(models.Model):
    """A purpose for which personal data may be used: the law that allows it, the roles that may read for it, how long it holds."""

    code = models.CharField(max_length=64, primary_key=True)
    legal_basis = models.TextField()
    roles = ArrayField(models.CharField(max_length=40), default=list)
    last_day = models.DateField(null=True)


class Setting(models.Model):
    """What else the installed profile states about trust: office hours and thresholds, the law on breaches."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
