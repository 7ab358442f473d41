"""Every programme over an opened snapshot: the answers, as a table in the snapshot's own DuckDB connection.

Shape   `answer`: one row per programme and unit: programme_id, unit_id, household_id, outcome, amount, missing, and where
        the programme ranks (`ranking`) rank and places. A country is answered a piece at a time, and what is more than
        memory should hold is put aside (`answers`)
        `home`: one row per household: household_id, area_number, size, weight
Units   amount in minor units; weight: the sum of the members' survey weights, or their number where none is collected
Nulls   outcome null is unknown. A value past its last day counts as unknown; `programmes.freshness` says what that day is
Errors  a rule that reads a field the snapshot does not hold is refused; an amount below zero is refused
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from django.conf import settings

from amparo.kernel.errors import Refused
from amparo.kernel.exports import OBSERVED_ON, UNTIL
from amparo.programmes import answers, ranking
from amparo.programmes.answers import ANSWER
from amparo.programmes.config import Ungrouped, Unit
from amparo.programmes.inforce import InForce, asked
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.types import Engine
from amparo.programmes.units import UnitOf, decided, units
from amparo.registry.exports import GROUP, OF_AREA
from amparo.registry.lists import PERSON, grain_of
from amparo.rules.engines import columnar
from amparo.rules.engines.columnar.spark import SETTINGS as SPARK_SETTINGS
from amparo.rules.engines.columnar.spark import sql as spark_sql
from amparo.rules.lower.names import plain
from amparo.rules.model.rule import ProgrammeRule
from amparo.snapshot import spark
from amparo.snapshot.types import Frozen

BATCH = 5_000
Tell = Callable[[float], None]
Decide = Callable[[ir.Table], ir.Table]

_ANSWERED = "programme_id, unit_id, household_id, outcome, amount, missing"


def prepare(
    connection: duckdb.DuckDBPyConnection,
    households: Frozen,
    book: Rulebook,
    *,
    within: tuple[int, int] | None = None,
) -> None:
    """Make `home`, and `household`, in which nothing is stale on the day; and one for each rule with limits of its own.

    `within`  first and last number of the areas whose households alone are asked about; None: all
    """
    of_own_age = {view_of(each): each for each in book.programmes if each.freshness}
    for view, programme in {"household": None, **of_own_age}.items():
        usable = _usable(households, book.on, programme)
        if within is not None:
            usable += f" WHERE area_number BETWEEN {int(within[0])} AND {int(within[1])}"
        connection.execute(f"CREATE VIEW {view} AS {_in_rules_words(usable, households)}")
    weight = book.dictionary.with_role("person", "survey_weight")
    total = f"list_sum(list_transform(members, lambda m: m.{weight.name}))" if weight else "size"
    connection.execute(
        f"CREATE TABLE home AS SELECT household_id, area_number, size, CAST({total} AS DOUBLE) AS weight FROM household"
    )


def view_of(programme: InForce) -> str:
    """Return the name of the households as a programme's rule may read them."""
    return f"household_{programme.rule_version}" if programme.freshness else "household"


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    book: Rulebook,
    *,
    engine: Engine,
    into: str = ANSWER,
    tell: Tell = lambda share: None,
) -> None:
    """Make the view `into`, of every answer. Raises Refused where a rule reads what the snapshot does not hold."""
    answers.begin(connection, into)
    if engine is Engine.REFERENCE:
        _evaluate_one_by_one(connection, book, into, tell)
    else:
        _evaluate_columns(connection, book, into, engine, tell)
    ranking.rank(connection, book, into)
    answers.finish(connection, into)
    _refuse_negative_amounts(connection, book, into)


def _evaluate_columns(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, into: str, engine: Engine, tell: Tell
) -> None:
    """All programmes about one kind of unit are one scan, but for those with limits or areas of their own."""
    scans: dict[tuple[str, bool, Unit | None, tuple[int, int] | None], list[InForce]] = {}
    for each in book.programmes:
        scans.setdefault((view_of(each), each.unit is Unit.PERSON, each.group, each.within), []).append(each)
    ranked = [each.programme_id for each in book.programmes if each.ranking]
    write, fill = _ENGINES[engine]
    queries: dict[Any, str] = {}  # written once, for a query of many rules takes a second, and there are many pieces
    pieces = answers.pieces(connection)
    for done, (first, last) in enumerate(pieces, start=1):
        for scan, programmes in scans.items():
            view, _, group, within = scan
            connection.execute(
                f"CREATE VIEW piece AS SELECT * FROM {view} WHERE area_number BETWEEN {first} AND {last}{_of(within)}"
            )
            if scan not in queries:
                queries[scan] = write(connection, partial(_decided, group=group, programmes=programmes, book=book))
            fill(connection, queries[scan])
            _take_answers(connection, programmes, into)
            connection.execute("DROP TABLE wide; DROP VIEW piece")
        answers.put_aside(connection, into, ranked)
        tell(done / len(pieces))


