"""What a citizen sees of whom: one table, and who stands in which relation to whom on a day.

Shape   relation × class of fields → shown or not. `NAME` stands for names and the place in the household
Nulls   no relation, no fields. Somebody whose birth date is not known is no child, and nobody is where no age is stated
Source  trust.md C6; docs/decisions/0023-what-a-citizen-sees.md

The database has the same table for itself (`registry_insight`) and works the relations out anew: each gate holds alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from amparo.kernel.dates import age_on
from amparo.registry.dictionary import Dictionary, Field, FieldClass
from amparo.registry.models import Membership, Relationship
from amparo.trust.grounds.mandates import mandators_of

NAME = "name"
NAME_ROLES = ("given_name", "family_name", "is_head", "relation_to_head")
PARENTAL = ("parent", "guardian")


class Relation(StrEnum):
    """What somebody is to the citizen who looks."""

    SELF = "self"
    CHILD = "child"  # under age, of whom they are parent or guardian, in the same household
    CHILD_ELSEWHERE = "child-elsewhere"  # the same, in another household: with the other parent, who may have fled
    MANDATE = "mandate"  # who gave them a mandate
    MEMBER = "member"  # anybody else of the household
    HOME = "home"  # the household itself


# Protection is in no line: what hides people is for one role of officers, and must not be read over anybody's shoulder.
MAY_SEE: Mapping[Relation, frozenset[str]] = {
    Relation.SELF: frozenset(
        {NAME, FieldClass.IDENTITY, FieldClass.CONTACT, FieldClass.SENSITIVE, FieldClass.SITUATION}
    ),
    Relation.CHILD: frozenset(
        {NAME, FieldClass.IDENTITY, FieldClass.CONTACT, FieldClass.SENSITIVE, FieldClass.SITUATION}
    ),
    Relation.CHILD_ELSEWHERE: frozenset({NAME, FieldClass.IDENTITY, FieldClass.SENSITIVE, FieldClass.SITUATION}),
    Relation.MANDATE: frozenset({NAME, FieldClass.IDENTITY, FieldClass.CONTACT, FieldClass.SITUATION}),
    Relation.MEMBER: frozenset({NAME}),
    Relation.HOME: frozenset({FieldClass.CONTACT, FieldClass.SITUATION}),
}


def shown_as(field: Field) -> str:
    """Return the class by which a field is shown: its own, or that of names."""
    return NAME if field.role in NAME_ROLES else field.field_class


def shows(relation: Relation, field: Field) -> bool:
    return shown_as(field) in MAY_SEE.get(relation, ())


def children_of(person_id: UUID, *, on: date) -> list[UUID]:
    """Return of whom somebody is parent or guardian on a day, of whatever age."""
    rows = Relationship.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), person_id=person_id, starts_on__lte=on)
    return list(dict.fromkeys(rows.filter(kind__in=PARENTAL).order_by("id").values_list("other_id", flat=True)))


def relations(
    person_id: UUID, births: Mapping[UUID, date | None], words: Dictionary, *, on: date
) -> dict[UUID, Relation]:
    """Return everybody of whom a person sees something, and as what; `births` are those that are known of their children.

    Their household, and that of whoever gave them a mandate, are among them as `HOME`.
    """
    found = {person_id: Relation.SELF}
    here = _home_of([person_id])
    members = _members(here)
    for child in children_of(person_id, on=on):
        if words.majority is not None and (age := age_on(births.get(child), on)) is not None and age < words.majority:
            found[child] = Relation.CHILD if child in members else Relation.CHILD_ELSEWHERE
    mandators = [each for each in mandators_of(person_id, on=on) if each not in found]
    found |= dict.fromkeys(mandators, Relation.MANDATE)
    homes = [*here, *_home_of(mandators)]
    found |= {each: Relation.MEMBER for each in _members(homes) if each not in found}
    return found | dict.fromkeys(homes, Relation.HOME)


def _home_of(persons: Sequence[UUID]) -> list[UUID]:
    rows = Membership.objects.filter(person_id__in=persons, ends_on=None, person__deceased_on=None)
    return list(dict.fromkeys(rows.order_by("id").values_list("household_id", flat=True)))


def _members(homes: Sequence[UUID]) -> list[UUID]:
    rows = Membership.objects.filter(household_id__in=homes, ends_on=None, person__deceased_on=None)
    return list(dict.fromkeys(rows.order_by("id").values_list("person_id", flat=True)))
