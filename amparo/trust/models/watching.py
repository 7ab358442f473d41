"""Unusual use of records, and breaches."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from amparo.kernel.ids import uuid7
from amparo.trust.models.choices import choices
from amparo.trust.types import AlertKind, AlertState, BreachStepKind


class Alert(models.Model):
    """Something unusual in the use of records, found in the audit log (`trust.watching`). One per kind, officer, subject and day.

    `by_id`      the officer or partner; None where many are concerned, who then stand in `concerned`
    `concerned`  officers who never see it nor judge it
    `about`      the household, person or second officer it is about, '' where none
    `observed`, `threshold`  what was counted between `since` and `until`, and from how much on that is unusual
    `rows`       ids of at most so many audit rows as `running.ROWS`
    `judged`     what was observed when somebody looked; twice as much opens the alert again
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=choices(AlertKind))
    by_id = models.UUIDField(null=True)
    agreement = models.CharField(max_length=64, blank=True)
    about = models.CharField(max_length=64, blank=True)
    day = models.DateField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    observed = models.BigIntegerField()
    threshold = models.BigIntegerField()
    concerned = ArrayField(models.UUIDField())
    rows = ArrayField(models.UUIDField())
    found_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=choices(AlertState))
    judged = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "by_id", "agreement", "about", "day"], name="alert_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["state", "-day"], name="alert_state_day")]


class AlertStep(models.Model):
    """One step in the life of an alert. Rows are added and never changed."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=16, choices=choices(AlertState))
    at = models.DateTimeField()
    by_id = models.UUIDField()
    reason = models.CharField(max_length=500, blank=True)


class Breach(models.Model):
    """Records that somebody saw who should not have: what, whose acts and when, until when the authority must be told.

    `by_id`      officer or partner whose acts it was; None: anybody's
    `found_at`   when it was found: the clock runs from here, for `hours` by `law`, to `notify_by`
    `counted_at` when the acts were taken from the log (`BreachAct`); None: not yet. Before it the counts are None too
    `wide`       acts among them that opened many records at once, of which the log knows how many and not whose
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.TextField()
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="breaches")
    by_id = models.UUIDField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    found_at = models.DateTimeField()
    hours = models.IntegerField()
    law = models.CharField(max_length=120, blank=True)
    notify_by = models.DateTimeField()
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True)
    persons = models.BigIntegerField(null=True)
    households = models.BigIntegerField(null=True)
    wide = models.BigIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    closing_by = models.UUIDField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="breach_in_order"),
            models.CheckConstraint(
                condition=models.Q(closed_by=None) | ~models.Q(closed_by=models.F("closing_by")), name="breach_by_two"
            ),
        ]


class BreachStep(models.Model):
    """What was done about a breach, whom it reached, and when. Rows are added and never changed."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=16, choices=choices(BreachStepKind))
    at = models.DateTimeField()
    by_id = models.UUIDField()
    whom = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=1000, blank=True)


class BreachAct(models.Model):
    """One thing that was done with the record of one person or household in a breach, as the log has it. Never changed.

    `fields` the fields that were seen, where the log names them; None: the whole record, as pages show it
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=16)
    entity = models.CharField(max_length=64)
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    by_id = models.UUIDField(null=True)
    fields = ArrayField(models.CharField(max_length=130), null=True)

    class Meta:
        indexes = [models.Index(fields=["breach", "kind", "entity", "at"], name="breach_act_place")]
