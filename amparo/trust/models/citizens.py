"""Citizens: whose account is whose, who acts for whom, and what is shown to them on a later day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from amparo.kernel.ids import uuid7
from amparo.trust.models.accounts import Account


class Citizen(models.Model):
    """An account that is one person's of the registry, and nobody's as an officer; a trigger holds it so."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="citizen")
    person_id = models.UUIDField(unique=True)
    bound_at = models.DateTimeField()


class Invitation(models.Model):
    """A code that an officer handed to somebody whom they had before them, for opening an account of their own.

    `detail_digests`  of what that person also has to say, any one of it: their birth date, a number of theirs
    `proof`  the kind of document by which the officer knew them, and its number
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    code_digest = models.CharField(max_length=64, unique=True)
    detail_digests = ArrayField(models.CharField(max_length=64))
    proof = models.CharField(max_length=40)
    proof_number = models.CharField(max_length=64, blank=True)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["person_id"], name="invitation_person")]


class Mandate(models.Model):
    """That one person may act for another between two days, by a document that an officer saw. Only revoked, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    holder_id = models.UUIDField()
    scope = ArrayField(models.CharField(max_length=20))
    proof = models.CharField(max_length=40)
    proof_number = models.CharField(max_length=64, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    revoked_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["person_id"], name="mandate_person"),
            models.Index(fields=["holder_id"], name="mandate_holder"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="mandate_in_order"),
            models.CheckConstraint(condition=~models.Q(holder_id=models.F("person_id")), name="mandate_of_two"),
        ]


class Delay(models.Model):
    """That what one officer or partner does with a person's record is shown to that person on a later day, and why.

    It hides nothing until a second person has confirmed it, and on `reveal_on` it hides nothing any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    actor_id = models.UUIDField()
    authority = models.CharField(max_length=200)
    reference = models.CharField(max_length=100)
    since = models.DateTimeField()
    reveal_on = models.DateField()
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor_id"], name="delay_actor")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("proposed_by")),
                name="delay_four_eyes",
            )
        ]
