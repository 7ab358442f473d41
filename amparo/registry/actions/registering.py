"""Registers people and what is said of them, one household at a time."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.kernel.events import announce
from amparo.kernel.ids import uuid7
from amparo.registry import contact_values, facts, queries
from amparo.registry.claims import write_claims
from amparo.registry.delivering import new_delivery, source_id_of
from amparo.registry.dictionary import GROUP_KIND, Field
from amparo.registry.models import (
    Delivery,
    Group,
    GroupMembership,
    Household,
    Membership,
    Observation,
    Person,
    Subject,
    SubjectLink,
)
from amparo.registry.types import FactsChanged
from amparo.trust.log.recording import record
from amparo.trust.queries import area_numbers
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, FieldClass, Ground

# Of a link: that its subject is what protects somebody, apart from what else is known of them.
PROTECTION = "protection"


def fold(grain: str, ids: Sequence[UUID], *, using: str = "default") -> None:
    """Write the facts of these entities anew from what is linked to them, in the caller's transaction."""
    if ids:
        fields = queries.dictionary(using=using).stored_as_facts(grain)
        facts.fold(grain, ids, fields=fields, using=using, as_of=clock.now())


@transaction.atomic
def register(
    area_code: str,
    *,
    values: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    source: str,
    by: Actor,
    on: date,
    under: Ground,
    numbers: Sequence[Mapping[str, str]] = (),
) -> UUID:
    """Register a new household with its members as an officer observed them on a day; return its id.

    `numbers`: of each member, in their order, scheme → the number they showed; kept as `claims` says.
    Raises NotFound for an area the actor does not reach, NotPermitted for numbers where they may not read identities, Refused
    for a value of another type than its field's.
    """
    area_id, number, _ = area_numbers().get(area_code) or (None, None, None)
    if area_id is None or not by.scope.covers(number):
        raise NotFound("trust-area-unknown", area=area_code)
    place = {"area_id": area_id, "area_number": number, "created_at": clock.now()}
    household = _numbered(Household, place)
    people = [_numbered(Person, place) for _ in members]
    Membership.objects.bulk_create(
        Membership(person_id=each, household_id=household, starts_on=on, area_number=number) for each in people
    )
    told = dict(zip(people, members, strict=True))
    observe(household, values=values, members=told, source=source, by=by, on=on, under=under)
    if any(numbers) and FieldClass.IDENTITY not in by.classes_at(number):
        raise NotPermitted("registry-search-withheld")
    for person, shown in zip(people, numbers, strict=bool(numbers)):
        write_claims(person, shown, queries.dictionary(), source_id=source_id_of(source), area_number=number)
    return household


def _numbered(model: type[Household] | type[Person], place: Mapping[str, Any]) -> UUID:
    """Insert a row whose number the database gives."""
    id = uuid7()
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (id, area_id, area_number, created_at) VALUES (%s, %s, %s, %s)",
            [id, place["area_id"], place["area_number"], place["created_at"]],
        )
    return id


def index_name(person_id: UUID) -> None:
    """Keep a person's names where a search finds them; nothing where no name is known."""
    words = queries.dictionary()
    fields = [each.name for role in ("given_name", "family_name") if (each := words.with_role("person", role))]
    names = ", ".join(f'f."{each}"' for each in fields) or "NULL"
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM registry_person_name WHERE person_id = %s", [person_id])
        cursor.execute(
            f"""INSERT INTO registry_person_name (person_id, words, area_number)
                SELECT f.person_id, amparo_name_words(concat_ws(' ', {names})), f.area_number
                FROM registry_fact_person f WHERE f.person_id = %s AND num_nonnulls({names}) > 0""",
            [person_id],
        )


