"""Tables of payments. Payments, lines, adjustments and accounts are protected; lists, funds and returns hold counts and references."""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from amparo.kernel.ids import uuid7
from amparo.payments.types import (
    Check,
    Conflict,
    DispatchReason,
    DispatchState,
    LineKind,
    ListState,
    PaymentState,
    RailKind,
    ReturnState,
)
from amparo.trust.keys.sealed import key_of


def _choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in words]


class Terms(models.Model):
    """How a programme pays, as the profile states it (`config.restored`)."""

    programme = models.OneToOneField("programmes.Programme", models.PROTECT, primary_key=True, related_name="+")
    content = models.JSONField()
    withdrawn_at = models.DateTimeField(null=True)


class Fund(models.Model):
    """Money that a programme may spend, as somebody recorded it; below zero where some was taken back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey("programmes.Programme", models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    document = models.CharField(max_length=64)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()


class List(models.Model):
    """What one programme pays in one cycle. Once proposed its contents stand: the database changes nothing of them.

    `digest`, `signature`  over every payment of the list; the signature by the key of the audit log, when it is approved
    `outcomes`  by state, payments and minor units, as who pays has said so far
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey("programmes.Programme", models.PROTECT, related_name="+")
    cycle = models.CharField(max_length=7)
    part = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=20, choices=_choices(ListState), default=ListState.PREPARED)
    rail = models.CharField(max_length=20, choices=_choices(RailKind))
    currency = models.CharField(max_length=3)
    decimals = models.SmallIntegerField()
    on_day = models.DateField()
    pays_on = models.DateField()
    payments = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    withheld = models.BigIntegerField(default=0)
    hands = models.SmallIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    signature = models.BinaryField(null=True)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    proposed_by = models.UUIDField(null=True)
    proposed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    outcomes = models.JSONField(default=dict)
    on_time = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "cycle", "part"],
                condition=~Q(state=ListState.WITHDRAWN),
                name="list_once_a_cycle",
            )
        ]


class Approval(models.Model):
    """That somebody other than the maker looked at a list and approved just these contents."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    list = models.ForeignKey(List, models.PROTECT, related_name="approvals")
    made_by = models.UUIDField()
    by_id = models.UUIDField()
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "by_id"], name="approval_once")]


class Account(models.Model):
    """Where somebody is paid: a bank account or a mobile wallet. Number and holder are sealed, the blind index finds doubles.

    `verified_at`  when the holder's name was found to be the person's; before it nothing is paid there
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    area_number = models.BigIntegerField()
    scheme = models.CharField(max_length=20)
    institution = models.CharField(max_length=35)
    number = models.BinaryField()
    number_key = key_of("number")
    blind_index = models.BinaryField(null=True)
    spare_index = models.BinaryField(null=True)
    holder = models.BinaryField()
    holder_key = key_of("holder")
    verified_at = models.DateTimeField(null=True)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "payments_account"


class Payment(models.Model):
    """What one recipient gets for one unit by one list: the sum of its lines. Of one with an unknown amount there are none.

    `amount_minor`  null where the amount is unknown: never zero
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    list = models.ForeignKey(List, models.DO_NOTHING, db_constraint=False, related_name="+")
    enrolment_id = models.UUIDField()
    unit_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    recipient_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    area_number = models.BigIntegerField()
    reference = models.CharField(max_length=16)
    amount_minor = models.BigIntegerField(null=True)
    state = models.CharField(max_length=20, choices=_choices(PaymentState))
    check_failed = models.CharField(max_length=20, choices=_choices(Check), null=True)
    held_until = models.DateField(null=True)
    settled_by = models.UUIDField(null=True)
    paid_minor = models.BigIntegerField(default=0)
    paid_on = models.DateField(null=True)
    return_id = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = "payments_payment"


class Line(models.Model):
    """A part of a payment: one of each kind for one unit, recipient and cycle of a programme. What takes away is below zero.

    `owed_for`  the earlier cycle for which an upheld appeal owes it, once whatever list pays it; null: it is of its own
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, models.DO_NOTHING, db_constraint=False, related_name="lines")
    programme = models.ForeignKey("programmes.Programme", models.DO_NOTHING, db_constraint=False, related_name="+")
    cycle = models.CharField(max_length=7)
    unit_id = models.UUIDField()
    recipient_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20, choices=_choices(LineKind))
    amount_minor = models.BigIntegerField()
    reference = models.CharField(max_length=16)
    area_number = models.BigIntegerField()
    owed_for = models.CharField(max_length=7, null=True)

    class Meta:
        managed = False
        db_table = "payments_line"


