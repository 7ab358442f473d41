"""Sets aside the rows that do not fit, and with them the rest of their households.

Shape   `quarantined`: one row per delivered row set aside: `row_at`, `reasons` (list of rule, field, other)
        `quarantined_area`: the area of a row, where it is known
        `original`: the row's delivered text as JSON
"""

import duckdb

from amparo.intake.config import Mapping
from amparo.intake.files.wanted import LINE
from amparo.intake.validation.expressions import literal, name
from amparo.intake.validation.parts import FILE, File, Placed


def set_aside(db: duckdb.DuckDBPyConnection, parts: list[Placed]) -> None:
    """Make `quarantined`, and leave only whole units in `household`, `person` and `item_<n>`."""
    entities = _entities(parts)
    write_bad_units(db, parts)
    db.execute(f"""
        INSERT INTO reason (row_at, rule, other)
        SELECT rows.row_at, 'intake-household-held', any_value(bad_unit.row_at)
        FROM ({_all_rows(parts)}) rows JOIN bad_unit USING (unit)
        WHERE rows.row_at NOT IN (SELECT row_at FROM reason) GROUP BY rows.row_at
    """)
    placed = " UNION ALL ".join(
        f"SELECT __at AS row_at, __area_number AS area_number FROM {each}" for each in ("household", "person")
    )
    db.execute(f"""
        CREATE TABLE quarantined_area AS
        SELECT row_at, any_value(area_number) AS area_number FROM ({placed})
        WHERE row_at IN (SELECT row_at FROM reason) GROUP BY row_at
    """)
    for each in entities:
        db.execute(
            f"DELETE FROM {each} WHERE __unit IN (SELECT unit FROM bad_unit) OR __at IN (SELECT row_at FROM reason)"
        )
    db.execute("""
        CREATE TABLE quarantined AS
        SELECT row_at, list({'rule': rule, 'field': field, 'other': other} ORDER BY rule, field) AS reasons
        FROM (SELECT DISTINCT row_at, rule, field, other FROM reason) GROUP BY row_at
    """)


def _entities(parts: list[Placed]) -> list[str]:
    return ["household", "person", *(f"item_{each.number}" for each in parts if each.part.of)]


def write_bad_units(db: duckdb.DuckDBPyConnection, parts: list[Placed]) -> None:
    """Make `bad_unit`: whoever has a row with a reason, so far, and the first such row."""
    rows = " UNION ALL ".join(f"SELECT __at AS row_at, __unit AS unit FROM {each}" for each in _entities(parts))
    db.execute(f"""
        CREATE OR REPLACE TABLE bad_unit AS
        SELECT unit, min(row_at) AS row_at FROM (
            SELECT rows.unit, rows.row_at FROM ({rows}) rows WHERE rows.row_at IN (SELECT row_at FROM reason)
            UNION ALL SELECT unit, row_at FROM reason WHERE unit IS NOT NULL
        ) WHERE unit IS NOT NULL GROUP BY unit
    """)


def _all_rows(parts: list[Placed]) -> str:
    """Every delivered row with its unit: rows of a flat file that repeat a household are in no other table."""
    selects = ["SELECT __at AS row_at, __unit AS unit FROM person"]
    for each in parts:
        if each.part.grain == "household":
            selects.append(f"SELECT __at AS row_at, 'h' || __key AS unit FROM {each.name}")
        elif each.part.of:
            selects.append(f"SELECT __at AS row_at, __unit AS unit FROM item_{each.number}")
    return " UNION ALL ".join(selects)


def reason_ragged(db: duckdb.DuckDBPyConnection, mapping: Mapping, files: list[File]) -> None:
    """A row with a wrong number of cells holds back the households its key may name, read from either end."""
    for each in files:
        if not each.read.ragged:
            continue
        table = mapping.tables[each.table]
        part = table.person or table.household
        columns = (part.parent or part.key) if part else ()
        width = len(each.read.heading)
        keys = []
        for shift in ("0", f"len(cells) - {width}"):
            places = [f"trim(cells[{each.read.heading.index(column) + 1} + {shift}])" for column in columns]
            keys.append(f"'h' || {' || chr(47) || '.join(places)}" if places else "NULL")
        for unit in keys:
            db.execute(
                "INSERT INTO reason (row_at, rule, other, unit) "
                f"SELECT {each.number * FILE} + {LINE}, 'intake-row-ragged', NULL, {unit} "
                f"FROM read_parquet({literal(str(each.ragged))})"
            )


def write_originals(db: duckdb.DuckDBPyConnection, files: list[File]) -> None:
    """Make `original`: what was delivered on the lines that were set aside."""
    db.execute("CREATE TABLE original (row_at BIGINT, text VARCHAR)")
    for each in files:
        columns = ", ".join(f"{literal(column)}, {name(column)}" for column in each.read.heading)
        row_at = f"{each.number * FILE} + {LINE}"
        db.execute(
            f"INSERT INTO original SELECT {row_at}, json_object({columns}) FROM read_parquet({literal(str(each.path))}) "
            f"WHERE {row_at} IN (SELECT row_at FROM quarantined)"
        )
        if each.read.ragged:
            db.execute(f"INSERT INTO original SELECT {row_at}, text FROM read_parquet({literal(str(each.ragged))})")
