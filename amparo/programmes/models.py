"""Tables of programmes. Decisions are protected and partitioned by the month in which they were made."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Cast, NullIf

from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.programmes.config import Unit
from amparo.programmes.types import Change, Engine, RunState, State


def _choices(words) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in words]


# Whoever acts in the transaction (`trust.context`), as the column's own default says it too.
ACTING = Cast(NullIf(Func(Value("amparo.by"), Value(True), function="current_setting"), Value("")), models.UUIDField())


class Programme(models.Model):
    """A programme; its words are in the profile's catalogue under `programme-<code>`."""

    id = models.SmallAutoField(primary_key=True)
    code = models.CharField(max_length=64, unique=True)
    unit = models.CharField(max_length=20, choices=_choices(Unit))
    position = models.SmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    procedure = models.JSONField(default=dict)

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
    engine = models.CharField(max_length=20, choices=_choices(Engine))
    engine_version = models.CharField(max_length=80)
    state = models.CharField(max_length=20, choices=_choices(RunState), default=RunState.PLANNED)
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
    change = models.CharField(max_length=20, choices=_choices(Change))
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


class Notice(models.Model):
    """That a decision for the worse was made known: on which day, and from which day it may take effect.

    `was_minor`  the amount that stands until then; null where the programme pays nothing itself
    `effect`  the decision that came into effect by it, with `took_effect_at`
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision_id = models.UUIDField(unique=True)
    decided_at = models.DateTimeField()
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    unit_id = models.UUIDField()
    household_id = models.UUIDField()
    area_number = models.BigIntegerField()
    was_minor = models.BigIntegerField(null=True)
    law = models.CharField(max_length=200)
    needs_review = models.BooleanField()
    appeal_days = models.IntegerField()
    given_on = models.DateField()
    given_by = models.UUIDField()
    takes_effect_on = models.DateField()
    effect = models.UUIDField(null=True)
    took_effect_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["takes_effect_on"], condition=Q(effect=None), name="notice_due")]
        constraints = [
            models.CheckConstraint(condition=Q(takes_effect_on__gt=models.F("given_on")), name="notice_before_effect")
        ]


class Reply(models.Model):
    """What somebody answered to a notice. `words` is sealed; null where they were erased, on the tombstone's ground and day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="replies")
    area_number = models.BigIntegerField()
    received_on = models.DateField()
    words = models.BinaryField(null=True)
    tombstone = models.JSONField(null=True)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()


class Review(models.Model):
    """What a person other than the maker found about a change for the worse. `reason` is sealed, or erased as a reply is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="reviews")
    area_number = models.BigIntegerField()
    confirms = models.BooleanField()
    reason = models.BinaryField(null=True)
    tombstone = models.JSONField(null=True)
    reviewed_by = models.UUIDField()
    reviewed_at = models.DateTimeField()
