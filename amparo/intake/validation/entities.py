"""Gathers the parts into households, persons and items, places them in their areas, and finds what does not fit together.

Shape   `household`, `person`, `item_<n>`: one row per record of the delivery, with `__at`, `__key`, `__parent`,
        `__area_number`, `__area_id`, `__observed_on`, `__unit`, `__said` (a digest of what it says), and what checks read
        `__unit` is what is taken in or held back as one: the household, or a person who is in none
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from amparo.intake.config import Mapping
from amparo.intake.validation.expressions import literal, name
from amparo.intake.validation.parts import Placed, group_columns


@dataclass(frozen=True)
class Place:
    """An area as rows are matched with it."""

    id: int
    code: str
    name: str
    level: str
    number: int


def write_places(db: duckdb.DuckDBPyConnection, places: Sequence[Place]) -> None:
    """Make table `place`; a name that two areas of a level share is found by neither."""
    db.execute("CREATE TABLE place (id BIGINT, code VARCHAR, name VARCHAR, level VARCHAR, number BIGINT)")
    rows = [(each.id, each.code, each.name, each.level, each.number) for each in places]
    for start in range(0, len(rows), 1_000):
        chunk = rows[start : start + 1_000]
        marks = ", ".join(["(?, ?, ?, ?, ?)"] * len(chunk))
        db.execute(f"INSERT INTO place VALUES {marks}", [value for row in chunk for value in row])


def gather(db: duckdb.DuckDBPyConnection, mapping: Mapping, parts: list[Placed]) -> None:
    """Make `household`, `person` and one `item_<n>` for each part that holds items."""
    _gather_households(db, parts)
    _gather_persons(db, parts)
    for each in parts:
        if each.part.of:
            _gather_items(db, mapping, each)
    for column in dict.fromkeys(column for each in parts for column in group_columns(each.part)):
        _reason_groups(db, column)


def _gather_households(db: duckdb.DuckDBPyConnection, parts: list[Placed]) -> None:
    """One row per key. Rows of a flat file must agree on it; anywhere else a key comes once."""
    selects = []
    for each in (one for one in parts if one.part.grain == "household"):
        area_id, area_number = _place_columns(each)
        selects.append(
            f"SELECT h.* EXCLUDE (__parent, __area, __has_formula, __ok), {area_id} AS __area_id, {area_number} AS __area_number, "
            f"'h' || __key AS __unit FROM {each.name} h {_place_join(each)} "
            f"WHERE __at IN (SELECT min(__at) FROM {each.name} WHERE __key IS NOT NULL GROUP BY __key)"
        )
        _reason_areas(db, each)
        if each.table.person is None:
            reason_twice(db, each.name)
        else:
            _reason_disagreeing(db, each)
    empty = (
        "SELECT NULL::BIGINT AS __at, NULL::VARCHAR AS __key, NULL::DATE AS __observed_on, NULL::BIGINT AS __area_id, "
        "NULL::BIGINT AS __area_number, NULL::VARCHAR AS __unit, NULL::UUID AS __said LIMIT 0"
    )
    db.execute(f"CREATE TABLE household AS {' UNION ALL BY NAME '.join(selects) or empty}")
    if len(selects) > 1:
        reason_twice(db, "household")


def _place_columns(each: Placed) -> tuple[str, str]:
    return ("place.id", "place.number") if each.part.area else ("NULL::BIGINT", "NULL::BIGINT")


def _place_join(each: Placed, row: str = "h") -> str:
    """Join the one area that a row names."""
    area = each.part.area
    if area is None:
        return ""
    column = "code" if area.match == "code" else "name"
    level = f" WHERE level = {literal(area.level)}" if area.level else ""
    word = "lower(nfc_normalize({}))" if area.match == "name" else "{}"
    found = f"SELECT {word.format(column)} AS word, any_value(id) AS id, any_value(number) AS number FROM place{level}"
    return f"LEFT JOIN ({found} GROUP BY 1 HAVING count(DISTINCT id) = 1) place ON place.word = {word.format(row + '.__area')}"


def _reason_areas(db: duckdb.DuckDBPyConnection, each: Placed) -> None:
    db.execute(
        f"INSERT INTO reason (row_at, rule) SELECT h.__at, 'intake-area-unknown' FROM {each.name} h {_place_join(each)} "
        "WHERE h.__area IS NOT NULL AND place.id IS NULL"
    )


def reason_twice(db: duckdb.DuckDBPyConnection, table: str) -> None:
    """All rows with a key that comes twice are set aside: which of them is right, only the source knows."""
    db.execute(f"""
        INSERT INTO reason (row_at, rule, other)
        SELECT __at, 'intake-key-twice', CASE WHEN __at = first THEN last ELSE first END
        FROM {table} JOIN (
            SELECT __key, min(__at) AS first, max(__at) AS last FROM {table}
            WHERE __key IS NOT NULL GROUP BY __key HAVING count(*) > 1
        ) USING (__key)
    """)


def _reason_disagreeing(db: duckdb.DuckDBPyConnection, each: Placed) -> None:
    said = "hash((__area, __observed_on, __said))"
    db.execute(f"""
        INSERT INTO reason (row_at, rule, other)
        SELECT row.__at, 'intake-household-disagrees', first.row_at
        FROM {each.name} row JOIN (
            SELECT __key, min(__at) AS row_at, arg_min({said}, __at) AS said FROM {each.name}
            WHERE __key IS NOT NULL GROUP BY __key HAVING min({said}) <> max({said})
        ) first USING (__key)
        WHERE {said} <> first.said
    """)


def _gather_persons(db: duckdb.DuckDBPyConnection, parts: list[Placed]) -> None:
    """Every delivered person, in the area of their household; one without a household in an area of their own."""
    selects = []
    for each in (one for one in parts if one.part.grain == "person"):
        own_id, own_number = _place_columns(each)
        if each.part.area:
            _reason_areas(db, each)
        selects.append(f"""
            SELECT p.* EXCLUDE (__area, __has_formula, __ok, __observed_on),
                coalesce(h.__area_id, known.area_id, {own_id}) AS __area_id,
                coalesce(h.__area_number, known.area_number, {own_number}) AS __area_number,
                coalesce({"h.__observed_on" if each.table.observed_on is None else "NULL"}, p.__observed_on) AS __observed_on,
                CASE WHEN p.__parent IS NULL THEN 'p' || p.__key ELSE 'h' || p.__parent END AS __unit,
                h.__key IS NOT NULL AS __household_delivered
            FROM {each.name} p
            LEFT JOIN household h ON h.__key = p.__parent
            LEFT JOIN known ON known.grain = 'household' AND known.key = p.__parent
            {_place_join(each, "p")}
        """)
    empty = (
        "SELECT NULL::VARCHAR AS __key, NULL::VARCHAR AS __parent, NULL::BIGINT AS __at, NULL::DATE AS __observed_on, "
        "NULL::BIGINT AS __area_id, NULL::BIGINT AS __area_number, NULL::VARCHAR AS __unit, NULL::UUID AS __said, "
        "false AS __household_delivered LIMIT 0"
    )
    db.execute(f"CREATE TABLE person AS {' UNION ALL BY NAME '.join(selects) or empty}")
    reason_twice(db, "person")
    db.execute(
        "INSERT INTO reason (row_at, rule) SELECT __at, 'intake-household-unknown' FROM person "
        "WHERE __parent IS NOT NULL AND NOT __household_delivered "
        "AND __parent NOT IN (SELECT key FROM known WHERE grain = 'household')"
    )


def _reason_groups(db: duckdb.DuckDBPyConnection, column: str) -> None:
    """Two records of one person in one household must name the same family: else nobody knows who belongs to it."""
    db.execute(f"""
        INSERT INTO reason (row_at, rule, other)
        WITH said AS (
            SELECT p.__at, p.{column} AS label, k.entity_id AS person,
                coalesce(home.entity_id::VARCHAR, p.__parent) AS home
            FROM person p
            JOIN known k ON k.grain = 'person' AND k.key = p.__key AND k.entity_id IS NOT NULL
            LEFT JOIN known home ON home.grain = 'household' AND home.key = p.__parent
            WHERE p.{column} IS NOT NULL
        )
        SELECT __at, 'intake-group-differs', CASE WHEN __at = first THEN last ELSE first END
        FROM said JOIN (
            SELECT person, home, min(__at) AS first, max(__at) AS last FROM said
            GROUP BY ALL HAVING count(DISTINCT label) > 1
        ) USING (person, home)
    """)


def _gather_items(db: duckdb.DuckDBPyConnection, mapping: Mapping, each: Placed) -> None:
    """Items with a key of their own or one made for them, in the unit and area of whom they belong to."""
    part = each.part
    in_holders_row = each.table.person is not None or each.table.household is not None
    own_unit = "'p' || item.__parent" if part.of == "person" else "'h' || item.__parent"
    db.execute(f"""
        CREATE TABLE item_{each.number} AS
        SELECT item.* EXCLUDE (__area, __has_formula, __is_there, __ok, __key, __observed_on),
            {_item_key(mapping, each)} AS __key,
            coalesce({"holder.__observed_on" if each.table.observed_on is None else "NULL"}, item.__observed_on)
                AS __observed_on,
            coalesce(holder.__area_number, known.area_number) AS __area_number,
            coalesce(holder.__unit, {own_unit}) AS __unit,
            holder.__key IS NULL AND known.key IS NULL AS __is_orphan
        FROM {each.name} item
        LEFT JOIN (SELECT __key, any_value(__area_number) AS __area_number, any_value(__unit) AS __unit,
            any_value(__observed_on) AS __observed_on FROM {part.of} GROUP BY __key) holder
            ON holder.__key = item.__parent
        LEFT JOIN known ON known.grain = '{part.of}' AND known.key = item.__parent
        {"WHERE item.__is_there" if in_holders_row else ""}
    """)
    reason_twice(db, f"item_{each.number}")
    db.execute(
        f"INSERT INTO reason (row_at, rule) SELECT __at, 'intake-holder-unknown' FROM item_{each.number} "
        "WHERE __is_orphan AND __parent IS NOT NULL"
    )


def _item_key(mapping: Mapping, each: Placed) -> str:
    if each.part.key:
        return "item.__key"
    series = next((one.field for one in each.part.fields if one.field.effective_month), None)
    if series is not None:
        return f"item.__parent || '/' || strftime(item.{name(series.name)}, '%Y-%m')"
    return "item.__parent || '/' || row_number() OVER (PARTITION BY item.__parent ORDER BY item.__at)"


def reason_scope(db: duckdb.DuckDBPyConnection, ranges: Sequence[tuple[int, int]] | None, today: date) -> None:
    """Rows for areas that whoever delivers does not reach, and days that have not come yet."""
    for table in ("household", "person"):
        if ranges is not None:
            inside = " OR ".join(f"__area_number BETWEEN {first} AND {last}" for first, last in ranges) or "false"
            db.execute(
                f"INSERT INTO reason (row_at, rule) SELECT __at, 'intake-area-outside' FROM {table} "
                f"WHERE __area_number IS NOT NULL AND NOT ({inside})"
            )
        db.execute(
            f"INSERT INTO reason (row_at, rule) SELECT __at, 'intake-observed-future' FROM {table} "
            f"WHERE __observed_on > DATE '{today.isoformat()}' + 1"
        )
        db.execute(
            f"INSERT INTO reason (row_at, rule) SELECT __at, 'intake-observed-unreadable' FROM {table} "
            "WHERE __observed_on IS NULL AND __at NOT IN (SELECT row_at FROM reason)"
        )
