"""Who may sign in, and what each is charged with."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from amparo.kernel.ids import uuid7
from amparo.trust.models.country import Area
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
    human = models.UUIDField(null=True)  # of accounts that one human being holds: the first of them (`eyes`)
    # Who its owner is in the registry: their own and their relatives' records are watched.
    person_id = models.UUIDField(null=True)

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


class FactorSecret(models.Model):
    """The secret of an authenticator app or of recovery codes, sealed; the factor's own row names it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sealed = models.BinaryField()


class RoleAssignment(models.Model):
    """A role held by an account, over an area or a programme where the role is one of these, between two days.

    A powerful role that one person gave is held once a second person has confirmed it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=40, choices=[(each.value, each.value) for each in Role])
    area = models.ForeignKey(Area, models.PROTECT, null=True)
    programme = models.CharField(max_length=64, blank=True, default="")  # its code
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    granted_by = models.UUIDField(null=True)
    confirmed_by = models.UUIDField(null=True)
    is_confirmed = models.BooleanField(default=True)


class Delegation(models.Model):
    """A role handed to a substitute for some days, over all of its area or a part of it.

    It lives by the assignment it is of: what ends that, or closes either account, ends this too.
    """

    assignment = models.ForeignKey(RoleAssignment, models.CASCADE, related_name="delegations")
    to = models.ForeignKey(Account, models.CASCADE, related_name="delegations")
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="delegation_in_order")
        ]
