"""What a package declares so that its rows can be frozen in a snapshot: names, queries, keys and classes. No IO here.

A package of any height declares its exports; `project` wires them; `snapshot` takes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    """Who a snapshot is for, and so what it may hold."""

    DECISION = "decision"  # opaque keys and the fields that rules read
    LINKAGE = "linkage"  # names, birth dates, blind indexes; deleted after the run
    RESEARCH = "research"  # allow-listed fields under a project's pseudonyms


class ColumnClass(StrEnum):
    """What a column is, beside the classes of the dictionary's fields (`trust.types.FieldClass`)."""

    KEY = "key"  # an opaque identifier of our own
    PLACE = "place"  # an area's number
    COMPUTED = "computed"  # a count or a day that says nothing about who it is


# `<field>__until`: the last day on which the field's value may be relied on.
UNTIL = "__until"
# `<field>__observed_on`, `<field>__source`: when the field's value was observed, and the code of who said so.
OBSERVED_ON, SOURCE = "__observed_on", "__source"
# `<list>__count`: how many elements a list has; null where the list itself is unknown.
COUNT = "__count"

# The dictionary's classes stand here as words, because the kernel knows no dictionary.
MAY_HOLD: Mapping[Grade, frozenset[str]] = {
    Grade.DECISION: frozenset({*ColumnClass, "situation", "sensitive", "decision", "payment"}),
}


@dataclass(frozen=True)
class Nested:
    """Rows that hang on the rows of an export, or on other nested rows, and become one list column of structs.

    `query`   gives `parent` (the key of the rows it hangs on) and then `columns`, in the order of the parents' rows, then
              of its own key
    `count`   the parents' column that says how many there are; the two must agree, row by row. Null: the list is null
    `key`     its own key, which rows that hang on it name; needed only where some do
    """

    name: str
    query: str
    parent: str
    count: str
    columns: Mapping[str, str]
    key: str = ""
    nested: tuple["Nested", ...] = ()

    def classes(self) -> Mapping[str, str]:
        """Every column with its class, under the name of the list."""
        below = {name: kind for each in self.nested for name, kind in each.classes().items()}
        return {f"{self.name}.{name}": kind for name, kind in {**self.columns, **below}.items()}


@dataclass(frozen=True)
class Export:
    """One named, typed table of a snapshot.

    `query`    SQL with named parameters (`%(on)s` is always there), in an order of its own: the file keeps it, and nested
               rows come in it. No numeric columns, they would come as text
    `columns`  name → class, exactly the columns that the query gives and in their order
    """

    name: str
    query: str
    key: str
    columns: Mapping[str, str]
    grades: frozenset[Grade]
    nested: tuple[Nested, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def classes(self) -> Mapping[str, str]:
        """Every column with its class, nested ones as `members.birth_date`."""
        inner = {name: kind for each in self.nested for name, kind in each.classes().items()}
        return {**self.columns, **inner}
