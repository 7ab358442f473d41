"""Tables of the registry. Facts are not here: their columns come from the dictionary (`facts.py`).

Every protected row carries `area_number`, copied from its household or person and never from input; only the
database function `amparo_place` changes it. That of somebody in danger lies below zero.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from amparo.kernel.ids import uuid7
from amparo.trust.keys.sealed import key_of


class Source(models.Model):
    """Where observations come from: a census, the civil registry, an application form."""

    id = models.SmallAutoField(primary_key=True)
    code = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=40)
    rank = models.SmallIntegerField(default=0)


class FieldDefinition(models.Model):
    """One field of the installed dictionary, as the database's own statements need it."""

    grain = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    definition = models.JSONField()
    position = models.SmallIntegerField()
    valid_days = models.IntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grain", "name"], name="field_once")]


class Precedence(models.Model):
    """How authoritative a source is for one field; 0 is the most. Sources without a row come after all others."""

    grain = models.CharField(max_length=64)
    field = models.CharField(max_length=64)
    source = models.ForeignKey(Source, models.CASCADE)
    rank = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grain", "field", "source"], name="precedence_once")]


class Setting(models.Model):
    """What else the installed profile states about the registry: vocabularies, currency, its version."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()


class Delivery(models.Model):
    """Where a set of observations came from, through whatever door, and on what ground. Holds no personal data."""

    source = models.ForeignKey(Source, models.PROTECT)
    received_at = models.DateTimeField()
    delivered_by = models.UUIDField()
    purpose = models.CharField(max_length=64)
    agreement = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)


class Household(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    number = models.BigIntegerField(unique=True)
    area_id = models.BigIntegerField()
    area_number = models.BigIntegerField()
    created_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    erased_on = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "registry_household"


class Person(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    number = models.BigIntegerField(unique=True)
    area_id = models.BigIntegerField()
    area_number = models.BigIntegerField()
    created_at = models.DateTimeField()
    deceased_on = models.DateField(null=True)
    erased_on = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "registry_person"


class Membership(models.Model):
    """A person belongs to a household from one day to another; to one at a time."""

    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="memberships")
    household = models.ForeignKey(Household, models.DO_NOTHING, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_membership"


class Group(models.Model):
    """A family or couple inside a household; the profile states what each kind means."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    household = models.ForeignKey(Household, models.DO_NOTHING, related_name="groups")
    kind = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_group"


class GroupMembership(models.Model):
    group = models.ForeignKey(Group, models.DO_NOTHING, related_name="memberships")
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="group_memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_groupmembership"


class Relationship(models.Model):
    """`person` is the parent, spouse, caregiver or guardian of `other`, also across households."""

    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="relationships")
    other = models.ForeignKey(Person, models.DO_NOTHING, related_name="relationships_of")
    kind = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    source = models.ForeignKey(Source, models.DO_NOTHING)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_relationship"


class Identifier(models.Model):
    """A number some scheme gave a person. The value is sealed; the blind index finds it, which of the two the keyring says.

    `contested`: the scheme's number is already live for someone else, their birth dates contradict it, or it has not
    the length or check digits of its scheme (`schemes.is_sound`). The person stays registered, the number is kept and is not live, and somebody must look (ID-4).
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="identifiers")
    scheme = models.CharField(max_length=40)
    value = models.BinaryField()
    value_key = key_of("value")
    blind_index = models.BinaryField(null=True)
    spare_index = models.BinaryField(null=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    verified = models.BooleanField()
    is_live = models.BooleanField()
    contested = models.BooleanField()
    source = models.ForeignKey(Source, models.DO_NOTHING)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_identifier"


class Protection(models.Model):
    """That somebody is in danger, from a day on. Written by the database's own functions only (migration 0011)."""

    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="+")
    starts_on = models.DateField()
    marked_by = models.UUIDField()
    marked_at = models.DateTimeField()
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_protection"


class Item(models.Model):
    """Something a person or household holds, of which there may be many: a plot, a job, the income of one month."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.CharField(max_length=40)
    person = models.ForeignKey(Person, models.DO_NOTHING, null=True, related_name="items")
    household = models.ForeignKey(Household, models.DO_NOTHING, null=True, related_name="items")
    ended_on = models.DateField(null=True)
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_item"


class Subject(models.Model):
    """One record of one source: what an observation is about."""

    source = models.ForeignKey(Source, models.DO_NOTHING)
    grain = models.CharField(max_length=64)
    source_key = models.CharField(max_length=200)
    area_number = models.BigIntegerField()
    last_digest = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = "registry_subject"


class SubjectLink(models.Model):
    """A subject is a record of this person, household, group or item: dated, and revocable."""

    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="links")
    entity_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    ground = models.CharField(max_length=40)
    made_by = models.UUIDField()
    area_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "registry_subjectlink"


class Observation(models.Model):
    """What one subject said in one delivery: only the fields delivered, as typed JSON. Never changed."""

    pk = models.CompositePrimaryKey("subject_id", "delivery_id", "received_at")
    subject = models.ForeignKey(Subject, models.DO_NOTHING)
    delivery = models.ForeignKey(Delivery, models.DO_NOTHING)
    received_at = models.DateTimeField()
    observed_on = models.DateField()
    source = models.ForeignKey(Source, models.DO_NOTHING)
    grain = models.CharField(max_length=64)
    area_number = models.BigIntegerField()
    values = models.JSONField()
    tombstone = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "registry_observation"


class AreaAttribute(models.Model):
    """What is stated of an area from one day on. A corrected value is a new row; the old one says until when it stood."""

    area = models.ForeignKey("trust.Area", models.PROTECT, related_name="+")
    field = models.CharField(max_length=64)
    starts_on = models.DateField()
    value = models.JSONField()
    source = models.CharField(max_length=64)
    installed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area", "field", "starts_on"],
                condition=models.Q(replaced_at=None),
                name="area_attribute_one_a_day",
            )
        ]


class Boundary(models.Model):
    """The shape of an area, as GeoJSON geometry."""

    area = models.OneToOneField("trust.Area", models.CASCADE, primary_key=True, db_constraint=True, related_name="+")
    geometry = models.JSONField()


class NotedChange(models.Model):
    """That facts of these households, or of whoever a delivery spoke of, were folded anew: until it was looked at.

    Noted only while anybody is told of changes. Of a delivery `households` is empty, and it is found by its number.
    `enrolments`  that somebody stands otherwise in some programme, whose steps say in which and who
    """

    at = models.DateTimeField()
    households = ArrayField(models.UUIDField())
    delivery = models.BigIntegerField(null=True)
    enrolments = models.BooleanField(default=False)


class Following(models.Model):
    """From when on a subscription is followed: what there was then is known, and is no change."""

    subscription = models.UUIDField(primary_key=True)
    since = models.DateTimeField()


class Followed(models.Model):
    """How somebody was when a subscription was last told of them: a digest under a key of its own, and nothing of them."""

    pk = models.CompositePrimaryKey("subscription", "entity_id")
    subscription = models.UUIDField()
    entity_id = models.UUIDField()
    digest = models.BinaryField()


class Owed(models.Model):
    """An event that a subscription is still to be told of. What is told is read when it is, and never lies here.

    `id`  the event's; a later change of the same person or household takes the place of one that waits
    """

    id = models.UUIDField(primary_key=True)
    subscription = models.UUIDField()
    entity_id = models.UUIDField()
    change = models.BigIntegerField()
    noted_at = models.DateTimeField()
    attempts = models.SmallIntegerField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "entity_id"], name="owed_once")]
