"""Reads of what belongs to a household besides its members' facts: groups, relationships, items. Scoped by `by`.

Each is asked after `queries.household`, which says whether the household may be read and leaves the audit row; whose
name is shown from another household leaves one of their own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from amparo.kernel import clock
from amparo.registry.models import Group, GroupMembership, Item, Membership, Person, Source
from amparo.registry.queries import facts_of, kinds_told
from amparo.registry.types import Fact, HouseholdRecord, ItemRecord
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, FieldClass, Ground


@dataclass(frozen=True)
class GroupRecord:
    """A family or couple of a household, with its members and what is known of it."""

    kind: str
    starts_on: date
    ends_on: date | None
    members: tuple[UUID, ...]
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class RelativeRecord:
    """Somebody of another household, whom the reader may see."""

    id: UUID
    number: int
    household_id: UUID | None
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class RelationshipRecord:
    """A member's relationship: they are the `kind` of the other where `is_first`, else the other is theirs.

    `other`  a member of the same household by id, somebody else's record, or None: outside the reader's areas
    """

    member: UUID
    is_first: bool
    kind: str
    other: UUID | RelativeRecord | None
    starts_on: date
    source: str


def groups(household: HouseholdRecord, *, by: Actor, as_of: datetime | None = None) -> list[GroupRecord]:
    """Return the groups that hold now or held on a past day, the oldest first."""
    day = (as_of or clock.now()).date()
    rows = within(Group.objects.filter(household_id=household.id, starts_on__lte=day), by).exclude(ends_on__lt=day)
    held = {each.id: each for each in rows.order_by("starts_on", "id")}
    facts = facts_of("group", list(held), classes=household.classes, as_of=as_of) if held else {}
    belonging = within(GroupMembership.objects.filter(group_id__in=held, starts_on__lte=day), by)
    members = set(belonging.exclude(ends_on__lt=day).values_list("group_id", "person_id"))
    return [
        GroupRecord(
            each.kind,
            each.starts_on,
            each.ends_on,
            tuple(person.id for person in household.members if (each.id, person.id) in members),
            facts.get(each.id, {}),
        )
        for each in held.values()
    ]


def items(household: HouseholdRecord, *, by: Actor, as_of: datetime | None = None) -> list[ItemRecord]:
    """Return what the household itself holds, by kind; what its members hold is theirs."""
    held = Item.objects.filter(household_id=household.id, kind__in=kinds_told(household.classes), ended_on=None)
    rows = list(within(held, by).order_by("kind", "id"))
    facts = {
        id: known
        for kind in dict.fromkeys(each.kind for each in rows)
        for id, known in facts_of(
            f"item:{kind}", [each.id for each in rows if each.kind == kind], classes=household.classes, as_of=as_of
        ).items()
    }
    return [ItemRecord(each.id, each.kind, facts.get(each.id, {})) for each in rows]


def relationships(
    household: HouseholdRecord, *, by: Actor, under: Ground, as_of: datetime | None = None
) -> list[RelationshipRecord]:
    """Return the relationships of the members that hold now or held on a past day; between two of them, each once.

    None to who runs a programme: their relatives are nobody whom it decided about (`are_withheld`).
    """
    if are_withheld(by):
        return []
    day = (as_of or clock.now()).date()
    here = [each.id for each in household.members]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM amparo_ties(%s)", [here])
        rows = [row for row in cursor.fetchall() if row[4] <= day and (row[5] is None or row[5] >= day)]
    codes = dict(Source.objects.values_list("id", "code"))
    elsewhere = _relatives({row[3] for row in rows} - {*here, None}, by=by, under=under)
    told = [
        RelationshipRecord(
            member, is_first, kind, other if other in here else elsewhere.get(other), since, codes[source]
        )
        for member, is_first, kind, other, since, _, source in rows
    ]
    return _each_once(told, here)


def are_withheld(by: Actor) -> bool:
    """Whether relationships are not shown to a reader, whatever is known of them."""
    return by.scope.is_of_programmes


def _each_once(told: Sequence[RelationshipRecord], here: Sequence[UUID]) -> list[RelationshipRecord]:
    """Of two members, the one whose kind is told speaks; of spouses, whichever comes first."""
    found: dict[object, RelationshipRecord] = {}
    for number, each in enumerate(told):
        if each.other in here and not each.is_first:
            continue
        other = each.other.id if isinstance(each.other, RelativeRecord) else each.other or number
        pair = frozenset((each.member, other)) if each.kind == "spouse" else (each.member, other, each.is_first)
        found.setdefault((each.kind, pair), each)
    return list(found.values())


def _relatives(ids: set[UUID], *, by: Actor, under: Ground) -> dict[UUID, RelativeRecord]:
    people = list(within(Person.objects.filter(id__in=ids), by))
    homes = dict(
        within(Membership.objects.filter(person_id__in=ids, ends_on=None), by).values_list("person_id", "household_id")
    )
    facts = _facts_of_relatives(people, by)
    for each in people:
        record(
            Event.PERSON_READ,
            by=by,
            under=under,
            about_kind="person",
            about_id=each.id,
            area_number=each.area_number,
            seen="relationship",
        )
    return {
        each.id: RelativeRecord(each.id, each.number, homes.get(each.id), facts.get(each.id, {})) for each in people
    }


def _facts_of_relatives(people: Sequence[Person], by: Actor) -> dict[UUID, dict[str, Fact]]:
    """Return what may be read of each where they live, which may be less than where the household lies."""
    alike: dict[frozenset[FieldClass], list[UUID]] = defaultdict(list)
    for each in people:
        alike[by.classes_at(each.area_number)].append(each.id)
    return {
        id: facts for classes, ids in alike.items() for id, facts in facts_of("person", ids, classes=classes).items()
    }
