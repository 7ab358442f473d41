"""Records what one source says of many persons at once: a few statements for all of them, whatever their number.

Shape   person → the day that the source speaks of and what it says, in
Nulls   a field that is absent stays as it was; of who was erased or is in danger by now nothing is recorded
Errors  Refused for a value of another type and a field that is kept apart; NotPermitted for one that may not be read
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from amparo.kernel.errors import NotPermitted, Refused
from amparo.kernel.events import announce
from amparo.registry import queries
from amparo.registry.actions.registering import fold, index_name
from amparo.registry.delivering import new_delivery
from amparo.registry.models import Delivery, Membership, Observation, Subject, SubjectLink
from amparo.registry.queries.holding import Held, hold
from amparo.registry.types import FactsChanged
from amparo.trust.log.recording import record_each
from amparo.trust.types import Actor, Event, FieldClass, Ground

Said = Mapping[UUID, tuple[date, Mapping[str, Any]]]


@transaction.atomic
def observe_each(said: Said, *, source: str, by: Actor, on: date, under: Ground) -> int:
    """Record what a source says of many persons and fold their facts; return of how many. One audit row for each.

    As `observe_person` of each, with one delivery for all. Announces FactsChanged once, of every home concerned.
    """
    _expect_plain(said)
    held = hold(list(said), by=by)
    told = {person: each for person, each in said.items() if person in held.places and each[1]}
    if not told:
        return 0
    _expect_readable(told, held, by)
    delivery = new_delivery(source, by=by, under=under)
    subjects = _subjects(list(told), held, delivery, by)
    _write(told, subjects, held, delivery)
    fold("person", list(told))
    _index_names(told)
    about = [
        {"about_kind": "person", "about_id": person, "area_number": held.places[person]}
        | {"delivery": delivery.id, "fields": len(values)}
        for person, (_, values) in told.items()
    ]
    record_each(Event.OBSERVATION_RECORDED, about, by=by, under=under)
    announce(FactsChanged(_homes(told, held), on))
    return len(told)


def _expect_plain(said: Said) -> None:
    """What protects people, and how they are reached, is kept in ways of its own and is not recorded here."""
    words = queries.dictionary()
    for name in {each for _, values in said.values() for each in values}:
        field = words["person", name]
        if field.is_sealed or field.field_class is FieldClass.PROTECTION:
            raise Refused("registry-field-apart", field=name)


def _expect_readable(told: Said, held: Held, by: Actor) -> None:
    """Refuse a field that whoever records may not read where somebody lives."""
    words = queries.dictionary()
    by_area: dict[int, set[str]] = {}
    for person, (_, values) in told.items():
        by_area.setdefault(held.places[person], set()).update(values)
    for area, names in by_area.items():
        classes = by.classes_at(area)
        for name in names:
            if words["person", name].field_class not in classes:
                raise NotPermitted("registry-field-withheld", field=name)


def _subjects(persons: list[UUID], held: Held, delivery: Delivery, by: Actor) -> dict[UUID, Subject]:
    """Return each person's record of the source, made and linked where there is none."""
    keys = {str(each): each for each in persons}
    Subject.objects.bulk_create(
        (
            Subject(source_id=delivery.source_id, grain="person", source_key=key, area_number=held.places[person])
            for key, person in keys.items()
        ),
        ignore_conflicts=True,
    )
    rows = Subject.objects.filter(source_id=delivery.source_id, grain="person", source_key__in=list(keys))
    found = {keys[each.source_key]: each for each in rows}
    linked = SubjectLink.objects.filter(subject__in=[each.id for each in found.values()], ends_at=None)
    known = set(linked.values_list("subject_id", flat=True))
    SubjectLink.objects.bulk_create(
        SubjectLink(
            subject_id=each.id,
            entity_id=person,
            starts_at=delivery.received_at,
            ground="officer",
            made_by=by.id,
            area_number=held.places[person],
        )
        for person, each in found.items()
        if each.id not in known
    )
    return found


def _write(told: Said, subjects: Mapping[UUID, Subject], held: Held, delivery: Delivery) -> None:
    words = queries.dictionary()
    Observation.objects.bulk_create(
        Observation(
            subject_id=subjects[person].id,
            delivery_id=delivery.id,
            received_at=delivery.received_at,
            observed_on=day,
            source_id=delivery.source_id,
            grain="person",
            area_number=held.places[person],
            values={name: words["person", name].stored(value) for name, value in values.items()},
        )
        for person, (day, values) in told.items()
    )


def _index_names(told: Said) -> None:
    words = queries.dictionary()
    names = {each.name for role in ("given_name", "family_name") if (each := words.with_role("person", role))}
    for person, (_, values) in told.items():
        if names & set(values):
            index_name(person)


def _homes(told: Said, held: Held) -> list[UUID]:
    rows = Membership.objects.filter(person_id__in=list(told), ends_on=None, household_id__in=held.homes)
    return sorted(set(rows.values_list("household_id", flat=True)))
