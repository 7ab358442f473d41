"""How partners' machines speak by signed messages, and the messages that are kept."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from amparo.dci.codes import Status
from amparo.kernel.ids import uuid7
from amparo.trust.models.choices import choices
from amparo.trust.models.machines import Machine


class Peer(models.Model):
    """As whom a machine sends messages of the DCI standard, how it signs them, and where answers may be sent.

    It holds once a second person has confirmed it, until another takes its place or it is ended. `profile` "": unsigned.
    `callback`  the address under which answers and events are sent; "": none are
    `sealing`   the public key (JWK) that messages to it are encrypted with; null: they are not
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="peers")
    sender = models.CharField(max_length=300)
    profile = models.CharField(max_length=20, blank=True)
    callback = models.CharField(max_length=2000, blank=True)
    sealing = models.JSONField(null=True)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("made_by")), name="peer_by_two"
            ),
            models.UniqueConstraint(
                fields=["sender"],
                condition=models.Q(confirmed_at__isnull=False, ended_at=None),
                name="peer_one_of_a_sender",
            ),
            models.UniqueConstraint(
                fields=["machine"],
                condition=models.Q(confirmed_at__isnull=False, ended_at=None),
                name="peer_one_of_a_machine",
            ),
        ]


class KeptMessage(models.Model):
    """A message as it came, or of one of ours what proves that it is ours. Never changed.

    `raw`     of one that came: its bytes, sealed; null of ours, which tells of people and whose receiver has it
    `digest`  SHA-256 of what the signature is of, in hexadecimal
    `key`     the public key (JWK) that the signature was checked with; null: it was not signed
    `answers` the message that this one answers
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    peer = models.ForeignKey(Peer, models.PROTECT, related_name="+")
    message = models.CharField(max_length=99)
    action = models.CharField(max_length=20)
    at = models.DateTimeField()
    profile = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=64)
    signature = models.TextField(blank=True)
    key = models.JSONField(null=True)
    raw = models.BinaryField(null=True)
    answers = models.ForeignKey("self", models.DO_NOTHING, db_constraint=False, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["at"], name="kept_message_at")]


class Call(models.Model):
    """A request that is answered later, by a call back: what became of it, and nobody's record.

    `id`  is the standard's correlation id. `statuses`: [reference, status, code] of each of its parts once it was done
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept = models.ForeignKey(KeptMessage, models.DO_NOTHING, db_constraint=False, related_name="+")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    peer = models.ForeignKey(Peer, models.PROTECT, related_name="+")
    registry = models.CharField(max_length=8)
    kind = models.CharField(max_length=20)
    transaction = models.CharField(max_length=99)
    references = ArrayField(models.CharField(max_length=99))
    state = models.CharField(max_length=8, choices=choices(Status))
    statuses = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["machine", "transaction"], name="call_transaction")]


class Subscription(models.Model):
    """Which events of a registry a machine is told of under one agreement, until it says that it does not want them.

    `id` is the standard's subscription code. `agreement` is known by its code, so that a later version goes on
    `criteria`  what was asked for, sealed: it may name somebody by a number
    `digest`    of registry and criteria, under a key of ours, by which the same is recognised
    `kept`, `reference`  the request that it was asked for by; `ended_by` the message that ended it
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    agreement = models.CharField(max_length=64)
    registry = models.CharField(max_length=8)
    event = models.CharField(max_length=40)
    criteria = models.BinaryField()
    digest = models.CharField(max_length=64)
    kept = models.ForeignKey(KeptMessage, models.DO_NOTHING, db_constraint=False, related_name="+")
    reference = models.CharField(max_length=99)
    transaction = models.CharField(max_length=99)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kept", "reference"], name="subscription_once"),
            models.UniqueConstraint(
                fields=["machine", "agreement", "digest"],
                condition=models.Q(ended_at=None),
                name="subscription_one_of_a_kind",
            ),
        ]
