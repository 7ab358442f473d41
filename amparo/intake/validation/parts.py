"""Reads each part of each table into typed columns, and writes down why a row does not fit.

Shape   `part_<n>`: one row per delivered row; own columns begin with `__`, the others are fields that checks read;
        `typed_<n>`: a view of the same rows with all their fields
        `__at` is the row's place in the delivery: its file's number and its line in one integer
        `reason`: one row per thing that is wrong with a delivered row; `other`: the place of the row it clashes with
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from amparo.intake.config import Identifier, Mapping, Part, Table
from amparo.intake.files.wanted import LINE, Read
from amparo.intake.validation.expressions import (
    TYPED,
    Reading,
    area_text,
    key,
    literal,
    name,
    observed_on,
    reading,
    translated,
)
from amparo.registry.dictionary import Type

KEY_LENGTH = 200
CHECKED_ROLES = ("birth_date", "is_head", "relation_to_head")
FILE = 1 << 40  # lines a file may have
REASONS = "CREATE TABLE reason (row_at BIGINT, rule VARCHAR, field VARCHAR, other BIGINT, unit VARCHAR)"


@dataclass(frozen=True)
class File:
    """One delivered file that was read: `number` counts the files of the batch from 0."""

    number: int
    table: int
    path: Path
    read: Read

    @property
    def ragged(self) -> Path:
        return self.path.with_suffix(".ragged")


@dataclass(frozen=True)
class Placed:
    """A part of the mapping, with the table it stands in and its number among all parts."""

    number: int
    table_number: int
    table: Table
    part: Part

    @property
    def name(self) -> str:
        return f"part_{self.number}"

    @property
    def typed(self) -> str:
        return f"typed_{self.number}"


def placed(mapping: Mapping) -> list[Placed]:
    found = [(number, table, part) for number, table in enumerate(mapping.tables) for part in table.parts]
    return [Placed(n, number, table, part) for n, (number, table, part) in enumerate(found)]


def raw(files: list[File], columns: tuple[str, ...]) -> str:
    """The delivered text of one table's files, as a query."""
    selected = "".join(f", {name(each)}" for each in columns)
    return " UNION ALL ".join(
        f"SELECT {each.number * FILE} + {LINE} AS __at, {each.read.format != 'csv'} AS {TYPED}{selected} "
        f"FROM read_parquet({literal(str(each.path))})"
        for each in files
    )


def read_part(
    db: duckdb.DuckDBPyConnection, each: Placed, files: list[File], mapping: Mapping, day: date | None
) -> None:
    """Make `part_<n>`, `typed_<n>`, and the reasons for its rows that are not ok.

    The typed values are a view: they are read from the file again when they are staged, which costs less than
    writing a country down once more.
    """
    readings = [reading(column, each.table, mapping.dictionary, n) for n, column in enumerate(each.part.fields)]
    layers = _layers(each, files, readings, day)
    values = {column.field.name: f"v{n}" for n, column in enumerate(each.part.fields)}
    named = "".join(f", {value} AS {name(field)}" for field, value in values.items())
    db.execute(f"CREATE VIEW {each.typed} AS SELECT __at{named} FROM ({layers})")
    own = _own_rules(each)
    wrong = [condition for _, condition in own] + [condition for one in readings for _, condition in one.rules]
    ok = " AND ".join(f"({condition}) IS NOT TRUE" for condition in wrong) or "true"
    columns = ", ".join(
        ["__at, __key, __parent, __area, __observed_on", *_extra_names(each.part), *_kept(each, values)]
    )
    db.execute(f"CREATE TABLE {each.name} AS SELECT {columns}, {ok} AS __ok FROM ({layers})")
    if db.execute(f"SELECT 1 FROM {each.name} WHERE NOT __ok LIMIT 1").fetchone():
        bad = f"SELECT __at FROM {each.name} WHERE NOT __ok"
        _write_reasons(db, each, _layers(each, files, readings, day, bad), own, readings)


def _kept(each: Placed, values: dict[str, str]) -> Iterator[str]:
    """What later steps ask of a row: its digest, what checks read, whether it says anything, whether a formula."""
    # Unit separators keep values apart: no text that is accepted holds one.
    told = [f"coalesce({value}::VARCHAR, '')" for _, value in sorted(values.items())]
    said = ", ".join(["chr(31)", *(told or ["''"])])  # a part may say nothing but who there is
    yield f"md5(concat_ws({said}))::UUID AS __said"
    for column in each.part.fields:
        if column.field.role in CHECKED_ROLES or column.field.effective_month:
            yield f"{values[column.field.name]} AS {name(column.field.name)}"
    if each.part.of:
        yield f"coalesce({', '.join(f'{value}::VARCHAR' for value in values.values()) or 'NULL'}) IS NOT NULL AS __is_there"
    texts = [values[column.field.name] for column in each.part.fields if column.field.type is Type.TEXT]
    yield " OR ".join(f"coalesce(starts_with({text}, '='), false)" for text in texts or ["NULL"]) + " AS __has_formula"


