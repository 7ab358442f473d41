"""The people whom the institutions know: the files of the invented census, read once and found by identifier.

Shape   identifier in; everything the files say of the person, their home, their plots and their months of income out
Nulls   as in the files; of an identifier that two rows hold (that is planted) the first counts
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

IDENTIFIERS = ("national_id", "refugee_id")
_TEXTS = {each: pa.string() for each in (*IDENTIFIERS, "phone")}


@dataclass(frozen=True)
class Known:
    """One invented person. `home` and `person` are rows of the files; `others` the identifiers of whom they are related to."""

    identifier: str
    scheme: str
    person: Mapping[str, Any]
    home: Mapping[str, Any]
    plots: list[dict[str, Any]] = field(default_factory=list)
    incomes: list[dict[str, Any]] = field(default_factory=list)
    others: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def is_head(self) -> bool:
        return self.person["relation_to_head"] == "head"


class People:
    """Everybody, by identifier."""

    def __init__(self, files: Iterable[Path]) -> None:
        tables = {each.stem: _read(each) for each in files}
        self._persons = tables["persons"]
        self._homes, self._row_of_home = tables["households"], _rows_by(tables["households"], "household")
        self._row_of_person = _rows_by(tables["persons"], "person")
        self._found: dict[str, tuple[str, int]] = {}
        for scheme in IDENTIFIERS:
            for row, number in enumerate(self._persons[scheme].to_pylist()):
                if number:
                    self._found.setdefault(number, (scheme, row))
        self._everybody = list(self._found)
        self._place = {number: place for place, number in enumerate(self._everybody)}
        self._plots = _grouped(tables.get("plots"), "household")
        self._incomes = _grouped(tables.get("incomes"), "person")

    def __len__(self) -> int:
        return len(self._found)

    @property
    def identifiers(self) -> list[str]:
        return self._everybody

    def known(self, identifier: str) -> Known | None:
        """Return whoever holds an identifier; None where nobody does."""
        if identifier not in self._found:
            return None
        scheme, row = self._found[identifier]
        person = _row(self._persons, row)
        home = self._row_of_home.get(person["household"])
        return Known(
            identifier,
            scheme,
            person,
            {} if home is None else _row(self._homes, home),
            self._plots.get(person["household"], []),
            self._incomes.get(person["person"], []),
            {each: self._identifier_of(person[each]) for each in ("mother", "father", "spouse")},
        )

    def another(self, identifier: str) -> str:
        """Return the identifier of whoever comes next: somebody else, and always the same."""
        return self._everybody[(self._place[identifier] + 1) % len(self._everybody)]

    def _identifier_of(self, person: str | None) -> str | None:
        row = self._row_of_person.get(person)
        if row is None:
            return None
        return next((number for each in IDENTIFIERS if (number := self._persons[each][row].as_py())), None)


def _read(file: Path) -> pa.Table:
    nulls = csv.ConvertOptions(column_types=_TEXTS, strings_can_be_null=True, quoted_strings_can_be_null=False)
    return csv.read_csv(file, convert_options=nulls)


def _row(table: pa.Table, row: int) -> dict[str, Any]:
    return {name: table[name][row].as_py() for name in table.column_names}


def _rows_by(table: pa.Table, column: str) -> dict[str, int]:
    return {key: row for row, key in enumerate(table[column].to_pylist())}


def _grouped(table: pa.Table | None, column: str) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for each in table.to_pylist() if table is not None else []:
        found[each[column]].append(each)
    return dict(found)
