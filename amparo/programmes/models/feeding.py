"""Tables of what other programmes' systems tell: deliveries, of whom, what they receive, and which rows were set aside.

Without foreign keys in the database to whom they name, as enrolments: a country's payroll comes at once.
"""

from django.db import models

from amparo.kernel.ids import uuid7
from amparo.programmes.models.stating import choices
from amparo.programmes.types import (
    BenefitKind,
    BenefitStatus,
    Found,
    GrievanceState,
    Likeness,
    MatchState,
    PaymentTold,
    PostState,
    Receiver,
)
from amparo.trust.keys.sealed import key_of


class FeedDelivery(models.Model):
    """One file of a programme's system, with its receipt: counts and sums, nobody's record.

    `day`  as of which the system tells it: of two that tell of the same month the later day counts
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.CharField(max_length=64)
    day = models.DateField()
    digest = models.CharField(max_length=64, unique=True)
    receipt = models.JSONField()
    delivered_by = models.UUIDField()
    delivered_at = models.DateTimeField()


class FeedRejection(models.Model):
    """A row that was set aside: its line and reasons. What stood in it lies with the programme, whose row it is."""

    delivery = models.ForeignKey(FeedDelivery, models.DO_NOTHING, related_name="rejections")
    line = models.BigIntegerField()
    reasons = models.JSONField()


class FeedRetraction(models.Model):
    """That a delivery was taken back: why, by whom, and how much of what it told went. Its receipt stays."""

    delivery = models.OneToOneField(FeedDelivery, models.DO_NOTHING, primary_key=True, related_name="retraction")
    reason = models.CharField(max_length=500)
    gone = models.BigIntegerField()
    retracted_by = models.UUIDField()
    retracted_at = models.DateTimeField()


class FeedPost(models.Model):
    """A delivery that a system's own machine sent, from its coming until it was taken in: nobody's record.

    `mapping`   how it is read, as it stood when it came; `digest` of what was sent
    `refusal`   id and values of the message by which it was refused whole; null otherwise
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.CharField(max_length=64)
    agreement = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    day = models.DateField()
    mapping = models.JSONField()
    digest = models.CharField(max_length=64)
    rows = models.IntegerField()
    state = models.CharField(max_length=20, choices=choices(PostState))
    receipt = models.JSONField(null=True)
    refusal = models.JSONField(null=True)
    posted_by = models.UUIDField()
    posted_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)


class Beneficiary(models.Model):
    """Somebody as a programme's system knows them, and who that is here, as far as it is known.

    `reference`  the system's own number of them; "" where it has none, and they are known by their identifier
    `area_number`  where the person lives; null of whom nobody here knows: then only the nation sees them
    `told`       what was told of them besides, sealed, while they are not found by their identifier: names, birth date, area
    `told_on`    the day of the delivery that told it
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.CharField(max_length=64)
    reference = models.CharField(max_length=200)
    person_id = models.UUIDField(null=True)
    area_number = models.BigIntegerField(null=True)
    found = models.CharField(max_length=20, choices=choices(Found))
    scheme = models.CharField(max_length=64, blank=True)
    identifier = models.BinaryField(null=True)
    identifier_key = key_of("identifier")
    blind_index = models.BinaryField(null=True)
    spare_index = models.BinaryField(null=True)
    told = models.BinaryField(null=True)
    told_key = key_of("told")
    told_on = models.DateField()

    class Meta:
        managed = False
        db_table = "programmes_beneficiary"


class Match(models.Model):
    """A person who may be the beneficiary a system tells of, why, and what a person decided. Each pair stands once.

    `likeness`  of the names in per cent; null where none are told. `is_identified`: the identifier is theirs
    `area_number`  where the person lives: who answers for them decides
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    beneficiary = models.ForeignKey(Beneficiary, models.DO_NOTHING, db_constraint=False, related_name="matches")
    person_id = models.UUIDField()
    area_number = models.BigIntegerField()
    likeness = models.SmallIntegerField(null=True)
    birth = models.CharField(max_length=20, choices=choices(Likeness))
    place = models.CharField(max_length=20, choices=choices(Likeness))
    is_identified = models.BooleanField()
    score = models.SmallIntegerField()
    state = models.CharField(max_length=20, choices=choices(MatchState))
    proposed_on = models.DateField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "programmes_match"


class Benefit(models.Model):
    """What a system told of one beneficiary, programme and month. Never changed: a later day tells it anew.

    `said`  a hash of all that is told, by which a row that was told before is recognised
    """

    beneficiary = models.ForeignKey(Beneficiary, models.DO_NOTHING, db_constraint=False, related_name="benefits")
    delivery = models.ForeignKey(FeedDelivery, models.DO_NOTHING, db_constraint=False, related_name="+")
    area_number = models.BigIntegerField(null=True)
    day = models.DateField()
    scheme = models.CharField(max_length=64)
    period = models.DateField()
    status = models.CharField(max_length=20, choices=choices(BenefitStatus))
    kind = models.CharField(max_length=20, choices=choices(BenefitKind))
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    decimals = models.SmallIntegerField()
    payment = models.CharField(max_length=20, choices=choices(PaymentTold), null=True)
    receiver = models.CharField(max_length=20, choices=choices(Receiver), null=True)
    since = models.DateField(null=True)
    said = models.UUIDField()

    class Meta:
        managed = False
        db_table = "programmes_benefit"


class Grievance(models.Model):
    """What a system told of one grievance of one beneficiary, by the programme's own number. Never changed: a later day tells it anew.

    `category`  a category of cases of this country; `filed`, `closed` days, null where it is open or the day was not told
    """

    beneficiary = models.ForeignKey(Beneficiary, models.DO_NOTHING, db_constraint=False, related_name="grievances")
    delivery = models.ForeignKey(FeedDelivery, models.DO_NOTHING, db_constraint=False, related_name="+")
    area_number = models.BigIntegerField(null=True)
    day = models.DateField()
    scheme = models.CharField(max_length=64)
    grievance = models.CharField(max_length=200)
    category = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=choices(GrievanceState))
    filed = models.DateField()
    closed = models.DateField(null=True)
    said = models.UUIDField()

    class Meta:
        managed = False
        db_table = "programmes_grievance"


class OverlapRun(models.Model):
    """Who receives several benefits at once, counted on a day by pair of programmes and class: nobody's record.

    `is_weighed`  that it was worked out which areas are not told (`Untold`): before it, none is
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    day = models.DateField()
    counts = models.JSONField()
    classed_by = models.UUIDField()
    classed_at = models.DateTimeField()
    is_weighed = models.BooleanField(default=False)


class Overlap(models.Model):
    """How many homes of an area receive two programmes at once, by pair and class; `second` equal to `first`: that one at all.

    `overlap`  how the two go together; "" of a programme beside itself
    """

    run = models.ForeignKey(OverlapRun, models.CASCADE, related_name="overlaps")
    area_number = models.BigIntegerField()
    first = models.CharField(max_length=64)
    second = models.CharField(max_length=64)
    overlap = models.CharField(max_length=20, blank=True)
    households = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["run", "area_number"], name="overlap_area")]
