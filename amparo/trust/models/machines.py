"""Partners' machines, and what lets them in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from amparo.kernel.ids import uuid7
from amparo.trust.models.agreements import Organisation
from amparo.trust.models.choices import choices
from amparo.trust.types import CredentialKind


class Machine(models.Model):
    """A partner's program that asks by itself, under the agreements it was opened for (by code, so that a renewal keeps it).

    What stands here is never changed; closing it is filled in once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="machines")
    name = models.CharField(max_length=100)
    agreements = ArrayField(models.CharField(max_length=64))
    must_sign = models.BooleanField()
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)


class Credential(models.Model):
    """What a machine shows to be let in: a secret, of which the hash is kept, or a key, of which the public half is.

    It lets nobody in before a second person has confirmed it, nor after `until`, nor once it was ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=8, choices=choices(CredentialKind))
    secret_hash = models.CharField(max_length=64, blank=True)
    jwk = models.JSONField(null=True)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    until = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("made_by")),
                name="credential_by_two",
            ),
        ]
