"""Words of the registry that cross its border."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from amparo.kernel.errors import NotFound
from amparo.trust.types import FieldClass


@dataclass(frozen=True)
class SourceConfig:
    """`complete`: names of the lists that a record of this source names whole (`dictionary.ListDefinition`)."""

    code: str
    kind: str
    rank: int = 0
    complete: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """What holds of one field now: the value, who said so and when, until when it may be relied on.

    `conflict`: another source that is still to be believed says otherwise; both are kept.
    """

    field: str
    value: Any
    source: str
    observed_on: date
    valid_until: date | None
    conflict: bool

    def is_stale(self, on: date) -> bool:
        return self.valid_until is not None and self.valid_until < on


@dataclass(frozen=True)
class AttributeConfig:
    """What a profile states of an area from one day on; `field` is one of the grain `area`, the value in its type."""

    area: str
    field: str
    starts_on: date
    value: Any
    source: str


@dataclass(frozen=True)
class ElementRecord:
    """A relative or an item in a list that hangs off a household or person, with what is asked of it and no more."""

    id: UUID
    grain: str
    facts: Mapping[str, Fact]
    lists: "Lists" = field(default_factory=dict)


# Name of a list → its elements by id; None where the list is not known, absent where nobody asked.
Lists = Mapping[str, Sequence[ElementRecord] | None]


@dataclass(frozen=True)
class HouseholdRecord:
    """A household with its living members and the facts of each, as rules read them: only what is known is present.

    `lists`  only where they were asked for (`queries.with_lists`)
    `classes`  of which classes the reader may read fields; a field of any other is withheld, known or not
    """

    grain: ClassVar[str] = "household"
    id: UUID
    number: int
    area_number: int
    facts: Mapping[str, Fact]
    members: Sequence["PersonRecord"]
    groups: Sequence["GroupRecord"] = ()
    lists: Lists = field(default_factory=dict)
    classes: Collection[FieldClass] = frozenset()

    def member(self, person_id: UUID) -> "PersonRecord":
        """Return a member. Raises NotFound for whoever does not live here."""
        for each in self.members:
            if each.id == person_id:
                return each
        raise NotFound("registry-person-unknown")

    def group_of(self, kind: str, person_id: UUID) -> UUID | None:
        """Return the group of a kind that a member is in; None where they are in none."""
        return next((each.id for each in self.groups if each.kind == kind and person_id in each.persons), None)

    @property
    def size(self) -> int:
        return len(self.members)


@dataclass(frozen=True)
class PersonRecord:
    grain: ClassVar[str] = "person"
    id: UUID
    number: int
    facts: Mapping[str, Fact]
    items: Sequence["ItemRecord"] = ()
    household_id: UUID | None = None
    lists: Lists = field(default_factory=dict)
    erased_on: date | None = None


@dataclass(frozen=True)
class GroupRecord:
    """A family or couple inside a household, with those of its living members who are in it."""

    id: UUID
    kind: str
    persons: tuple[UUID, ...]


@dataclass(frozen=True)
class ItemRecord:
    id: UUID
    kind: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class IdentifierRecord:
    """An identifier of a person, without its value. Not `is_sound`: of the wrong length, or with a wrong check digit."""

    scheme: str
    verified: bool
    contested: bool
    is_sound: bool


@dataclass(frozen=True)
class Found:
    """One line of a search: enough to choose by, no identifier."""

    person_id: UUID | None
    household_id: UUID | None
    number: int
    name: str
    birth_year: int | None
    area_number: int
    likeness: float | None = None


@dataclass(frozen=True)
class Contact:
    """Where somebody is reached. `values`: use → what is known, "" of what is not; neither is shown in any log or error."""

    name: str = field(repr=False)
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Observed:
    """One observation as the history of a household shows it. `values`: those that the reader may read."""

    entity_id: UUID
    grain: str
    source: str
    observed_on: date
    received_at: datetime
    values: Mapping[str, Any]
    tombstone: Mapping[str, Any] | None


class Leaving(StrEnum):
    """Why somebody lives in a home no more. The words are in the catalogue under `registry-leaving-<value>`."""

    MOVED = "moved"  # to another home that is known
    LEFT = "left"  # nobody knows where to
    DIED = "died"


@dataclass(frozen=True)
class ProtectingFact:
    """What one source said that protects a home or somebody in it. `value` None: it took back what it had said.

    `holds`: it is the last word of this source on the field
    """

    about: UUID
    grain: str
    field: str
    value: Any
    source: str
    observed_on: date
    holds: bool


@dataclass(frozen=True)
class FactsChanged:
    """Facts of these households were folded anew: whatever rests on them may change."""

    household_ids: Sequence[UUID]
    on: date


@dataclass(frozen=True)
class BatchRecorded:
    """A batch of observations was recorded; its households are found by the delivery."""

    delivery_id: int
    households: int
    persons: int
    details: Mapping[str, int] = field(default_factory=dict)
