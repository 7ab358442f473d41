"""Tables of cases. Cases and their steps are protected; a step is written once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from amparo.cases.config import LEAD_DAYS, Trigger
from amparo.cases.types import Act, Channel, Kind, State
from amparo.kernel.ids import uuid7


def _choices(words) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in words]


class Category(models.Model):
    """What cases are about, as the profile states it; one that it states no longer takes no new case."""

    code = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=20, choices=_choices(Kind))
    days = models.SmallIntegerField()
    escalate_days = models.SmallIntegerField(default=0)
    escalate_to = models.CharField(max_length=40, blank=True, default="")
    is_sensitive = models.BooleanField(default=False)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    is_public = models.BooleanField(default=False)
    questions = ArrayField(models.CharField(max_length=64), default=list)
    position = models.SmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)


class Transition(models.Model):
    """A transition of lives, as the profile states it (`config.TransitionConfig`); one that it states no longer opens nothing."""

    code = models.CharField(max_length=64, primary_key=True)
    trigger = models.CharField(max_length=20, choices=_choices(Trigger))
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    source = models.CharField(max_length=64)
    years = models.SmallIntegerField(null=True)
    days = models.SmallIntegerField(default=LEAD_DAYS)
    field = models.CharField(max_length=64, blank=True, default="")
    value = models.CharField(max_length=64, blank=True, default="")
    told = ArrayField(models.CharField(max_length=64), default=list)
    receiving = models.BooleanField(default=False)
    ends = ArrayField(models.CharField(max_length=64), default=list)
    next = ArrayField(models.CharField(max_length=64), default=list)
    position = models.SmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)


class Case(models.Model):
    """Something that waits for a person. What it is about is named by ids, whose rows lie in other packages.

    `area_number`  the person's or household's; of a case about nobody who is known, where it was filed
    `suspends`     an appeal that keeps the decision from taking effect
    `told_at`      since when whom it concerns sees it; `reply_until` the last day of their answer
    `effect`       what an executed appeal changed, and since when; of a transition, what was applied for
    `transition`   which, and `event_on` the day on which it happens, or by which an enrolment is confirmed anew; `has_gap` whether more than one payment cycle lay between
                   what ended and what followed, once that is known
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=20, choices=_choices(Kind))
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=20, choices=_choices(Channel))
    state = models.CharField(max_length=20, choices=_choices(State), default=State.OPEN)
    area_number = models.BigIntegerField()
    person_id = models.UUIDField(null=True)
    household_id = models.UUIDField(null=True)
    decision_id = models.UUIDField(null=True)
    enrolment_id = models.UUIDField(null=True)
    payment_id = models.UUIDField(null=True)
    programme = models.CharField(max_length=64, blank=True, default="")
    filed_on = models.DateField()
    filed_by = models.UUIDField(null=True)
    due_on = models.DateField()
    owner = models.UUIDField(null=True)
    is_sensitive = models.BooleanField(default=False)
    suspends = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    reply_until = models.DateField(null=True)
    escalated_at = models.DateTimeField(null=True)
    escalated_to = models.CharField(max_length=40, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    effect = models.JSONField(null=True)
    transition = models.CharField(max_length=64, blank=True, default="")
    event_on = models.DateField(null=True)
    has_gap = models.BooleanField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(closed_at=None), name="case_open_due"),
            models.Index(fields=["owner", "due_on"], condition=Q(closed_at=None), name="case_open_owner"),
            models.Index(fields=["area_number", "filed_on"], name="case_area_filed"),
            models.Index(fields=["person_id"], name="case_person"),
            models.Index(fields=["household_id"], name="case_household"),
            models.Index(fields=["event_on"], condition=~Q(transition=""), name="case_event"),
            models.Index(fields=["enrolment_id"], condition=Q(kind="recertification"), name="case_recertified"),
        ]
        constraints = [
            # An answer to an appeal is final: one that was withdrawn can be filed again, another cannot.
            models.UniqueConstraint(
                fields=["decision_id"], condition=Q(kind="appeal") & ~Q(state="withdrawn"), name="appeal_once"
            ),
            models.UniqueConstraint(
                fields=["decision_id"], condition=Q(kind="quality", closed_at=None), name="open_question_once"
            ),
            models.UniqueConstraint(
                fields=["payment_id"], condition=Q(kind="payment", closed_at=None), name="open_payment_once"
            ),
            # A transition happens once in a life on a day: whatever looks for it may look again.
            models.UniqueConstraint(
                fields=["transition", "person_id", "event_on"], condition=~Q(transition=""), name="transition_once"
            ),
            models.UniqueConstraint(
                fields=["transition", "enrolment_id"],
                condition=~Q(transition="") & Q(closed_at=None, event_on=None),
                name="transition_of_enrolment_once",
            ),
            models.UniqueConstraint(
                fields=["enrolment_id"],
                condition=Q(kind="recertification", closed_at=None) & ~Q(event_on=None),
                name="recertification_once",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("filed_on")), name="case_due_after_filed"),
            models.CheckConstraint(condition=~Q(kind="appeal") | ~Q(decision_id=None), name="appeal_of_a_decision"),
        ]


class Step(models.Model):
    """One step in the life of a case, and what was said. `said` is sealed; null where nothing was, or where it was erased."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    area_number = models.BigIntegerField()
    act = models.CharField(max_length=20, choices=_choices(Act))
    state = models.CharField(max_length=20, choices=_choices(State))
    at = models.DateTimeField()
    by_id = models.UUIDField(null=True)
    is_told = models.BooleanField(default=False)
    said = models.BinaryField(null=True)
    tombstone = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="step_case_at")]
