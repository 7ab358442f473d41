"""Every programme over an opened snapshot: the answers, as a table in the snapshot's own DuckDB connection.

Shape   `answer`: one row per programme and unit: programme_id, unit_id, household_id, outcome, amount, missing
        `home`: one row per household: household_id, area_number, size, weight
Units   amount in minor units; weight: the sum of the members' survey weights, or their number where none is collected
Nulls   outcome null is unknown. A value past its last day counts as unknown
Errors  a rule that reads a field the snapshot does not hold is refused; an amount below zero is refused
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from amparo.kernel.errors import Refused
from amparo.kernel.exports import UNTIL
from amparo.programmes.config import Unit
from amparo.programmes.rulebook import InForce, Rulebook
from amparo.programmes.types import Engine
from amparo.registry.dictionary import Field
from amparo.registry.exports import OF_AREA
from amparo.rules.engines import columnar, reference
from amparo.rules.lower.names import plain
from amparo.snapshot.types import Frozen

BATCH = 5_000
Tell = Callable[[float], None]

_ANSWER = """
CREATE TABLE answer (
    programme_id SMALLINT, unit_id UUID, household_id UUID, outcome BOOLEAN, amount BIGINT, missing VARCHAR[]
)
"""


def prepare(connection: duckdb.DuckDBPyConnection, households: Frozen, book: Rulebook) -> None:
    """Make `household`, in which nothing is stale on the day, and `home`."""
    connection.execute(f"CREATE VIEW household AS {_in_rules_words(_usable(households, book.on), households)}")
    weight = book.dictionary.with_role("person", "survey_weight")
    total = f"list_sum(list_transform(members, lambda m: m.{weight.name}))" if weight else "size"
    connection.execute(
        f"CREATE TABLE home AS SELECT household_id, area_number, size, CAST({total} AS DOUBLE) AS weight FROM household"
    )


def evaluate(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, *, engine: Engine, tell: Tell = lambda share: None
) -> None:
    """Fill `answer`. Raises Refused where a rule reads what the snapshot does not hold."""
    connection.execute("DROP TABLE IF EXISTS answer")
    connection.execute(_ANSWER)
    if engine is Engine.REFERENCE:
        _evaluate_one_by_one(connection, book, tell)
    else:
        _evaluate_columns(connection, book, tell)
    _refuse_negative_amounts(connection, book)


def _evaluate_columns(connection: duckdb.DuckDBPyConnection, book: Rulebook, tell: Tell) -> None:
    """All programmes about one kind of unit are one scan."""
    table = ibis.duckdb.from_connection(connection).table("household")
    for done, unit in enumerate(Unit, start=1):
        programmes = [each for each in book.programmes if each.unit is unit]
        if programmes:
            asked = {f"p{each.programme_id}": each.rule for each in programmes}
            wide = columnar.columns(table, asked, on=book.on, parameters=book.parameters)
            connection.execute(f"CREATE TEMP TABLE wide AS {ibis.to_sql(wide, dialect='duckdb')}")
            for each in programmes:
                connection.execute(f"INSERT INTO answer {_narrow(each)}")
            connection.execute("DROP TABLE wide")
        tell(done / len(Unit))


def _narrow(programme: InForce) -> str:
    unit = "household_id" if programme.unit is Unit.HOUSEHOLD else "person_id"
    name = f"p{programme.programme_id}"
    return f"SELECT {programme.programme_id}, {unit}, household_id, {name}__outcome, {name}__amount, {name}__missing FROM wide"


def _evaluate_one_by_one(connection: duckdb.DuckDBPyConnection, book: Rulebook, tell: Tell) -> None:
    """Ask the reference engine, household by household."""
    total = connection.execute("SELECT count(*) FROM home").fetchone()[0]
    reading = connection.cursor().execute("SELECT * FROM household")
    names, done = [each[0] for each in reading.description], 0
    while rows := reading.fetchmany(BATCH):
        answers = [answer for row in rows for answer in _answers(dict(zip(names, row, strict=True)), book)]
        columns = zip(*answers, strict=True) if answers else [()] * 6
        batch = pa.table(dict(zip(_TYPES, map(pa.array, map(list, columns), _TYPES.values()), strict=True)))
        connection.register("batch", batch)
        connection.execute("INSERT INTO answer SELECT * FROM batch")
        connection.unregister("batch")
        done += len(rows)
        tell(done / total)


_TYPES = {
    "programme_id": pa.int16(),
    "unit_id": pa.string(),
    "household_id": pa.string(),
    "outcome": pa.bool_(),
    "amount": pa.int64(),
    "missing": pa.list_(pa.string()),
}


def _answers(row: dict[str, Any], book: Rulebook) -> Iterator[tuple[Any, ...]]:
    household, members = str(row["household_id"]), row["members"]
    for programme in book.programmes:
        for index, unit in _units(programme.unit, household, members):
            record = {"household": row, "members": members, "member": index}
            found = reference.decide(programme.rule, record, on=book.on, parameters=book.parameters)
            yield programme.programme_id, unit, household, found.outcome, found.amount, list(found.missing)


def _units(unit: Unit, household: str, members: list[dict[str, Any]]) -> list[tuple[int | None, str]]:
    if unit is Unit.HOUSEHOLD:
        return [(None, household)]
    return [(index, str(each["person_id"])) for index, each in enumerate(members)]


def _usable(households: Frozen, on: date) -> str:
    """Return the households as they may be relied on: a value whose last day has passed is unknown.

    Only where the manifest says that something has gone stale is a column touched at all.
    """
    stale = {column.removesuffix(UNTIL) for column, day in households.earliest.items() if day is not None and day < on}
    if not stale:
        return "SELECT * FROM households"
    replaced = [f"{value} AS {name}" for name, value in _fresh_columns("", "", households, stale, on)]
    return f"SELECT * REPLACE ({', '.join(replaced)}) FROM households"


def _in_rules_words(query: str, households: Frozen) -> str:
    """Return the households with what is stated of their area under the name that rules have for it."""
    stated = [each for each in households.classes if each.startswith(OF_AREA) and not each.endswith(UNTIL)]
    if not stated:
        return query
    renamed = ", ".join(f'{each} AS "area.{each.removeprefix(OF_AREA)}"' for each in stated)
    return f"SELECT * EXCLUDE ({', '.join(stated)}), {renamed} FROM ({query})"


def _fresh_columns(prefix: str, holder: str, of: Frozen, stale: set[str], on: date) -> Iterator[tuple[str, str]]:
    """Yield those columns below a prefix in which something is stale, with what may be relied on of them."""
    for name in _names(prefix, of):
        path, value = prefix + name, holder + name
        if f"{path}." in {each[: len(path) + 1] for each in stale}:
            yield name, _fresh_list(path, value, of, stale, on)
        elif prefix + plain(name) in stale:
            yield name, f"CASE WHEN {holder}{plain(name)}{UNTIL} < DATE '{on.isoformat()}' THEN NULL ELSE {value} END"


def _fresh_list(path: str, value: str, of: Frozen, stale: set[str], on: date) -> str:
    variable = f"m{path.count('.')}"
    fresh = dict(_fresh_columns(f"{path}.", f"{variable}.", of, stale, on))
    kept = [f"{each} := {fresh.get(each, f'{variable}.{each}')}" for each in _names(f"{path}.", of)]
    return f"list_transform({value}, lambda {variable}: struct_pack({', '.join(kept)}))"


def _names(prefix: str, of: Frozen) -> list[str]:
    """Return the names of the columns, or of the fields of the structs of a list, directly below a prefix."""
    below = [each.removeprefix(prefix) for each in of.classes if each.startswith(prefix)]
    return list(dict.fromkeys(each.split(".")[0] for each in below))


def _refuse_negative_amounts(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> None:
    below = connection.execute(
        "SELECT programme_id, count(*) FROM answer WHERE amount < 0 GROUP BY programme_id ORDER BY programme_id"
    ).fetchone()
    if below:
        code = next(each.code for each in book.programmes if each.programme_id == below[0])
        raise Refused("programmes-amount-below-zero", programme=code, count=below[1])


def result_hash(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> str:
    """Return the hash of all answers: the sum of the rows' MD5, so that no order and no engine changes it.

    A row in canonical form is `programme|unit|outcome|amount|missing,…`, with nothing for null. Each MD5 is read as a
    little-endian number, and its two halves are summed modulo 2^64. It tells equal results from unequal ones; it is no
    signature.
    """
    codes = " ".join(f"WHEN {each.programme_id} THEN '{each.code}'" for each in book.programmes)
    if not codes:
        return "0" * 32
    asked = ", ".join(str(each.programme_id) for each in book.programmes)
    canonical = f"concat(CASE programme_id {codes} END, '|', unit_id, '|', outcome, '|', amount, '|', array_to_string(missing, ','))"
    halves = connection.execute(
        "SELECT sum((number >> 64)::UBIGINT), sum((number & 18446744073709551615)::UBIGINT)"
        f" FROM (SELECT md5_number({canonical}) AS number FROM answer WHERE programme_id IN ({asked}))"
    ).fetchone()
    return "".join(f"{(half or 0) % 2**64:016x}" for half in halves)


def share_true_weighted(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> dict[str, float | None]:
    """Return for each programme the weighted share of the population for whom it holds true; None without population.

    A household counts with the weights of its members, a person with their own. Where no survey weight is collected
    every person counts once. Unknown counts in the population and not in the share.
    """
    found = weights(connection, book)
    return {code: granted / whole if whole > 0 else None for code, (granted, whole) in found.items()}


def weights(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> dict[str, tuple[float, float]]:
    """Return for each programme the weight of those for whom it holds true, and of all it was decided about."""
    field = book.dictionary.with_role("person", "survey_weight")
    return {each.code: _weights(connection, each, field) for each in book.programmes}


def _weights(connection: duckdb.DuckDBPyConnection, programme: InForce, weight: Field | None) -> tuple[float, float]:
    own = f"m.{weight.name}" if weight else "1"
    unit = {
        Unit.HOUSEHOLD: "SELECT household_id AS unit_id, weight FROM home",
        Unit.PERSON: f"SELECT m.person_id AS unit_id, {own} AS weight FROM (SELECT unnest(members) AS m FROM household)",
    }[programme.unit]
    return connection.execute(
        "SELECT coalesce(fsum(weight) FILTER (WHERE outcome), 0), coalesce(fsum(weight), 0)"
        f" FROM answer JOIN ({unit}) USING (unit_id) WHERE programme_id = ?",
        [programme.programme_id],
    ).fetchone()


__all__ = ["evaluate", "prepare", "result_hash", "share_true_weighted", "weights"]
