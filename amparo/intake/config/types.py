"""A checked mapping: which column of which file is which field of the dictionary, and how its text is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from amparo.registry.dictionary import Dictionary, Field


@dataclass(frozen=True)
class FieldColumn:
    """Where the value of one dictionary field stands in a row, and how to read it.

    `column`   the delivered column; None when every row has the value `fixed`
    `values`   translations, delivered text → text in the dictionary's own words; applied before the type is read
    `blank`    texts that mean "not said", besides the batch's own
    `scale`    what a number is multiplied by, exactly, to reach the dictionary's unit
    `round`    whether an amount may be rounded (half to even) to minor units; otherwise such a row is quarantined
    `format`   strptime format of a date
    `matches`  regular expression (RE2) that makes a boolean of a text
    """

    field: Field
    column: str | None
    fixed: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    blank: tuple[str, ...] = ()
    scale: Fraction = Fraction(1)
    round: bool = False
    format: str | None = None
    matches: str | None = None
    required: bool = False


@dataclass(frozen=True)
class AreaColumn:
    """The column with the area's code, or its name within one level of the area tree."""

    column: str
    match: str = "code"
    level: str | None = None
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DateColumn:
    column: str
    format: str


@dataclass(frozen=True)
class Identifier:
    scheme: str
    column: str
    verified: bool = False


@dataclass(frozen=True)
class Relationship:
    """`columns` hold the key of the person who is this person's `kind`."""

    kind: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class GroupColumn:
    """The column whose text tells one family or couple of a household from another; blank: the person is in none."""

    kind: str
    column: str


@dataclass(frozen=True)
class Part:
    """What a row says about one household, one person or one item.

    `key`     columns that name the record at its source, joined by "/"; empty for an item without a key of its own
    `parent`  of a person: the household's key columns; of an item: the key columns of whom it belongs to
    `of`      of an item: the grain of its parent, "person" or "household"
    """

    grain: str
    key: tuple[str, ...]
    fields: tuple[FieldColumn, ...]
    parent: tuple[str, ...] = ()
    of: str | None = None
    area: AreaColumn | None = None
    identifiers: tuple[Identifier, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    groups: tuple[GroupColumn, ...] = ()

    @property
    def columns(self) -> Iterator[str]:
        """Every delivered column the part reads."""
        yield from self.key
        yield from self.parent
        yield from (each.column for each in self.fields if each.column is not None)
        yield from (each.column for each in self.identifiers)
        yield from (column for each in self.relationships for column in each.columns)
        yield from (each.column for each in self.groups)
        if self.area:
            yield self.area.column

    def with_role(self, role: str) -> FieldColumn | None:
        return next((each for each in self.fields if each.field.role == role), None)


@dataclass(frozen=True)
class Table:
    """One kind of file in the delivery: which parts a row has, and how its text is written."""

    name: str
    files: tuple[str, ...]
    household: Part | None
    person: Part | None
    items: tuple[Part, ...]
    observed_on: DateColumn | None
    ignore: tuple[str, ...]
    ignore_rest: bool
    optional: bool
    sheet: str | None
    encoding: str | None
    separator: str | None
    decimal: str
    blank: tuple[str, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part in (self.household, self.person, *self.items) if part)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every delivered column the table needs, each once, in the mapping's order."""
        read = [column for part in self.parts for column in part.columns]
        return tuple(dict.fromkeys([*read, *([self.observed_on.column] if self.observed_on else [])]))


@dataclass(frozen=True)
class Mapping:
    """A checked mapping. `digest` changes with anything it says, so that a re-sent delivery is known by it."""

    name: str
    source: str | None
    purpose: str | None
    observed_on: date | None
    schema: str | None
    checks: tuple[str, ...]
    warnings: tuple[str, ...]
    relations: dict[str, tuple[str, ...]]
    tables: tuple[Table, ...]
    dictionary: Dictionary
    digest: str

    def parts(self, grain: str) -> Iterator[tuple[Table, Part]]:
        return ((table, part) for table in self.tables for part in table.parts if part.grain == grain)
