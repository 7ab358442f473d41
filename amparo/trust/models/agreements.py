"""Agreements with other institutions, what went out under them, and who consented to it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from amparo.kernel.ids import uuid7
from amparo.trust.covering import Direction, Period, State
from amparo.trust.models.choices import choices
from amparo.trust.models.country import Purpose
from amparo.trust.types import ConsentKind, Side


class Organisation(models.Model):
    """An institution that may be party to an agreement: the registry's own, or a partner.

    `pseudonym_key`  sealed; under it a partner knows persons and households by names of its own (`pseudonyms`)
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    is_own = models.BooleanField(default=False)
    pseudonym_key = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_own"], condition=models.Q(is_own=True), name="organisation_one_own")
        ]


class Agreement(models.Model):
    """One version of a data-sharing agreement. Once signed by one side only its state changes; a trigger holds it so.

    `fields`  list of {grain, name, given, limits, comparison}; `areas` codes; `asked` see `covering.Terms.asked_under`
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=64)
    version = models.SmallIntegerField()
    succeeds = models.ForeignKey("self", models.PROTECT, null=True, related_name="successors")
    provider = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    consumer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    direction = models.CharField(max_length=8, choices=choices(Direction))
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    legal_basis = models.TextField()
    fields = models.JSONField()
    areas = ArrayField(models.CharField(max_length=64))
    programme = models.CharField(max_length=64, blank=True)
    identifiers = ArrayField(models.CharField(max_length=40))
    needs_consent = models.BooleanField()
    asked = models.CharField(max_length=64)
    starts_on = models.DateField()
    ends_on = models.DateField()
    period = models.CharField(max_length=8, choices=choices(Period))
    exchanges = models.IntegerField(null=True)
    volume = models.BigIntegerField()
    retention_days = models.IntegerField()
    state = models.CharField(max_length=16, choices=choices(State))
    drafted_by = models.UUIDField()
    drafted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="agreement_version_once"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="agreement_in_order"),
            models.CheckConstraint(condition=models.Q(volume__gt=0), name="agreement_volume"),
        ]


class AgreementSignature(models.Model):
    """One side's signature: who signed, the term of confidentiality they signed with it, and who took it down."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=8, choices=choices(Side))
    name = models.CharField(max_length=200)
    position = models.CharField(max_length=200)
    confidentiality = models.CharField(max_length=200)
    signed_on = models.DateField()
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "side"], name="signature_once"),
            models.UniqueConstraint(fields=["agreement", "recorded_by"], name="signature_by_two"),
        ]


class AgreementChange(models.Model):
    """One step in the life of an agreement. Rows are added and never changed."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="changes")
    state = models.CharField(max_length=16, choices=choices(State))
    at = models.DateTimeField()
    by_id = models.UUIDField()
    reason = models.CharField(max_length=500, blank=True)


class Exchange(models.Model):
    """One handing-over under an agreement: what was asked, in how many pages, of how many records. Nobody's record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="exchanged")
    on = models.DateField()
    begun_at = models.DateTimeField()
    by_id = models.UUIDField()
    asked = models.JSONField()
    pages = models.IntegerField(default=0)
    records = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["agreement", "on"], name="exchange_agreement_day")]


class ConsentText(models.Model):
    """The words that somebody consented to, as they were read out or shown; each new wording is a new version."""

    agreement = models.CharField(max_length=64)
    language = models.CharField(max_length=12)
    version = models.SmallIntegerField()
    words = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "language", "version"], name="consent_text_version_once"),
            models.UniqueConstraint(fields=["agreement", "language", "digest"], name="consent_text_once"),
        ]


class Consent(models.Model):
    """A receipt: a person's yes to what one agreement hands over, until a day or until they take it back.

    Live while not withdrawn, not past `until`, and while the agreement still asks what was consented to (`asked`).
    Only the withdrawal is filled in later, once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    person_id = models.UUIDField()
    agreement = models.CharField(max_length=64)
    asked = models.CharField(max_length=64)
    text = models.ForeignKey(ConsentText, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=20, choices=choices(ConsentKind))
    given_on = models.DateField()
    until = models.DateField(null=True)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    withdrawn_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "trust_consent"