class Adjustment(models.Model):
    """Money beside the benefit: owed from before, given on top, to be got back. It becomes part of a line of one list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey("programmes.Programme", models.PROTECT, related_name="+")
    enrolment_id = models.UUIDField()
    area_number = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=_choices(LineKind))
    amount_minor = models.BigIntegerField()
    law = models.CharField(max_length=200)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    list = models.ForeignKey(List, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) & ~Q(kind=LineKind.BENEFIT), name="adjustment_sound"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")), name="adjustment_four_eyes"
            ),
        ]
        indexes = [models.Index(fields=["programme"], condition=Q(list=None), name="adjustment_waiting")]


class Arrears(models.Model):
    """What a cycle should have paid a unit in all, as an appeal that was upheld says; the next list pays what is missing of it.

    `due_minor`  null where the rule of the day cannot say: it is paid by no list, and stands there for somebody to see
    `list`       the list that took it in
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey("programmes.Programme", models.PROTECT, related_name="+")
    case_id = models.UUIDField()
    unit_id = models.UUIDField()
    area_number = models.BigIntegerField()
    cycle = models.CharField(max_length=7)
    due_minor = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()
    list = models.ForeignKey(List, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_id", "cycle"], name="arrears_once_a_cycle"),
            models.CheckConstraint(condition=Q(due_minor=None) | Q(due_minor__gt=0), name="arrears_sound"),
        ]
        indexes = [
            models.Index(fields=["programme"], condition=Q(list=None), name="arrears_waiting"),
            models.Index(fields=["unit_id"], name="arrears_unit"),
        ]


class Export(models.Model):
    """A file of a list as it went to who pays. Made again, it has the same bytes: the digest says so."""

    list = models.ForeignKey(List, models.PROTECT, related_name="exports")
    part = models.SmallIntegerField()
    payments = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "part"], name="export_once")]


class Dispatch(models.Model):
    """A part of a list that goes to who pays by itself, entered once; handed over again it says the same under the same id.

    `after`, `last`  its payments are those with a reference above the one, up to the other
    `digest`         of what is handed over
    `begun_at`, `ended_at`  of the last attempt: one without an end was cut off, and nobody knows whether it arrived
    `correlation`    by what whoever pays knows it
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    list = models.ForeignKey(List, models.PROTECT, related_name="dispatches")
    part = models.SmallIntegerField()
    after = models.CharField(max_length=16)
    last = models.CharField(max_length=16)
    payments = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=_choices(DispatchState), default=DispatchState.WAITING)
    attempts = models.SmallIntegerField(default=0)
    was_tried = models.BooleanField(default=False)
    next_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, choices=_choices(DispatchReason), blank=True)
    code = models.CharField(max_length=40, blank=True)
    correlation = models.CharField(max_length=99, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "part"], name="dispatch_once")]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=(DispatchState.WAITING, DispatchState.TAKEN)),
                name="dispatch_due",
            )
        ]


class Return(models.Model):
    """What who pays sent back about a list. It counts whole or not at all, unless another person says otherwise.

    `dispatch`  what it answers by itself; null where a person took a file in
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    list = models.ForeignKey(List, models.PROTECT, related_name="returns")
    dispatch = models.ForeignKey(Dispatch, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=_choices(ReturnState), default=ReturnState.RECEIVED)
    digest = models.CharField(max_length=64)
    lines = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    conflicts = models.JSONField(default=dict)
    received_by = models.UUIDField()
    received_at = models.DateTimeField()
    overridden_by = models.UUIDField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "digest"], name="return_once")]


class ReturnLine(models.Model):
    """What a return says of one payment, by its reference. `conflict`: why it cannot count; null where it can."""

    returned = models.ForeignKey(Return, models.DO_NOTHING, db_constraint=False, related_name="of")
    position = models.IntegerField()
    reference = models.CharField(max_length=40)
    outcome = models.CharField(max_length=20, choices=_choices(PaymentState))
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    on_day = models.DateField(null=True)
    reason = models.CharField(max_length=40)
    conflict = models.CharField(max_length=20, choices=_choices(Conflict), null=True)

    class Meta:
        managed = False
        db_table = "payments_returnline"
