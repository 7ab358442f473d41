"""Tables of trust."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.crypto import salted_hmac

from amparo.kernel.ids import uuid7
from amparo.trust.covering import Direction, Period, State
from amparo.trust.types import ConsentKind, Role, Side


class Accounts(BaseUserManager):
    """The look-up by username that Django's sign-in asks for."""


class Account(AbstractBaseUser):
    """Somebody who may sign in. What they may do is in their role assignments."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=12, blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    signed_out = models.PositiveIntegerField(default=0)  # how often all sessions were ended at once
    password_until = models.DateTimeField(null=True)  # somebody else has seen it: holds so long, for changing it only

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    objects = Accounts()

    def __str__(self) -> str:
        return str(self.id)

    @property
    def must_change_password(self) -> bool:
        return self.password_until is not None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what each session of the account must carry; another password, or an end to all, makes another."""
        held = f"{self.password}:{self.signed_out}"
        return salted_hmac("amparo.trust.session", held, secret=secret, algorithm="sha256").hexdigest()


class Guess(models.Model):
    """Failures in a row, of one account or name, or within a window, of one address or all (`trust.guessing`)."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveSmallIntegerField()
    at = models.DateTimeField()


class Identity(models.Model):
    """Who an account's owner is at an identity provider, as an administrator linked it: issuer and subject, no e-mail."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]


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


class RoleAssignment(models.Model):
    """A role held by an account, over an area where the role is one of areas, between two days.

    A powerful role that one person gave is held once a second person has confirmed it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=40, choices=[(each.value, each.value) for each in Role])
    area = models.ForeignKey(Area, models.PROTECT, null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    granted_by = models.UUIDField(null=True)
    confirmed_by = models.UUIDField(null=True)
    is_confirmed = models.BooleanField(default=True)


class Purpose(models.Model):
    """A purpose for which personal data may be used, with the law that allows it; and for how long, where it ends."""

    code = models.CharField(max_length=64, primary_key=True)
    legal_basis = models.TextField()
    last_day = models.DateField(null=True)


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


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in kind]


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
    direction = models.CharField(max_length=8, choices=_choices(Direction))
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
    period = models.CharField(max_length=8, choices=_choices(Period))
    exchanges = models.IntegerField(null=True)
    volume = models.BigIntegerField()
    retention_days = models.IntegerField()
    state = models.CharField(max_length=16, choices=_choices(State))
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
    side = models.CharField(max_length=8, choices=_choices(Side))
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
    state = models.CharField(max_length=16, choices=_choices(State))
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
    kind = models.CharField(max_length=20, choices=_choices(ConsentKind))
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


class Schedule(models.Model):
    """How long something is kept, as the profile states it: so many days after an event, by a law (`trust.retention`).

    `due`, `taken`  what was still due, and what the last run took, at `counted_at`
    """

    code = models.CharField(max_length=64, primary_key=True)
    place = models.CharField(max_length=20)
    field_class = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20)
    days = models.IntegerField()
    law = models.CharField(max_length=200)
    position = models.SmallIntegerField()
    due = models.BigIntegerField(null=True)
    taken = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)


class Erasure(models.Model):
    """That somebody is to be erased or was, on what ground, and who proposed and who confirmed it; or what a schedule took.

    `reference`  of the decision or request that asks for it; never a name
    `certificate`, `digest`  what was erased where, in counts, and its hash
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(null=True)
    schedule = models.CharField(max_length=64, blank=True)
    ground = models.CharField(max_length=200)
    reference = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12)
    area_number = models.BigIntegerField()
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    certificate = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        managed = False
        db_table = "trust_erasure"


class Hold(models.Model):
    """Why a person's record may not be erased for now: an investigation, a court. Ends on its day, or when it is ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    reason = models.CharField(max_length=200)
    until = models.DateField(null=True)
    area_number = models.BigIntegerField()
    placed_by = models.UUIDField()
    placed_at = models.DateTimeField()
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "trust_hold"


class Audit(models.Model):
    """One thing that was done or refused. Inserted in the transaction of the act; no role may change a row.

    Holds no foreign keys, so that nothing audited blocks an erasure. Partitioned by month. The database itself adds
    `place`, by which rows are sealed, and `written_at`, its own clock's time (migration 0005).
    """

    pk = models.CompositePrimaryKey("at", "id")
    id = models.UUIDField(default=uuid7)
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    by_id = models.UUIDField(null=True)
    by_kind = models.CharField(max_length=20)
    permission = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=64, blank=True)
    agreement = models.CharField(max_length=64, blank=True)
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.CharField(max_length=64, blank=True)
    area_number = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        managed = False
        db_table = "trust_audit"


class Seal(models.Model):
    """A batch of audit rows, sealed: the root of their tree, chained to the seal before and signed (`trust.proof`).

    `leaves` are the hashes of its rows, 32 bytes each, by which a row that was touched can be named. Never changed.
    """

    number = models.BigIntegerField(primary_key=True)
    form = models.SmallIntegerField()
    previous = models.BinaryField()
    count = models.BigIntegerField()
    first_place = models.BigIntegerField()
    first_id = models.UUIDField()
    last_place = models.BigIntegerField()
    last_id = models.UUIDField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    root = models.BinaryField()
    sealed_at = models.DateTimeField()
    key = models.CharField(max_length=16)
    signature = models.BinaryField()
    leaves = models.BinaryField()
