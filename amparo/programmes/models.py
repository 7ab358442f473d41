"""Tables of programmes. Decisions are protected and partitioned by the month in which they were made."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amparo.kernel.ids import uuid7
from amparo.programmes.config import Unit
from amparo.programmes.types import Engine, RunState, State


def _choices(words) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in words]


class Programme(models.Model):
    """A programme; its words are in the profile's catalogue under `programme-<code>`."""

    id = models.SmallAutoField(primary_key=True)
    code = models.CharField(max_length=64, unique=True)
    unit = models.CharField(max_length=20, choices=_choices(Unit))
    position = models.SmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.code


class RuleVersion(models.Model):
    """A rule as it stood from one day to another. A corrected text is a new row, so that past decisions keep theirs.

    `terms`  what stands around the rule: whose members it asks, and who comes first where places are few
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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "starts_on"], condition=Q(replaced_at=None), name="rule_version_one_a_day"
            )
        ]


class Parameter(models.Model):
    """A figure that law sets, `param.<name>` in rules."""

    name = models.CharField(max_length=64, primary_key=True)
    type = models.CharField(max_length=20)
    unit = models.CharField(max_length=40, null=True)
    law = models.CharField(max_length=200)


class ParameterValue(models.Model):
    """A value from one day on. A corrected value is a new row; the old one says until when it was believed."""

    parameter = models.ForeignKey(Parameter, models.PROTECT, related_name="values")
    starts_on = models.DateField()
    value = models.JSONField()
    law = models.CharField(max_length=200)
    installed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parameter", "starts_on"], condition=Q(replaced_at=None), name="parameter_value_one_a_day"
            )
        ]


class Determination(models.Model):
    """A run of all programmes over one snapshot, with all that is needed to do it again.

    `known_at`  when the snapshot was taken: nothing that was learnt later is in its decisions
    `quotas`    of each ranked programme, area by area: its places and what became of them
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    snapshot = models.ForeignKey("snapshot.Snapshot", models.PROTECT, related_name="+")
    known_at = models.DateTimeField()
    on_day = models.DateField()
    engine = models.CharField(max_length=20, choices=_choices(Engine))
    engine_version = models.CharField(max_length=80)
    state = models.CharField(max_length=20, choices=_choices(RunState), default=RunState.RUNNING)
    progress = models.FloatField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = models.UUIDField()
    purpose = models.CharField(max_length=64)
    households = models.BigIntegerField(default=0)
    persons = models.BigIntegerField(default=0)
    programmes = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    share_true_weighted = models.JSONField(default=dict)
    quotas = models.JSONField(default=dict)
    result_hash = models.CharField(max_length=64, blank=True)
    problem = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-started_at"], name="determination_latest")]


class Decision(models.Model):
    """What a programme decided about a household or person. Written once; only `superseded_at` is filled in later.

    Without foreign keys: a country's decisions are written at a hundred thousand a second, and their programme, rule
    version and run are ours to get right.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decided_at = models.DateTimeField()
    run_id = models.UUIDField(null=True)
    programme = models.ForeignKey(Programme, models.DO_NOTHING, db_constraint=False, related_name="+")
    rule_version = models.ForeignKey(RuleVersion, models.DO_NOTHING, db_constraint=False, related_name="+")
    grain = models.CharField(max_length=20, choices=_choices(Unit))
    unit_id = models.UUIDField()
    household_id = models.UUIDField()
    area_number = models.BigIntegerField()
    outcome = models.BooleanField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    rank = models.IntegerField(null=True)
    places = models.IntegerField(null=True)
    missing = ArrayField(models.TextField())
    on_day = models.DateField()
    state = models.CharField(max_length=20, choices=_choices(State))
    superseded_at = models.DateTimeField(null=True)
    facts = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "programmes_decision"


class Tally(models.Model):
    """How many units of an area a run found to be what: counts for maps and tables, nobody's record."""

    run = models.ForeignKey(Determination, models.CASCADE, related_name="tallies")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    area_number = models.BigIntegerField()
    outcome = models.BooleanField(null=True)
    units = models.BigIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["run", "area_number"], name="tally_run_area")]