def _layers(each: Placed, files: list[File], readings: list[Reading], day: date | None, only: str | None = None) -> str:
    texts = "".join(f", {one.text} AS t{n}" for n, one in enumerate(readings))
    plains = "".join(f", {one.plain} AS n{n}" for n, one in enumerate(readings))
    values = "".join(f", {one.value} AS v{n}" for n, one in enumerate(readings))
    part, table = each.part, each.table
    own = (
        f"{key(part.key)} AS __key, {key(part.parent)} AS __parent, {area_text(part.area, table)} AS __area, "
        f"{observed_on(table.observed_on, day)} AS __observed_on" + "".join(_extras(part, table))
    )
    rows = f"SELECT * FROM ({raw(files, table.columns)})" + (f" WHERE __at IN ({only})" if only else "")
    return f"SELECT *{values} FROM (SELECT *{plains} FROM (SELECT __at, {TYPED}, {own}{texts} FROM ({rows})))"


def _extras(part: Part, table: Table) -> list[str]:
    """Identifiers, the keys of relatives and the names of groups, as text; of who is in no group, the empty text."""
    texts = [translated(each.column, (), table.blank) for each in part.identifiers]
    texts += [key(each.columns) for each in part.relationships]
    texts += [f"coalesce({translated(each.column, (), table.blank)}, '')" for each in part.groups]
    return [f", {text} AS {alias}" for text, alias in zip(texts, _extra_names(part), strict=True)]


def identifier_columns(part: Part) -> dict[str, Identifier]:
    """Return the columns that hold identifiers: of the same name in all tables that deliver the same scheme alike."""
    named = {n: each for n, each in enumerate(part.identifiers)}
    return {name(f"__identifier_{n}_{each.scheme}_{each.verified}"): each for n, each in named.items()}


def relationship_columns(part: Part) -> dict[str, str]:
    """Return the columns that hold the keys of relatives, with their kind."""
    return {name(f"__relationship_{n}_{each.kind}"): each.kind for n, each in enumerate(part.relationships)}


def group_columns(part: Part) -> dict[str, str]:
    """Return the columns that tell groups apart, with their kind. Null only in rows of a table that does not say it."""
    return {name(f"__group_{each.kind}"): each.kind for each in part.groups}


def _extra_names(part: Part) -> list[str]:
    return [*identifier_columns(part), *relationship_columns(part), *group_columns(part)]


def _own_rules(each: Placed) -> list[tuple[str, str]]:
    """What must hold of a part's keys and day, whatever its fields."""
    part = each.part
    rules = []
    # A table without a day of its own takes its household's, and is asked for it once that is known (`entities`).
    if each.table.observed_on is not None or part.grain == "household":
        rules.append(("intake-observed-unreadable", "__observed_on IS NULL"))
    if part.key:
        rules.append(("intake-key-blank", "__key IS NULL"))
        rules.append(("intake-key-long", f"length(__key) > {KEY_LENGTH}"))
    if part.parent:
        rules.append(("intake-parent-blank", "__parent IS NULL"))
    if part.area:
        rules.append(("intake-area-blank", "__area IS NULL"))
    return rules


def _write_reasons(
    db: duckdb.DuckDBPyConnection, each: Placed, layers: str, own: list[tuple[str, str]], readings: list[Reading]
) -> None:
    named = [(rule, "", condition) for rule, condition in own]
    for column, one in zip(each.part.fields, readings, strict=True):
        named += [(rule, column.field.name, condition) for rule, condition in one.rules]
    cases = ", ".join(
        f"CASE WHEN {condition} THEN {{'rule': {literal(rule)}, 'field': {literal(field)}}} END"
        for rule, field, condition in named
    )
    db.execute(f"""
        INSERT INTO reason (row_at, rule, field)
        SELECT __at, found.rule, found.field
        FROM (
            SELECT __at, unnest([{cases}]) AS found
            FROM ({layers})
        )
        WHERE found IS NOT NULL
    """)
