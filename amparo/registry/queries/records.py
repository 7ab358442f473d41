"""Reads of people and households, each scoped by `by` and stating its ground; the reads of a person leave an audit row."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import JSONField, Q, QuerySet
from django.db.models.expressions import RawSQL

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.registry import contact_values, facts
from amparo.registry.dictionary import HEAD, Dictionary, Field, Type
from amparo.registry.models import (
    Delivery,
    Group,
    GroupMembership,
    Household,
    Item,
    Membership,
    Observation,
    Person,
    Protection,
    SubjectLink,
)
from amparo.registry.nearness import nearness
from amparo.registry.queries.installed import dictionary
from amparo.registry.types import Fact, GroupRecord, HouseholdRecord, ItemRecord, Observed, PersonRecord
from amparo.trust.log.recording import record
from amparo.trust.scope import inside, where, within
from amparo.trust.types import Actor, Event, FieldClass, Ground, Standing

PAGE = 50
_OF_DELIVERY = """
SELECT DISTINCT h.id
FROM registry_observation o
JOIN registry_subjectlink l ON l.subject_id = o.subject_id AND l.ends_at IS NULL
LEFT JOIN registry_membership m ON m.person_id = l.entity_id AND (m.ends_on IS NULL OR m.ends_on = o.observed_on)
JOIN registry_household h ON h.id = coalesce(m.household_id, l.entity_id) AND h.ended_on IS NULL
WHERE o.delivery_id = %s AND o.received_at = %s
LIMIT %s
"""
_SAID = """(SELECT jsonb_object_agg(said.key, said.value) FROM jsonb_each("registry_observation"."values") said
    WHERE "registry_observation"."grain" || '.' || said.key = ANY (%s))"""


def household_count(by: Actor, *, within: tuple[int, int] | None = None, using: str = "default") -> tuple[int, int]:
    """Return how many households and persons the actor's areas hold, or those of them in a range of area numbers."""
    place, ends = inside(*within, by) if within else ("true", [])
    counted, values = [], []
    for table, goes_on in (("registry_household", "ended_on IS NULL"), ("registry_person", "deceased_on IS NULL")):
        condition, scope = where(by, of=table)
        counted.append(f"(SELECT count(*) FROM {table} WHERE {goes_on} AND {condition} AND {place})")
        values += [*scope, *ends]
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counted)}", values)
        return cursor.fetchone()


def household(id: UUID, *, by: Actor, under: Ground, as_of: datetime | None = None) -> HouseholdRecord:
    """Return a household with its members and the facts of each, now or as known at a past instant.

    Its head is the first member; the others follow by age, the oldest first.
    Raises NotFound also when it lies outside the actor's areas, or has ended and they do not read what has: nobody learns
    where somebody lives by asking.
    """
    row = within(Household.objects.filter(id=id), by).first()
    if row is None or _standing(row.ended_on) not in by.standings_at(row.area_number):
        raise NotFound("registry-household-unknown")
    members = list(within(members_at(id, as_of), by).select_related("person").order_by("person__number"))
    classes = by.classes_at(row.area_number)
    persons = facts_of("person", [each.person_id for each in members], classes=classes, as_of=as_of)
    members.sort(key=_in_turn(persons))
    person_ids = [each.person_id for each in members]
    held = facts_of("household", [id], classes=classes, as_of=as_of)
    items = _items(person_ids, classes, as_of)
    record(
        Event.HOUSEHOLD_READ,
        by=by,
        under=under,
        about_kind="household",
        about_id=id,
        area_number=row.area_number,
        persons=[str(each) for each in person_ids],
        **({"near": near} if (near := nearness(by.person, id, person_ids)) else {}),
    )
    return HouseholdRecord(
        id=id,
        number=row.number,
        area_number=row.area_number,
        facts=held.get(id, {}),
        members=[_member(each.person, id, persons, items) for each in members],
        groups=groups_at(id, person_ids, as_of),
        classes=classes,
    )


def _member(
    row: Person, household_id: UUID, facts: Mapping[UUID, dict[str, Fact]], items: Mapping[UUID, list[ItemRecord]]
) -> PersonRecord:
    return PersonRecord(row.id, row.number, facts.get(row.id, {}), items[row.id], household_id, erased_on=row.erased_on)


