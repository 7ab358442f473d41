"""The data dictionary: every field the country collects, typed, with the purpose that justifies it.

A field belongs to a grain: `household`, `group`, `person`, an item that one of these holds (`item:vehicle`), or `area`:
what is stated of a place, which nobody delivers.
Nulls   a field that was not delivered is unknown: never false, never zero
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from amparo.kernel.errors import Refused
from amparo.registry.schemes import Scheme
from amparo.trust.types import FieldClass

NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
GROUP_KIND = re.compile(r"[a-z][a-z0-9_]{0,30}")
GRAIN = re.compile(r"household|group|person|area|item:[a-z][a-z0-9_]{0,30}")
# Of a field with the role `relation_to_head`: the code that says of somebody that they are the head.
HEAD = "head"
# What a decision snapshot may hold: no name, identifier or contact, and nothing that protects people in danger.
FOR_DECISIONS = frozenset(FieldClass) - {FieldClass.IDENTITY, FieldClass.CONTACT, FieldClass.PROTECTION}


class Type(StrEnum):
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"  # double precision: measures, weights, coordinates
    MONEY = "money"  # integer minor units of the profile's currency
    DATE = "date"
    CODE = "code"  # a value of a vocabulary
    TEXT = "text"


POSTGRES_TYPE = {
    Type.BOOLEAN: "boolean",
    Type.INTEGER: "bigint",
    Type.NUMBER: "double precision",
    Type.MONEY: "bigint",
    Type.DATE: "date",
    Type.CODE: "text",
    Type.TEXT: "text",
}


PYTHON_TYPE: dict[Type, type | tuple[type, ...]] = {
    Type.BOOLEAN: bool,
    Type.INTEGER: int,
    Type.NUMBER: (int, float),
    Type.MONEY: int,
    Type.DATE: date,
    Type.CODE: str,
    Type.TEXT: str,
}


@dataclass(frozen=True)
class Field:
    """One field of the dictionary.

    `unit`      what a number counts: "money/month", "years", "m2", "share"; None for a bare count
    `minimum`, `maximum`  in the field's own type, money in minor units; a value outside is not accepted
    `vocabulary`  name of the code list, for a code
    `valid_days`  how long an observation may be relied on; None: always
    `precedence`  source codes, the most authoritative first; sources not named come last
    `used_by`   rules, reports or purposes that consume it; a field nobody uses may not be collected (REG-6, ARC-7)
    `role`      what the product itself uses the field for: "birth_date", "sex", "is_head", "relation_to_head",
                "given_name", "family_name", "survey_weight"; at most one field per role and grain
    `is_inherited`  of an area: where it has no value of its own, that of the nearest area above holds
    `effective_month`  of an item that is a series (the income of one month): this field holds the month
    """

    name: str
    grain: str
    type: Type
    purpose: str
    field_class: FieldClass = FieldClass.SITUATION
    unit: str | None = None
    minimum: int | float | date | None = None
    maximum: int | float | date | None = None
    vocabulary: str | None = None
    valid_days: int | None = None
    precedence: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    role: str | None = None
    effective_month: bool = False
    is_inherited: bool = False

    @property
    def label_id(self) -> str:
        return f"field-{self.grain.replace(':', '-')}-{self.name}"

    @property
    def is_for_decisions(self) -> bool:
        """Whether a decision snapshot may hold the field: no name, identifier or contact ever is."""
        return self.field_class in FOR_DECISIONS

    @property
    def is_sealed(self) -> bool:
        """Whether each value is sealed by itself, and a digest stands in its place (`registry.contact_values`).

        How somebody is reached: telephones, addresses. Not what the product reads by its role, nor what is stated of areas.
        """
        is_of_people = self.grain != "area" and self.role is None
        return self.field_class is FieldClass.CONTACT and self.type is Type.TEXT and is_of_people

    def stored(self, value: Any) -> Any:
        """Return a value as an observation keeps it, in JSON. Raises Refused for one of another type."""
        right = isinstance(value, PYTHON_TYPE[self.type])
        if not right or (isinstance(value, bool) and self.type is not Type.BOOLEAN):
            raise Refused("registry-value-type", field=self.name, type=self.type.value)
        return value.isoformat() if isinstance(value, date) else value

    def valid_until(self, observed_on: date) -> date | None:
        return None if self.valid_days is None else observed_on + timedelta(days=self.valid_days)


@dataclass(frozen=True)
class Vocabulary:
    """A code list; each code's words are in the profile's catalogue under `code-<vocabulary>-<code>`."""

    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class ListDefinition:
    """A list that hangs off a person or a household: their relatives (`registry.lists.RELATIONS`), or a kind of item.

    `complete_in`  sources of which a record names the whole list. Only of whoever has a record there is it known, and
                   may be empty; of anybody else it is unknown, whatever else was delivered
    """

    name: str
    grain: str
    elements: str
    complete_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dictionary:
    """All fields of a country, by grain and name; its vocabularies, currency, schemes of identifiers, lists and sources.

    `groups`  the kinds of groups inside a household: family, couple
    `majority`  the age, in years, from which nobody's parent sees what is known of them; None: no parent ever does
    """

    fields: tuple[Field, ...]
    vocabularies: tuple[Vocabulary, ...] = ()
    currency: str = "XXX"
    decimals: int = 2
    version: str = ""
    schemes: tuple[Scheme, ...] = ()
    lists: tuple[ListDefinition, ...] = ()
    sources: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    majority: int | None = None
    _by_key: dict[tuple[str, str], Field] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for each in self.fields:
            # Names become columns of tables: nothing but small letters, digits and underscores ever reaches SQL.
            if not NAME.fullmatch(each.name) or not GRAIN.fullmatch(each.grain):
                raise Refused("registry-field-name", field=each.name, grain=each.grain)
            if (each.grain, each.name) in self._by_key:
                raise Refused("registry-field-twice", field=each.name, grain=each.grain)
            self._by_key[each.grain, each.name] = each

    def __getitem__(self, key: tuple[str, str]) -> Field:
        try:
            return self._by_key[key]
        except KeyError:
            raise Refused("registry-field-unknown", field=key[1], grain=key[0]) from None

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._by_key

    def of(self, grain: str) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.grain == grain)

    def stored_as_facts(self, grain: str) -> list[str]:
        """Return the names of the fields of a grain whose facts are kept in its table.

        What protects people in danger is not: it is read from its own observations, which few may see.
        """
        return [each.name for each in self.of(grain) if each.field_class is not FieldClass.PROTECTION]

    def sealed(self, grain: str) -> frozenset[str]:
        """Return the names of the fields of a grain whose values are sealed one by one."""
        return frozenset(each.name for each in self.of(grain) if each.is_sealed)

    def readable(self, grain: str, classes: Collection[FieldClass]) -> list[str]:
        """Return the names of the fields of a grain that are of these classes: what whoever may read these may read."""
        return [each.name for each in self.of(grain) if each.field_class in classes]

    def withheld(self, reads: Iterable[tuple[str, str]], classes: Collection[FieldClass]) -> frozenset[tuple[str, str]]:
        """Return those of some fields, (grain, name), that are of none of these classes. What is no field is nobody's."""
        return frozenset(each for each in reads if each in self and self[each].field_class not in classes)

    def a_list(self, grain: str, name: str) -> ListDefinition:
        for each in self.lists:
            if (each.grain, each.name) == (grain, name):
                return each
        raise Refused("registry-list-unknown", list=name, grain=grain)

    def month_of(self, grain: str) -> Field | None:
        """Return the field that holds the month, where the items are a series."""
        return next((each for each in self.of(grain) if each.effective_month), None)

    def with_role(self, grain: str, role: str) -> Field | None:
        return next((each for each in self.of(grain) if each.role == role), None)

    def vocabulary(self, name: str) -> Vocabulary:
        for each in self.vocabularies:
            if each.name == name:
                return each
        raise Refused("registry-vocabulary-unknown", vocabulary=name)

    def scheme(self, name: str) -> Scheme | None:
        """Return a scheme of identifiers; None where the country names none of this name, and nothing is asked of it."""
        return next((each for each in self.schemes if each.scheme == name), None)

    @property
    def grains(self) -> Iterator[str]:
        """Every grain that has a field, in dictionary order."""
        return iter(dict.fromkeys(each.grain for each in self.fields))