def _of(within: tuple[int, int] | None) -> str:
    """Return the condition of who lives in a local programme's areas; whoever is in danger lies below zero."""
    return f" AND abs(area_number) BETWEEN {int(within[0])} AND {int(within[1])}" if within else ""


def _take_answers(connection: duckdb.DuckDBPyConnection, programmes: list[InForce], into: str) -> None:
    for each in programmes:
        connection.execute(f"INSERT INTO {answers.kept(into)} ({_ANSWERED}) {_narrow(each)}")
        if each.ranking:
            connection.execute(ranking.keys_from_columns(each, _unit_column(each), _name(each)))


def _decided(whole: ir.Table, *, group: Unit | None, programmes: list[InForce], book: Rulebook) -> ir.Table:
    table = columnar.one_row_per_group(whole, f"{group}{GROUP}") if group else whole
    rules = {name: rule for each in programmes for name, rule in _asked(each).items()}
    return columnar.columns(table, rules, on=book.on, parameters=book.parameters)


def _query(connection: duckdb.DuckDBPyConnection, decide: Decide) -> str:
    return ibis.to_sql(decide(ibis.duckdb.from_connection(connection).table("piece")), dialect="duckdb")


def _fill(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Make `wide`, one row per unit of the piece with the answers of every programme."""
    connection.execute(f"CREATE TEMP TABLE wide AS {query}")


def _query_on_spark(connection: duckdb.DuckDBPyConnection, decide: Decide) -> str:
    columns = connection.execute("SELECT * FROM piece LIMIT 0").to_arrow_table().schema
    return spark_sql(decide(ibis.table(ibis.Schema.from_pyarrow(columns), name=spark.ROWS)))


def _fill_on_spark(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Make the same on Spark, whose rows come from here and whose answers come back, a batch at a time."""
    session = spark.session(
        settings.SPARK_MASTER, memory=settings.SPARK_MEMORY, are_disks_encrypted=settings.SPARK_DISKS_ENCRYPTED
    )
    rows = connection.cursor().execute("SELECT * FROM piece").to_arrow_reader(spark.BATCH)
    make = "CREATE TEMP TABLE wide AS"
    for found in spark.computed(session, rows, query, settings=SPARK_SETTINGS):
        keys = ", ".join(f"{each}::UUID AS {each}" for each in _KEYS if each in found.column_names)
        connection.register("batch", found)
        connection.execute(f"{make} SELECT * REPLACE ({keys}) FROM batch")
        connection.unregister("batch")
        make = "INSERT INTO wide"


_ENGINES: dict[Engine, tuple[Callable[..., str], Callable[..., None]]] = {
    Engine.COLUMNAR: (_query, _fill),
    Engine.SPARK: (_query_on_spark, _fill_on_spark),
}
_KEYS = ("household_id", "person_id", "unit_id")


def _asked(programme: InForce) -> dict[str, ProgrammeRule]:
    return {_name(programme): programme.rule, **asked(programme, _name(programme))}


def _name(programme: InForce) -> str:
    return f"p{programme.programme_id}"


def _unit_column(programme: InForce) -> str:
    return {Unit.HOUSEHOLD: "household_id", Unit.PERSON: "person_id"}.get(programme.unit, "unit_id")


def _narrow(programme: InForce) -> str:
    name = _name(programme)
    answers = [f"{name}__outcome", f"{name}__amount", f"{name}__missing::VARCHAR[]"]
    if programme.ungrouped is Ungrouped.UNKNOWN:
        unknown = ["NULL", "NULL", f"['{programme.group}']"]
        answers = [f"CASE WHEN is_grouped THEN {a} ELSE {b} END" for a, b in zip(answers, unknown, strict=True)]
    return f"SELECT {programme.programme_id}, {_unit_column(programme)}, household_id, {', '.join(answers)} FROM wide"


def _evaluate_one_by_one(connection: duckdb.DuckDBPyConnection, book: Rulebook, into: str, tell: Tell) -> None:
    """Ask the reference engine, household by household."""
    views = sorted({view_of(each) for each in book.programmes})
    for done, view in enumerate(views):
        of_view = replace(book, programmes=tuple(each for each in book.programmes if view_of(each) == view))
        _ask_each(connection, view, of_view, into, lambda share, done=done: tell((done + share) / len(views)))


def _ask_each(connection: duckdb.DuckDBPyConnection, view: str, book: Rulebook, into: str, tell: Tell) -> None:
    total, done = connection.execute("SELECT count(*) FROM home").fetchone()[0], 0
    reading = connection.cursor().execute(f"SELECT * FROM {view}")
    names = [each[0] for each in reading.description]
    while rows := reading.fetchmany(BATCH):
        homes = [dict(zip(names, row, strict=True)) for row in rows]
        found = [answer for home in homes for answer in _answers(home, book)]
        columns = zip(*found, strict=True) if found else [()] * 6
        batch = pa.table(dict(zip(_TYPES, map(pa.array, map(list, columns), _TYPES.values()), strict=True)))
        connection.register("batch", batch)
        connection.execute(f"INSERT INTO {answers.kept(into)} ({_ANSWERED}) SELECT * FROM batch")
        connection.unregister("batch")
        for programme in book.programmes:
            if programme.ranking:
                pairs = ((home, unit) for home in homes for unit in units_in(home, programme))
                ranking.add_keys_one_by_one(connection, programme, pairs, book)
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
    for programme in book.programmes:
        for unit in units_in(row, programme):
            found = decided(programme, unit, row, row["members"], on=book.on, parameters=book.parameters)
            answer = found.outcome, found.amount, list(found.missing)
            yield programme.programme_id, str(unit.id), str(row["household_id"]), *answer


def units_in(row: dict[str, Any], programme: InForce) -> Iterator[UnitOf]:
    """Return whom a programme decides about in one frozen household."""
    if not programme.is_for(row["area_number"]):
        return iter(())
    members = row["members"]
    groups = [each[f"{programme.group}{GROUP}"] for each in members] if programme.group else []
    return units(programme, row["household_id"], [each["person_id"] for each in members], groups)


def _usable(households: Frozen, on: date, programme: InForce | None) -> str:
    """Return the households as they may be relied on: a value whose last day has passed is unknown.

    Only where the manifest says that something has gone stale, or the programme has limits of its own, is a column touched.
    """
    stale = _stale(households, on, programme)
    if not stale:
        return "SELECT * FROM households"
    replaced = [f"{value} AS {name}" for name, value in _fresh_columns("", "", households, stale)]
    return f"SELECT * REPLACE ({', '.join(replaced)}) FROM households"


def _stale(households: Frozen, on: date, programme: InForce | None) -> dict[str, str]:
    """Return column → the condition, after the name of its holder, that a value there is stale."""
    day = f"DATE '{on.isoformat()}'"
    by_manifest = (column for column, last in households.earliest.items() if last is not None and last < on)
    stale = {each.removesuffix(UNTIL): f"{each.rpartition('.')[2]} < {day}" for each in by_manifest}
    for path, name in programme.reads if programme else ():
        limit, column = programme.limits.get((grain_of(path), name)), _column(path, name)
        if limit is not None and limit.is_usable:
            stale.pop(column, None)
        elif limit is not None and limit.days is not None:
            if column + OBSERVED_ON not in households.classes:
                raise Refused("programmes-snapshot-without-day", field=column)
            stale[column] = f"{name}{OBSERVED_ON} + {limit.days} < {day}"
    return stale


def _column(path: str, name: str) -> str:
    """Return where a snapshot's households hold a field: `members.plot.hectares` of `person.plot`."""
    first, *lists = path.split(".")
    return ".".join([*(["members"] if first == PERSON else []), *lists, name])


def _in_rules_words(query: str, households: Frozen) -> str:
    """Return the households with what is stated of their area under the name that rules have for it."""
    stated = [each for each in households.classes if each.startswith(OF_AREA) and not each.endswith(UNTIL)]
    if not stated:
        return query
    renamed = ", ".join(f'{each} AS "area.{each.removeprefix(OF_AREA)}"' for each in stated)
    return f"SELECT * EXCLUDE ({', '.join(stated)}), {renamed} FROM ({query})"


def _fresh_columns(prefix: str, holder: str, of: Frozen, stale: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield those columns below a prefix in which something is stale, with what may be relied on of them."""
    for name in _names(prefix, of):
        path, value = prefix + name, holder + name
        if f"{path}." in {each[: len(path) + 1] for each in stale}:
            yield name, _fresh_list(path, value, of, stale)
        elif prefix + plain(name) in stale:
            yield name, f"CASE WHEN {holder}{stale[prefix + plain(name)]} THEN NULL ELSE {value} END"


def _fresh_list(path: str, value: str, of: Frozen, stale: Mapping[str, str]) -> str:
    variable = f"m{path.count('.')}"
    fresh = dict(_fresh_columns(f"{path}.", f"{variable}.", of, stale))
    kept = [f"{each} := {fresh.get(each, f'{variable}.{each}')}" for each in _names(f"{path}.", of)]
    return f"list_transform({value}, lambda {variable}: struct_pack({', '.join(kept)}))"


def _names(prefix: str, of: Frozen) -> list[str]:
    """Return the names of the columns, or of the fields of the structs of a list, directly below a prefix."""
    below = [each.removeprefix(prefix) for each in of.classes if each.startswith(prefix)]
    return list(dict.fromkeys(each.split(".")[0] for each in below))


def _refuse_negative_amounts(connection: duckdb.DuckDBPyConnection, book: Rulebook, into: str) -> None:
    below = connection.execute(
        f"SELECT programme_id, count(*) FROM {into} WHERE amount < 0 GROUP BY programme_id ORDER BY programme_id"
    ).fetchone()
    if below:
        code = next(each.code for each in book.programmes if each.programme_id == below[0])
        raise Refused("programmes-amount-below-zero", programme=code, count=below[1])