def _standing(ended_on: date | None) -> Standing:
    """Return how a household stands, by the day it ended."""
    return Standing.LIVE if ended_on is None else Standing.ENDED


def _in_turn(persons: Mapping[UUID, Mapping[str, Fact]]) -> Callable[[Membership], tuple[bool, date]]:
    """Return what puts the head of a household first, then the oldest, and last of all whose birth date is not known."""
    roles = ("is_head", "relation_to_head", "birth_date")
    is_head, relation, born = (
        field.name if (field := dictionary().with_role("person", role)) else "" for role in roles
    )

    def turn(member: Membership) -> tuple[bool, date]:
        said = {name: fact.value for name, fact in persons.get(member.person_id, {}).items()}
        return not (said.get(is_head) or said.get(relation) == HEAD), said.get(born) or date.max

    return turn


def groups_at(household_id: UUID, person_ids: Sequence[UUID], as_of: datetime | None = None) -> list[GroupRecord]:
    """Return the groups of a household that hold now or on a past day, with those of these persons who are in them."""
    held: dict[UUID, list[UUID]] = defaultdict(list)
    rows = GroupMembership.objects.filter(group__household_id=household_id, person_id__in=person_ids)
    for each in _holding(_holding(rows, "", as_of), "group__", as_of):
        held[each.group_id].append(each.person_id)
    groups = Group.objects.filter(id__in=held).order_by("id")
    return [GroupRecord(each.id, each.kind, tuple(sorted(held[each.id], key=person_ids.index))) for each in groups]


def all_groups_of(household_id: UUID, *, by: Actor) -> list[UUID]:
    """Return the ids of every group a household has or had: decisions about one that ended may still stand."""
    return list(within(Group.objects.filter(household_id=household_id), by).values_list("id", flat=True))


def group_household(group_id: UUID, *, by: Actor) -> UUID:
    """Return the household a group is or was in."""
    row = within(Group.objects.filter(id=group_id), by).first()
    if row is None:
        raise NotFound("registry-group-unknown")
    return row.household_id


def _holding(rows: QuerySet, prefix: str, as_of: datetime | None) -> QuerySet:
    """Return what has not ended, or what held on a past day, that day included."""
    if as_of is None:
        return rows.filter(**{f"{prefix}ends_on": None})
    day = as_of.date()
    return rows.filter(**{f"{prefix}starts_on__lte": day}).exclude(**{f"{prefix}ends_on__lt": day})


def members_at(household_id: UUID, as_of: datetime | None = None) -> QuerySet[Membership]:
    """Return the memberships of the living in a household that hold now or on a past day, that day included."""
    day = (as_of or clock.now()).date()
    rows = Membership.objects.filter(household_id=household_id).exclude(person__deceased_on__lte=day)
    if as_of is None:
        return rows.filter(ends_on=None)
    return rows.filter(starts_on__lte=day).exclude(ends_on__lt=day)


def households_of_delivery(delivery_id: int, *, at_most: int) -> list[UUID]:
    """Return the live households of whom a delivery said something new, of their members or of who left; of the nation."""
    delivery = Delivery.objects.using("bulk").get(id=delivery_id)
    with connections["bulk"].cursor() as cursor:
        cursor.execute(_OF_DELIVERY, [delivery_id, delivery.received_at, at_most])
        return [each[0] for each in cursor.fetchall()]


def received_of_delivery(delivery_id: int) -> datetime:
    """Return when a delivery was received: its observations lie in that month's part."""
    return Delivery.objects.using("bulk").get(id=delivery_id).received_at


def residence(household_id: UUID, *, by: Actor) -> list[tuple[UUID, int, date, date | None]]:
    """Return (person, number, first day, last day or None) of everybody who lives or lived in a household."""
    rows = within(Membership.objects.filter(household_id=household_id), by).order_by("starts_on", "person__number")
    return list(rows.values_list("person_id", "person__number", "starts_on", "ends_on"))


def household_of(person_id: UUID, *, by: Actor) -> UUID:
    """Return the household a person lives in."""
    row = within(Membership.objects.filter(person_id=person_id, ends_on=None), by).first()
    if row is None:
        raise NotFound("registry-person-unknown")
    return row.household_id


