"""Asks the registry for the records of this source, and for whoever holds the identifiers delivered."""

from pathlib import Path

import duckdb

from amparo.intake.validation.expressions import compared, literal
from amparo.intake.validation.parts import Placed
from amparo.kernel.copying import rows
from amparo.registry.batch import Asked, knows, look_up
from amparo.trust.keys.encryption import blind_index_in_sql, blind_key
from amparo.trust.keys.hmac_in_sql import holding

_CSV = "header = false, nullstr = '', all_varchar = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"


def know_keys(db: duckdb.DuckDBPyConnection, grain: str, keys: str, *, source_id: int, folder: Path) -> None:
    """Add to `known` the subjects of this source among the keys that a query gives."""
    if not knows(source_id):
        return
    into = folder / "known.csv"
    wanted = f"SELECT DISTINCT key FROM ({keys}) WHERE key IS NOT NULL"
    asked = rows(db.cursor(), wanted, Asked.KEYS.columns)
    look_up(Asked.KEYS, asked, into, source_id=source_id, grain=grain)
    db.execute(f"""
        INSERT INTO known
        SELECT '{grain}', column0, column1::BIGINT, column2::UUID, column3::UUID, column4::BIGINT, column5::BIGINT,
            column6::UUID, column7::DATE
        FROM {answers(into, 8)}
    """)
    into.unlink()


def answers(file: Path, columns: int) -> str:
    """SQL for what the registry answered in a file, as the texts `column0` and so on."""
    kinds = ", ".join(f"'column{n}': 'VARCHAR'" for n in range(columns))
    return f"read_csv('{file}', {_CSV}, columns = {{{kinds}}})"


def key_queries(parts: list[Placed]) -> dict[str, str]:
    """Return, for households and persons, the query of every key that the delivery names."""
    queries: dict[str, list[str]] = {"household": [], "person": []}
    for each in parts:
        if each.part.grain in queries:
            queries[each.part.grain].append(f"SELECT __key AS key FROM {each.name}")
        if each.part.parent:
            queries[each.part.of or "household"].append(f"SELECT __parent AS key FROM {each.name}")
    return {grain: " UNION ALL ".join(selects) for grain, selects in queries.items() if selects}


def blind(db: duckdb.DuckDBPyConnection, columns: dict[str, tuple[str, bool]], *, key: int) -> None:
    """Make `identifier`: each accepted person's identifiers with their blind index under a master key, in hex.

    `columns`  column of `person` → (scheme, verified). Twice the same identifier of one person counts once
    """
    db.execute(
        "CREATE OR REPLACE TABLE identifier_read (person_key VARCHAR, scheme VARCHAR, verified BOOLEAN, text VARCHAR, blind VARCHAR)"
    )
    for column, (scheme, verified) in columns.items():
        with holding(db, blind_key(scheme, key=key)):
            db.execute(f"""
                INSERT INTO identifier_read
                SELECT __key, {literal(scheme)}, {verified}, text, {blind_index_in_sql("plain")}
                FROM (SELECT __key, {column} AS text, {compared(column)} AS plain FROM person)
                WHERE plain <> ''
            """)
    db.execute("""
        CREATE OR REPLACE TABLE identifier AS
        SELECT person_key, scheme, blind, any_value(text) AS text, bool_or(verified) AS verified
        FROM identifier_read GROUP BY ALL
    """)
    db.execute("DROP TABLE identifier_read")


def know_identifiers(
    db: duckdb.DuckDBPyConnection, *, source_id: int, birth: str | None, folder: Path, key: int
) -> None:
    """Make `held`: who in the registry holds, live, an identifier of a person that is new or changed."""
    into = folder / "held.csv"
    wanted = "SELECT DISTINCT scheme, unhex(blind) AS blind_index FROM identifier JOIN person_state ON key = person_key WHERE NOT is_same"
    asked = rows(db.cursor(), wanted, Asked.IDENTIFIERS.columns)
    look_up(Asked.IDENTIFIERS, asked, into, source_id=source_id, grain="person", birth=birth, blinding=key)
    db.execute(f"""
        CREATE OR REPLACE TABLE held AS
        SELECT column0 AS scheme, column1 AS blind, column2::UUID AS person_id, column3::DATE AS birth,
            column4::BIGINT AS area_id, column5::BIGINT AS area_number, column6::UUID AS household_id, column7::DATE AS since
        FROM {answers(into, 8)}
    """)
    into.unlink()