@transaction.atomic
def observe(
    household_id: UUID,
    *,
    values: Mapping[str, Any],
    members: Mapping[UUID, Mapping[str, Any]] | None = None,
    source: str,
    by: Actor,
    on: date,
    under: Ground,
) -> None:
    """Record what an officer observed of a household and its members on a day, and fold their facts at once.

    Values are in the field's own type; a field that is absent stays as it was. Each entity has one subject of the
    source, and one more for what protects people, which lies below zero. Announces FactsChanged. Raises NotFound outside
    the actor's areas, NotPermitted for a field that they may not read, Refused for a value of another type and for
    whoever was erased.
    """
    row = queries.locked_household(household_id, by=by)
    here = set(queries.members_at(household_id).values_list("person_id", flat=True))
    if not set(members or {}) <= here:
        raise NotFound("registry-person-unknown")
    if row.erased_on or Person.objects.filter(id__in=list(members or {}), erased_on__isnull=False).exists():
        raise Refused("registry-erased")
    delivery = new_delivery(source, by=by, under=under)
    said = [("household", household_id, values), *(("person", id, each) for id, each in (members or {}).items())]
    _expect_readable(said, row.area_number, by)
    for grain, entity, told in said:
        _observe_one(grain, entity, told, delivery=delivery, area_number=row.area_number, by=by, on=on)
    record(
        Event.OBSERVATION_RECORDED,
        by=by,
        under=under,
        about_kind="household",
        about_id=household_id,
        area_number=row.area_number,
        delivery=delivery.id,
        fields=sum(len(told) for _, _, told in said),
    )
    announce(FactsChanged([household_id], on))


@transaction.atomic
def observe_person(
    person_id: UUID, told: Mapping[str, Any], *, source: str, by: Actor, on: date, under: Ground
) -> UUID | None:
    """Record what a source says of somebody as of a day, wherever they live or lived; return their household, if any.

    As `observe`, of one person: also of who died or left. Announces FactsChanged of the household.
    """
    person = within(Person.objects.filter(id=person_id), by).first()
    if person is None:
        raise NotFound("registry-person-unknown")
    if person.erased_on:
        raise Refused("registry-erased")
    home = Membership.objects.filter(person_id=person_id, ends_on=None).values_list("household_id", flat=True).first()
    if home:
        queries.locked_household(home, by=by)
    delivery = new_delivery(source, by=by, under=under)
    _expect_readable([("person", person_id, told)], person.area_number, by)
    _observe_one("person", person_id, told, delivery=delivery, area_number=person.area_number, by=by, on=on)
    record(
        Event.OBSERVATION_RECORDED,
        by=by,
        under=under,
        about_kind="person",
        about_id=person_id,
        area_number=person.area_number,
        delivery=delivery.id,
        fields=len(told),
    )
    if home:
        announce(FactsChanged([home], on))
    return home


def _expect_readable(said: Sequence[tuple[str, UUID, Mapping[str, Any]]], area_number: int, by: Actor) -> None:
    """Refuse a field that whoever observes may not read: nobody writes what they do not see."""
    classes, words = by.classes_at(area_number), queries.dictionary()
    for grain, _, told in said:
        for name in told:
            if words[grain, name].field_class not in classes:
                raise NotPermitted("registry-field-withheld", field=name)


def _observe_one(
    grain: str, entity: UUID, told: Mapping[str, Any], *, delivery: Delivery, area_number: int, by: Actor, on: date
) -> None:
    """Record what was said of one entity, what protects people apart from all else, and fold it."""
    words = queries.dictionary()
    apart = {name for name in told if words[grain, name].field_class is FieldClass.PROTECTION}
    stored = {name: _stored(words[grain, name], value) for name, value in told.items()}
    known = {name: value for name, value in stored.items() if name not in apart}
    hidden = {name: value for name, value in stored.items() if name in apart}
    record_of = partial(_record_one, grain, entity, delivery=delivery, by=by, on=on)
    if known:
        record_of(known, str(entity), "officer", area_number=area_number)
    if hidden:
        record_of(hidden, f"{PROTECTION}:{entity}", PROTECTION, area_number=-abs(area_number))
    fold(grain, [entity])
    if grain == "person":
        index_name(entity)


def _stored(field: Field, value: Any) -> Any:
    """Return a value as it is kept; None takes back what protects somebody, and nothing else can be taken back here."""
    return None if value is None and field.field_class is FieldClass.PROTECTION else field.stored(value)


def _record_one(
    grain: str,
    entity: UUID,
    stored: Mapping[str, Any],
    key: str,
    ground: str,
    *,
    delivery: Delivery,
    area_number: int,
    by: Actor,
    on: date,
) -> None:
    subject, _ = Subject.objects.get_or_create(
        source_id=delivery.source_id, grain=grain, source_key=key, defaults={"area_number": area_number}
    )
    if not SubjectLink.objects.filter(subject=subject, ends_at=None).exists():
        SubjectLink.objects.create(
            subject=subject,
            entity_id=entity,
            starts_at=delivery.received_at,
            ground=ground,
            made_by=by.id,
            area_number=area_number,
        )
    said = contact_values.kept(grain, subject.id, stored, area_number=area_number, words=queries.dictionary())
    Observation.objects.create(
        subject=subject,
        delivery=delivery,
        received_at=delivery.received_at,
        observed_on=on,
        source_id=delivery.source_id,
        grain=grain,
        area_number=area_number,
        values=said,
    )