def life_of(person_id: UUID, *, by: Actor) -> tuple[int, date | None, UUID | None, date | None]:
    """Return where somebody lies (below zero: in danger), the day they died, the home they live in and since when."""
    row = within(Person.objects.filter(id=person_id, erased_on=None), by).first()
    if row is None:
        raise NotFound("registry-person-unknown")
    held = Membership.objects.filter(person_id=person_id, ends_on=None).first()
    return row.area_number, row.deceased_on, held and held.household_id, held and held.starts_on


def _items(
    person_ids: Sequence[UUID], classes: Collection[FieldClass], as_of: datetime | None
) -> dict[UUID, list[ItemRecord]]:
    held: dict[UUID, list[ItemRecord]] = defaultdict(list)
    by_kind: dict[str, list[Item]] = defaultdict(list)
    kinds = kinds_told(classes)
    for each in Item.objects.filter(person_id__in=person_ids, kind__in=kinds, ended_on=None).order_by("id"):
        by_kind[each.kind].append(each)
    for kind, items in by_kind.items():
        known = facts_of(f"item:{kind}", [each.id for each in items], classes=classes, as_of=as_of)
        for each in items:
            held[each.person_id].append(ItemRecord(each.id, kind, known.get(each.id, {})))
    return held


def kinds_told(classes: Collection[FieldClass]) -> list[str]:
    """Return the kinds of items of which something may be read: that there is one of another kind is withheld too."""
    words = dictionary()
    grains = (each for each in words.grains if each.startswith("item:") and words.readable(each, classes))
    return [each.removeprefix("item:") for each in grains]


def facts_of(
    grain: str,
    ids: Sequence[UUID],
    *,
    classes: Collection[FieldClass],
    as_of: datetime | None = None,
    using: str = "default",
) -> dict[UUID, dict[str, Fact]]:
    """Return entity → field → fact, by the same fold that writes the fact tables, of the fields of these classes.

    What is unknown is absent, and so is what is withheld: `Dictionary.withheld` tells which that is.
    """
    words = dictionary(using=using)
    fields = words.readable(grain, classes)
    values = {"ids": list(ids), "grain": grain, "as_of": as_of or clock.now(), "fields": fields}
    with connections[using].cursor() as cursor:
        cursor.execute(facts.READ, values)
        held = as_facts(cursor.fetchall(), grain, words)
    return with_contacts(held, grain, words, using=using)


def as_facts(rows: Iterable[tuple], grain: str, words: Dictionary) -> dict[UUID, dict[str, Fact]]:
    """Return entity → field → fact of what the fold gives. In the place of a value of contact its digest still stands."""
    held: dict[UUID, dict[str, Fact]] = defaultdict(dict)
    for entity, field, value, source, observed_on, valid_until, conflict, _ in rows:
        told = typed(words[grain, field], value)
        held[entity][field] = Fact(field, told, source, observed_on, valid_until, conflict)
    return held


def with_contacts(
    held: Mapping[UUID, Mapping[str, Fact]],
    grain: str,
    words: Dictionary,
    *,
    through: str = contact_values.HELD,
    using: str = "default",
) -> dict[UUID, dict[str, Fact]]:
    """Return the same facts, of those that may be read, with the values that digests stand for."""
    sealed = words.sealed(grain)
    asked = {
        (entity, name): (entity, name, fact.value)
        for entity, known in held.items()
        for name, fact in known.items()
        if name in sealed
    }
    values = contact_values.opened(asked.values(), through=through, using=using)
    found = defaultdict(dict, {entity: dict(known) for entity, known in held.items()})
    for (entity, name), each in asked.items():
        found[entity][name] = replace(found[entity][name], value=values[each])
    return found


def typed(field: Field, value: Any) -> Any:
    """Return a value of an observation's JSON in the field's own type."""
    value = json.loads(value) if isinstance(value, str) else value
    return date.fromisoformat(value) if field.type is Type.DATE and value is not None else value


