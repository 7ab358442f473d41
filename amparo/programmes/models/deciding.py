"""Tables of runs and decisions. Decisions are protected and partitioned by the month in which they were made."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Cast, NullIf

from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.programmes.config import Unit
from amparo.programmes.models.stating import Programme, RuleVersion, choices
from amparo.programmes.types import Change, Engine, RunState, State

# Whoever acts in the transaction (`trust.context`), as the column's own default says it too.
ACTING = Cast(NullIf(Func(Value("amparo.by"), Value(True), function="current_setting"), Value("")), models.UUIDField())


class Determination(models.Model):
    """A run of all programmes over one snapshot, with all that is needed to do it again.

    `known_at`  when the snapshot was taken: nothing that was learnt later is in its decisions
    `quotas`    of each ranked programme, area by area: its places and what became of them
    `started_by`  who planned it; where a programme demands approval, somebody else has approved it
    `is_of_all`  of every programme in force on the day, so that a country's figures can be read off it
    `base`  the run before it, where only what has changed since was decided again; `decided_again` counts those households
    `hashes`, `weights`  of each programme: its part of the result hash, and the weight granted and in all
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    snapshot = models.ForeignKey("snapshot.Snapshot", models.PROTECT, null=True, related_name="+")
    known_at = models.DateTimeField(null=True)
    on_day = models.DateField()
    engine = models.CharField(max_length=20, choices=choices(Engine))
    engine_version = models.CharField(max_length=80)
    state = models.CharField(max_length=20, choices=choices(RunState), default=RunState.PLANNED)
    progress = models.FloatField(default=0)
    planned_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    started_by = models.UUIDField()
    needs_approval = models.BooleanField(default=False)
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    previewed_at = models.DateTimeField(null=True)
    is_stop_asked = models.BooleanField(default=False)
    is_full = models.BooleanField(default=False)
    is_of_all = models.BooleanField(default=True)
    base = models.UUIDField(null=True)
    decided_again = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=64)
    households = models.BigIntegerField(default=0)
    persons = models.BigIntegerField(default=0)
    programmes = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    share_true_weighted = models.JSONField(default=dict)
    quotas = models.JSONField(default=dict)
    hashes = models.JSONField(default=dict)
    weights = models.JSONField(default=dict)
    result_hash = models.CharField(max_length=64, blank=True)
    problem = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-started_at"], name="determination_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("started_by")), name="determination_four_eyes"
            )
        ]


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
    grain = models.CharField(max_length=20, choices=choices(Unit))
    unit_id = models.UUIDField()
    household_id = models.UUIDField()
    area_number = models.BigIntegerField()
    outcome = models.BooleanField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    rank = models.IntegerField(null=True)
    places = models.IntegerField(null=True)
    missing = ArrayField(models.TextField())
    on_day = models.DateField()
    state = models.CharField(max_length=20, choices=choices(State))
    superseded_at = models.DateTimeField(null=True)
    facts = models.JSONField(null=True)
    made_by = models.UUIDField(null=True, db_default=ACTING)

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


class Preview(models.Model):
    """What a run would change in an area, before anything is written: counts and sums, nobody's record."""

    run = models.ForeignKey(Determination, models.CASCADE, related_name="previews")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    area_number = models.BigIntegerField()
    change = models.CharField(max_length=20, choices=choices(Change))
    units = models.BigIntegerField()
    before_minor = models.BigIntegerField()
    after_minor = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["run", "area_number"], name="preview_run_area")]


class HouseholdDetermination(models.Model):
    """That something came of deciding a household by itself: so the next run looks at it again, whatever it finds."""

    household_id = models.UUIDField()
    area_number = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="householddetermination_at")]
