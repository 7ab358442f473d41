"""Reads of a citizen: what is held about them, what they see of their household, and whom they may look at besides.

Each asks both gates for itself: the relations worked out here from the rows (`insight`), and those that the database works
out (migrations/0009_own.sql). The reads leave an audit row that says whose record it was, and for whom somebody looked.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import connection

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.registry import contact_values, facts
from amparo.registry.dictionary import Dictionary
from amparo.registry.insight import Relation, children_of, relations, shows
from amparo.registry.models import GroupMembership, Household, Identifier, Item, Person, Relationship
from amparo.registry.queries import as_facts, dictionary, with_contacts
from amparo.registry.types import Fact, ItemRecord
from amparo.trust.keys import encryption
from amparo.trust.log.tracker import note_look
from amparo.trust.scope import within
from amparo.trust.types import Actor, ActorKind, Permission

LAST = 3  # letters of an identifier that are shown: enough to know it by, not enough to use it


@dataclass(frozen=True)
class Seen:
    """Somebody of whom the citizen sees something: as what, and which of their facts."""

    id: UUID
    number: int
    relation: Relation
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class HomeSeen:
    """The household: its own facts and things, and who else lives in it."""

    id: UUID
    number: int
    facts: Mapping[str, Fact]
    items: Sequence[ItemRecord]
    members: Sequence[Seen]


@dataclass(frozen=True)
class NumberSeen:
    """An identifier of the person, with its last letters only."""

    scheme: str
    ending: str
    verified: bool


@dataclass(frozen=True)
class OwnRecord:
    """What is held about somebody, as they or who acts for them may see it. `home` None: no household, or not to be told."""

    person: Seen
    items: Sequence[ItemRecord]
    identifiers: Sequence[NumberSeen]
    home: HomeSeen | None


@dataclass(frozen=True)
class Near:
    """Who is what to a citizen today, and the dictionary that says of which class a field is."""

    relations: Mapping[UUID, Relation]
    words: Dictionary

    def facts(self, grain: str, whose: Mapping[UUID, Relation]) -> dict[UUID, dict[str, Fact]]:
        """Return what each of these may be told of: `whose` gives the relation for an item, which has none of its own."""
        told = _told(grain, list(whose), self.words)
        shown = {
            id: {name: fact for name, fact in known.items() if shows(whose[id], self.words[grain, name])}
            for id, known in told.items()
            if id in whose
        }
        return with_contacts(shown, grain, self.words, through=contact_values.TOLD)


def near(by: Actor) -> Near:
    """Return everybody of whom a citizen sees something today. Nobody for an actor who is no citizen."""
    words = dictionary()
    if by.kind is not ActorKind.CITIZEN or by.person is None:
        return Near({}, words)
    today = clock.today()
    born = words.with_role("person", "birth_date")
    children = _told("person", children_of(by.person, on=today), words) if born else {}
    births = {id: fact.value for id, known in children.items() if (fact := known.get(born.name))} if born else {}
    return Near(relations(by.person, births, words, on=today), words)


def expect_own(by: Actor, around: Near | None = None) -> Relation:
    """Return by what right a citizen looks at the record they ask for. Raises NotFound where there is none today."""
    relation = (around or near(by)).relations.get(by.concerning) if by.concerning else None
    if relation in (None, Relation.MEMBER, Relation.HOME):
        raise NotFound("registry-not-represented")
    return relation


def represented(by: Actor) -> list[Seen]:
    """Return for whom a citizen may act today besides themselves, by name."""
    around = near(by)
    whose = {
        id: relation
        for id, relation in around.relations.items()
        if relation in (Relation.CHILD, Relation.CHILD_ELSEWHERE, Relation.MANDATE)
    }
    return _seen(whose, around)


def own_record(*, by: Actor) -> OwnRecord:
    """Return what is held about whom the citizen looks at. Raises NotFound where they may not."""
    around, subject = near(by), by.concerning
    relation = expect_own(by, around)
    assert subject is not None
    [person] = _seen({subject: relation}, around) or [None]
    if person is None:
        raise NotFound("registry-person-unknown")
    found = OwnRecord(
        person=person,
        items=_items(around, relation, person_id=subject),
        identifiers=_identifiers(subject, by=by),
        home=None if relation is Relation.CHILD_ELSEWHERE else _home(subject, around),
    )
    note_look(by.narrowed(Permission.SEE_OWN), part="record")
    return found


def own_units(by: Actor) -> list[UUID]:
    """Return about what a decision may be that concerns whom the citizen looks at: they, their household, their groups.

    Of a child who lives elsewhere only what is about the child.
    """
    around, subject = near(by), by.concerning
    relation = expect_own(by, around)
    assert subject is not None
    home = None if relation is Relation.CHILD_ELSEWHERE else _home_of(subject, around)
    if home is None:
        return [subject]
    rows = within(GroupMembership.objects.filter(group__household_id=home), by, person="person_id")
    return [subject, home, *rows.values_list("group_id", flat=True)]


def seen_by_name(ids: Collection[UUID], *, by: Actor) -> dict[UUID, Seen]:
    """Return those of whom the citizen sees something, by their names alone; nobody else."""
    around = near(by)
    whose = {id: around.relations[id] for id in ids if around.relations.get(id) not in (None, Relation.HOME)}
    return {each.id: replace(each, facts=_names(each, around)) for each in _seen(whose, around)}


def guardians(*, by: Actor) -> list[tuple[Seen | None, str, date]]:
    """Return who acts for the person by law today, by the relationships known: who where one may see them, kind, since."""
    around, today = near(by), clock.today()
    born = around.words.with_role("person", "birth_date")
    if expect_own(by, around) not in (Relation.SELF, Relation.CHILD) or born is None or around.words.majority is None:
        return []
    rows = within(
        Relationship.objects.filter(kind__in=("parent", "guardian"), starts_on__lte=today), by, person="other_id"
    )
    held = [each for each in rows.order_by("id") if each.ends_on is None or each.ends_on >= today]
    known = {
        each.id: each
        for each in _seen({id: each for id, each in around.relations.items() if each is not Relation.HOME}, around)
    }
    return [(known.get(each.person_id), each.kind, each.starts_on) for each in held]


def _seen(whose: Mapping[UUID, Relation], around: Near) -> list[Seen]:
    numbers = dict(Person.objects.filter(id__in=list(whose)).values_list("id", "number"))
    told = around.facts("person", whose)
    found = [Seen(id, numbers[id], relation, told.get(id, {})) for id, relation in whose.items() if id in numbers]
    return sorted(found, key=lambda each: each.number)


def _home_of(person_id: UUID, around: Near) -> UUID | None:
    """Return the household of a person, among those that the citizen sees."""
    seen = [id for id, relation in around.relations.items() if relation is Relation.HOME]
    rows = Household.objects.filter(id__in=seen, memberships__person_id=person_id, memberships__ends_on=None)
    return rows.values_list("id", flat=True).first()


def _home(person_id: UUID, around: Near) -> HomeSeen | None:
    id = _home_of(person_id, around)
    if id is None:
        return None
    others = Person.objects.filter(memberships__household_id=id, memberships__ends_on=None).exclude(id=person_id)
    whose = {each: around.relations[each] for each in others.values_list("id", flat=True) if each in around.relations}
    return HomeSeen(
        id=id,
        number=Household.objects.filter(id=id).values_list("number", flat=True)[0],
        facts=around.facts("household", {id: Relation.HOME}).get(id, {}),
        items=_items(around, Relation.HOME, household_id=id),
        # Of a child too only the name stands here: what is known of them is on a page of their own.
        members=[replace(each, facts=_names(each, around)) for each in _seen(whose, around)],
    )


def _names(seen: Seen, around: Near) -> dict[str, Fact]:
    words = around.words
    return {name: fact for name, fact in seen.facts.items() if shows(Relation.MEMBER, words["person", name])}


def _items(around: Near, relation: Relation, **holder: UUID) -> list[ItemRecord]:
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    for id, kind in Item.objects.filter(ended_on=None, **holder).order_by("kind", "id").values_list("id", "kind"):
        by_kind[kind].append(id)
    return [
        ItemRecord(id, kind, told.get(id, {}))
        for kind, ids in by_kind.items()
        for told in [around.facts(f"item:{kind}", dict.fromkeys(ids, relation))]
        for id in ids
    ]


def _identifiers(person_id: UUID, *, by: Actor) -> list[NumberSeen]:
    rows = within(Identifier.objects.filter(person_id=person_id), by, person="person_id").order_by("scheme", "id")
    return [
        NumberSeen(scheme, _ending(id, bytes(value)), verified)
        for id, scheme, value, verified in rows.values_list("id", "scheme", "value", "verified")
    ]


def _ending(id: UUID, sealed: bytes) -> str:
    """Return the last letters of an identifier; of one that is hardly longer, none."""
    value = encryption.decrypt("identity", sealed, f"registry_identifier.value:{id}".encode()).decode()
    return value[-LAST:] if len(value) > 2 * LAST else ""


def _told(grain: str, ids: Sequence[UUID], words: Dictionary) -> dict[UUID, dict[str, Fact]]:
    """Return what the database tells a citizen of these: the same fold as everybody's, over what their relations show.

    Values of contact are not opened yet: of whom they may be told is not decided.
    """
    if not ids:
        return {}
    with connection.cursor() as cursor:
        fields = [each.name for each in words.of(grain)]  # of these the view shows what they may see
        cursor.execute(facts.READ_TOLD, {"ids": list(ids), "grain": grain, "as_of": clock.now(), "fields": fields})
        return as_facts(cursor.fetchall(), grain, words)