def history(id: UUID, *, by: Actor, under: Ground) -> list[Observed]:
    """Return all observations of a household and its present members, the latest first, with what `by` may read of each.

    One of which nothing may be read is left out: that a source spoke at all can be what is withheld.
    """
    classes = household(id, by=by, under=under).classes
    people = list(members_at(id).values_list("person_id", flat=True))
    links = {
        each.subject_id: each.entity_id
        for each in within(SubjectLink.objects.filter(entity_id__in=[id, *people], ends_at=None), by)
    }
    words = dictionary()
    fields = [f"{grain}.{name}" for grain in words.grains for name in words.readable(grain, classes)]
    said = RawSQL(_SAID, [fields], output_field=JSONField())  # noqa: S611 (a constant)
    rows = within(Observation.objects.filter(subject_id__in=links), by).annotate(said=said)
    told = rows.filter(Q(said__isnull=False) | Q(tombstone__isnull=False))
    columns = ("subject_id", "grain", "source__code", "observed_on", "received_at", "said", "tombstone")
    observed = [
        Observed(links[subject], grain, source, observed_on, received_at, values or {}, tombstone)
        for subject, grain, source, observed_on, received_at, values, tombstone in told.order_by(
            "-observed_on", "-received_at", "subject_id"
        ).values_list(*columns)
    ]
    return _with_contacts(observed, words)


def _with_contacts(observed: Sequence[Observed], words: Dictionary) -> list[Observed]:
    """Return the same observations with the values of contact that digests stand for; null takes one back."""
    asked = [
        {
            name: (each.entity_id, name, value)
            for name, value in each.values.items()
            if value is not None and words[each.grain, name].is_sealed
        }
        for each in observed
    ]
    texts = contact_values.opened([at for each in asked for at in each.values()])
    return [
        replace(each, values={**each.values, **{name: texts[at] for name, at in sealed.items()}})
        for each, sealed in zip(observed, asked, strict=True)
    ]


def erasure_of(ids: Sequence[UUID], *, as_of: datetime, by: Actor) -> tuple[date, str] | None:
    """Return day and ground of the first erasure of what was known of these entities at an instant; None: nothing was.

    Of fields that no decision reads nothing is said: a telephone number that went takes nothing from a decision.
    """
    links = SubjectLink.objects.filter(entity_id__in=ids, starts_at__lte=as_of).exclude(ends_at__lte=as_of)
    subjects = list(within(links, by).values_list("subject_id", flat=True))
    rows = Observation.objects.filter(subject_id__in=subjects, received_at__lte=as_of, tombstone__isnull=False)
    stones = [each.tombstone for each in within(rows, by) if _is_for_decisions(each)]
    return min(((date.fromisoformat(each["on"]), each["ground"]) for each in stones), default=None)


def _is_for_decisions(emptied: Observation) -> bool:
    """Whether an observation lost all it said, or a field that rules may read; one that the dictionary has dropped counts."""
    words, lost = dictionary(), emptied.tombstone.get("fields")
    return lost is None or any(
        (emptied.grain, each) not in words or words[emptied.grain, each].is_for_decisions for each in lost
    )


def is_protected(person_id: UUID, *, by: Actor) -> bool:
    """Whether somebody is marked as in danger, for whoever protects people; nobody else is told."""
    if not by.scope.shows_protected:
        return False
    return within(Protection.objects.filter(person_id=person_id, ended_at=None), by).exists()


def person(id: UUID, *, by: Actor) -> Person:
    row = within(Person.objects.filter(id=id), by).first()
    if row is None:
        raise NotFound("registry-person-unknown")
    return row


def person_id_of_number(number: int, *, by: Actor) -> UUID:
    """Return the id of the person with this number of ours, and nothing of them."""
    found = within(Person.objects.filter(number=number), by).values_list("id", flat=True).first()
    if found is None:
        raise NotFound("registry-person-unknown")
    return found


def locked_household(id: UUID, *, by: Actor) -> Household:
    """Return a household that nobody else changes until the transaction ends. Raises NotFound out of the actor's reach."""
    row = within(Household.objects.select_for_update().filter(id=id), by).first()
    if row is None:
        raise NotFound("registry-household-unknown")
    return row


def household_id_of_number(number: int, *, by: Actor) -> UUID | None:
    """Return the id of the live household with this number of ours, and nothing of it; None out of the actor's reach."""
    rows = within(Household.objects.filter(number=number, ended_on=None), by)
    return rows.values_list("id", flat=True).first()


def number_of(person_id: UUID, *, by: Actor) -> int | None:
    """Return the number that the registry gave somebody, and nothing else of them; None out of the actor's reach."""
    return within(Person.objects.filter(id=person_id), by).values_list("number", flat=True).first()
