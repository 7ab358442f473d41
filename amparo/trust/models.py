"""Tables of trust."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from amparo.kernel.ids import uuid7
from amparo.trust.types import Role


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
    """A purpose for which personal data may be used, with the law that allows it."""

    code = models.CharField(max_length=64, primary_key=True)
    legal_basis = models.TextField()


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
