"""Tables of what a profile, or somebody on the pages, states: programmes, rules, figures, tables and models."""

from django.db import models
from django.db.models import Q

from amparo.kernel.ids import uuid7
from amparo.programmes.config import Unit


def choices(words) -> list[tuple[str, str]]:
    """Return the words of an enum as a column's choices."""
    return [(each.value, each.value) for each in words]


class Programme(models.Model):
    """A programme; its words are in the profile's catalogue under `programme-<code>`.

    `enrolment`  how it enrols, as `enrolment.kept` writes it
    `conditions`  what it asks of those who take part, as `conditions.kept` writes each
    """

    id = models.SmallAutoField(primary_key=True)
    code = models.CharField(max_length=64, unique=True)
    unit = models.CharField(max_length=20, choices=choices(Unit))
    position = models.SmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    procedure = models.JSONField(default=dict)
    enrolment = models.JSONField(default=dict)
    conditions = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.code


class Draft(models.Model):
    """A new version of a rule, figure, table or model, written by one person and published by another.

    `content`   what `standing.drafted` reads
    `measured`  what it would change on the latest snapshot: counts, or the problem that stood in the way
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=64)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    law = models.CharField(max_length=200)
    content = models.JSONField()
    cases = models.TextField(blank=True)
    written_by = models.UUIDField()
    written_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    measure_asked_at = models.DateTimeField(null=True)
    measured = models.JSONField(null=True)
    discarded_at = models.DateTimeField(null=True)
    published_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=models.F("written_by")), name="draft_four_eyes"
            )
        ]


class RuleVersion(models.Model):
    """A rule as it stood from one day to another. A corrected text is a new row, so that past decisions keep theirs.

    `terms`  what stands around the rule: whose members it asks, and who comes first where places are few
    `draft`  through which it was published; null of what the profile's files state
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rule_versions")
    rule = models.TextField()
    amount = models.TextField(null=True)
    terms = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)
    law = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    installed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "starts_on"], condition=Q(replaced_at=None), name="rule_version_one_a_day"
            )
        ]


class Parameter(models.Model):
    """A figure that law sets, `param.<name>` in rules.

    `area`  code of the area that sets it by itself; null: the nation does
    """

    name = models.CharField(max_length=64, primary_key=True)
    type = models.CharField(max_length=20)
    unit = models.CharField(max_length=40, null=True)
    law = models.CharField(max_length=200)
    area = models.CharField(max_length=64, null=True)


class ParameterValue(models.Model):
    """A value from one day on. A corrected value is a new row; the old one says until when it was believed."""

    parameter = models.ForeignKey(Parameter, models.PROTECT, related_name="values")
    starts_on = models.DateField()
    value = models.JSONField()
    law = models.CharField(max_length=200)
    installed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parameter", "starts_on"], condition=Q(replaced_at=None), name="parameter_value_one_a_day"
            )
        ]


class ContentVersion(models.Model):
    """A decision table or scoring model from one day on. A corrected one is a new row, as a parameter's value is.

    `content`  as `rules.contents.kept` writes it
    """

    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=64)
    starts_on = models.DateField()
    content = models.JSONField()
    law = models.CharField(max_length=200)
    installed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code", "starts_on"], condition=Q(replaced_at=None), name="content_version_one_a_day"
            )
        ]


class LifeGroup(models.Model):
    """A life-cycle group by which people are counted, as the profile states it today. Counts keep its code."""

    code = models.CharField(max_length=64, primary_key=True)
    position = models.SmallIntegerField()
    rule = models.TextField()
