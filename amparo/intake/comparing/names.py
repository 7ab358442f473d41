"""The words by which a search finds whoever is new.

Each distinct name is made plain once, by the registry's own function, which costs more than joining it to the rows.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

from amparo.intake.comparing.compare import Delivered
from amparo.intake.comparing.knowing import answers
from amparo.intake.validation.expressions import name
from amparo.intake.validation.parts import Placed
from amparo.kernel.copying import rows
from amparo.registry.batch import plain_names


def know_names(
    db: duckdb.DuckDBPyConnection, came: Delivered, subjects: Callable[[Placed], str], which: str, *, folder: Path
) -> None:
    """Make `plain_name`: each distinct name that is delivered of those who are asked for, and its words, if it has any."""
    db.execute("CREATE OR REPLACE TABLE plain_name (name VARCHAR, words VARCHAR)")
    said = " UNION ALL ".join(
        f"SELECT typed.{name(field)} AS name FROM (FROM {subjects(each)} WHERE {which}) rows "
        f"JOIN {each.typed} typed ON typed.__at = rows.__at"
        for each in came.of("person")
        for field in _fields(came, each)
    )
    if said:
        into = folder / "names.csv"
        distinct = f"SELECT DISTINCT name FROM ({said}) WHERE name IS NOT NULL"
        plain_names(rows(db.cursor(), distinct, {"name": "text"}), into)
        db.execute(f"INSERT INTO plain_name FROM {answers(into, 2)} WHERE column1 IS NOT NULL")
        into.unlink()


def names(came: Delivered, subjects: Callable[[Placed], str], which: str) -> str:
    """Return the query of `person_id`, `words` and `area_number` of those who say a name."""
    return (
        " UNION ALL ".join(
            _query(each, subjects(each), fields, which) for each in came.of("person") if (fields := _fields(came, each))
        )
        or "SELECT NULL AS person_id, NULL AS words, NULL AS area_number WHERE false"
    )


def _query(each: Placed, subjects: str, fields: list[str], which: str) -> str:
    columns = [f"typed.{name(field)}" for field in fields]
    joins = " ".join(f"LEFT JOIN plain_name p{n} ON p{n}.name = {column}" for n, column in enumerate(columns))
    words = ", ".join(f"p{n}.words" for n, _ in enumerate(columns))
    return f"""
        SELECT rows.entity_id AS person_id, concat_ws(' ', {words}) AS words, rows.area_number
        FROM (FROM {subjects} WHERE {which}) rows JOIN {each.typed} typed ON typed.__at = rows.__at {joins}
        WHERE coalesce({", ".join(columns)}) IS NOT NULL
    """


def _fields(came: Delivered, each: Placed) -> list[str]:
    """The fields of a part by which people are searched for."""
    return [field for field in came.names if any(column.field.name == field for column in each.part.fields)]