@transaction.atomic
def move(household_id: UUID, *, to_area: str, by: Actor, on: date, under: Ground) -> None:
    """Move a household and all that is known of it to another area, from and to areas the actor reaches."""
    area_id, number, _ = area_numbers().get(to_area) or (None, None, None)
    if area_id is None:
        raise NotFound("trust-area-unknown", area=to_area)
    if not by.scope.covers(number) or not within(Household.objects.filter(id=household_id), by).exists():
        raise NotFound("registry-household-unknown")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT amparo_move_household(%s, %s)", [household_id, area_id])
    record(
        Event.HOUSEHOLD_MOVED,
        by=by,
        under=under,
        about_kind="household",
        about_id=household_id,
        area_number=number,
        on=on.isoformat(),
    )
    announce(FactsChanged([household_id], on))


@transaction.atomic
def form_group(household_id: UUID, kind: str, persons: Sequence[UUID], *, by: Actor, on: date, under: Ground) -> UUID:
    """Note that some members of a household are a family or couple from a day on; return the group's id.

    Nobody is in two groups of one kind at a time: who is in one already is refused. Announces FactsChanged.
    """
    row = queries.locked_household(household_id, by=by)
    here = set(queries.members_at(household_id).values_list("person_id", flat=True))
    if not persons or not set(persons) <= here:
        raise NotFound("registry-person-unknown")
    if not GROUP_KIND.fullmatch(kind):
        raise Refused("registry-group-kind", kind=kind)
    taken = GroupMembership.objects.filter(person_id__in=persons, ends_on=None, group__ends_on=None, group__kind=kind)
    if taken.exists():
        raise Refused("registry-group-taken", kind=kind)
    group = Group.objects.create(household_id=household_id, kind=kind, starts_on=on, area_number=row.area_number)
    GroupMembership.objects.bulk_create(
        GroupMembership(group=group, person_id=each, starts_on=on, area_number=row.area_number)
        for each in dict.fromkeys(persons)
    )
    _record_group(Event.GROUP_FORMED, group, by=by, on=on, under=under, persons=[str(each) for each in persons])
    return group.id


@transaction.atomic
def end_group(group_id: UUID, *, by: Actor, on: date, under: Ground) -> None:
    """Note that a family or couple is none any more, its last day being the day given. Announces FactsChanged."""
    group = within(Group.objects.select_for_update().filter(id=group_id, ends_on=None, starts_on__lte=on), by).first()
    if group is None:
        raise NotFound("registry-group-unknown")
    GroupMembership.objects.filter(group=group, ends_on=None).update(ends_on=on)
    group.ends_on = on
    group.save(update_fields=["ends_on"])
    _record_group(Event.GROUP_ENDED, group, by=by, on=on, under=under)


def _record_group(event: Event, group: Group, *, by: Actor, on: date, under: Ground, **details: Any) -> None:
    record(
        event,
        by=by,
        under=under,
        about_kind="household",
        about_id=group.household_id,
        area_number=group.area_number,
        group=str(group.id),
        kind=group.kind,
        on=on.isoformat(),
        **details,
    )
    announce(FactsChanged([group.household_id], on))


@transaction.atomic
def revoke_link(subject_id: int, *, ground: str, by: Actor, on: date, under: Ground) -> None:
    """End a subject's link: what it observed no longer speaks of this person or household, whose facts fold anew."""
    link = within(SubjectLink.objects.select_for_update().filter(subject_id=subject_id, ends_at=None), by).first()
    if link is None:
        raise NotFound("registry-link-unknown")
    link.ends_at = clock.now()
    link.save(update_fields=["ends_at"])
    grain = Subject.objects.get(id=subject_id).grain
    fold(grain, [link.entity_id])
    record(
        Event.LINK_REVOKED,
        by=by,
        under=under,
        about_kind=grain,
        about_id=link.entity_id,
        area_number=link.area_number,
        subject=subject_id,
        ground=ground,
    )
    household_id = link.entity_id if grain == "household" else queries.household_of(link.entity_id, by=by)
    announce(FactsChanged([household_id], on))
