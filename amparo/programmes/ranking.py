"""Who is granted where places are few: units ranked by the programme's keys, set against the places of their area.

Shape   in: `answer` with who is eligible, and `key_<programme>`: unit_id, k0, k1, …, missing
        out: `answer` with who is granted, `rank` and `places`; `contest`: one row per programme and area: places, certain,
        waiting, contested, unknown
Units   rank counts from 1 within the area whose places are shared; places are units
Nulls   eligible beyond the places is false with a rank: a place on the waiting list, rank minus places. Who is unknown, or of
        whom a key is, is unknown and has no rank. A rank is the best the unit can have, since the unknown may come before it:
        granted for certain only if it were within the places behind all of those; else the place is contested
Errors  a figure or a weight that the quota needs and that is not there ends the run
Source  docs/decisions/0012-who-is-ranked.md. Read as an interval, as the rule language reads uncertain counts (ADR 10)
"""

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import pyarrow as pa

from amparo.programmes import answers
from amparo.programmes.answers import ANSWER
from amparo.programmes.inforce import InForce, asked
from amparo.programmes.quota import Contested, seats
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.types import Decision
from amparo.programmes.units import UnitOf, decided
from amparo.rules.model.rule import Decided
from amparo.rules.model.types import Kind
from amparo.trust.queries import areas_of_level

# Missing where no field is: the unit is not ranked yet, or its place is contested; or it lies in no area that has places.
RANK, AREA = "rank", "area"
NATION = ""
_LAST = 2**63 - 1
_COLUMN = {
    Kind.BOOLEAN: ("BOOLEAN", pa.bool_()),
    Kind.INTEGER: ("BIGINT", pa.int64()),
    Kind.MONEY: ("BIGINT", pa.int64()),
    Kind.NUMBER: ("DOUBLE", pa.float64()),
    Kind.DATE: ("DATE", pa.date32()),
}


def keys_from_columns(programme: InForce, unit: str, name: str) -> str:
    """Return what keeps the keys that a scan computed, beside those of the pieces before."""
    names = list(asked(programme, name))
    keys = ", ".join(f"{each}__amount AS k{number}" for number, each in enumerate(names))
    missing = f"list_distinct(flatten([{', '.join(f'{each}__missing::VARCHAR[]' for each in names)}]))"
    table, found = f"key_{programme.programme_id}", f"SELECT {unit} AS unit_id, {keys}, {missing} AS missing FROM wide"
    return f"CREATE TABLE IF NOT EXISTS {table} AS {found} LIMIT 0; INSERT INTO {table} {found}"


def add_keys_one_by_one(
    connection: duckdb.DuckDBPyConnection,
    programme: InForce,
    units: Iterable[tuple[dict[str, Any], UnitOf]],
    book: Rulebook,
) -> None:
    """Ask the reference engine for the keys of these units, and keep them as a scan would."""
    kinds = [_COLUMN[key.model.type.kind] for key in programme.keys]
    columns = ", ".join(f"k{number} {sql}" for number, (sql, _) in enumerate(kinds))
    table = f"key_{programme.programme_id}"
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (unit_id UUID, {columns}, missing VARCHAR[])")
    rows = [_keys_of(programme, home, unit, book) for home, unit in units]
    types = [pa.string(), *(arrow for _, arrow in kinds), pa.list_(pa.string())]
    held = zip(*rows, strict=True) if rows else [()] * len(types)
    arrays = [pa.array(list(each), type) for each, type in zip(held, types, strict=True)]
    connection.register("batch", pa.table(arrays, [str(number) for number in range(len(types))]))
    connection.execute(f"INSERT INTO {table} SELECT * FROM batch")
    connection.unregister("batch")


def _keys_of(programme: InForce, home: dict[str, Any], unit: UnitOf, book: Rulebook) -> tuple[Any, ...]:
    found = [
        decided(programme, unit, home, home["members"], on=book.on, parameters=book.parameters, rule=rule)
        for rule in asked(programme, "").values()
    ]
    return str(unit.id), *(each.amount for each in found), sorted({name for each in found for name in each.missing})


def places_by_area(programme: InForce, book: Rulebook, *, using: str = "bulk") -> Iterator[tuple[str, int, int, int]]:
    """Yield (area code, first number, last number, places); one row with no code where the places are the nation's."""
    quota = programme.ranking.quota  # type: ignore[union-attr]
    places = quota.places if isinstance(quota.places, int) else book.parameters.on(book.on)[quota.places].value
    if quota.level is None:
        yield NATION, 0, _LAST, places
        return
    areas = areas_of_level(quota.level, on=book.on, using=using)
    given = seats(places, quota.shares, list(areas))
    yield from ((code, first, last, given[code]) for code, (first, last) in areas.items())


def rank(connection: duckdb.DuckDBPyConnection, book: Rulebook, into: str = ANSWER) -> None:
    """Turn who is eligible into who is granted, programme by programme; programmes without a ranking stay as they are."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS contest (programme_id SMALLINT, area VARCHAR, places INTEGER, certain BIGINT, waiting BIGINT,"
        " contested BIGINT, unknown BIGINT)"
    )
    for programme in book.programmes:
        if programme.ranking:
            _rank_one(connection, programme, book, answers.kept(into))


def _rank_one(connection: duckdb.DuckDBPyConnection, programme: InForce, book: Rulebook, answer: str) -> None:
    id = programme.programme_id
    connection.execute("CREATE TEMP TABLE seat (area VARCHAR, first BIGINT, last BIGINT, places INTEGER)")
    connection.executemany("INSERT INTO seat VALUES (?, ?, ?, ?)", list(places_by_area(programme, book)))
    connection.execute(f"CREATE TEMP TABLE ranked AS {_ranked(programme, answer)}")
    connection.execute(f"DELETE FROM {answer} WHERE programme_id = {id} AND outcome IS DISTINCT FROM false")
    connection.execute(
        f"INSERT INTO {answer} SELECT {id}, unit_id, household_id, outcome, CASE WHEN outcome THEN amount END,"
        f" missing, rank, places FROM ({_outcomes(programme)})"
    )
    connection.execute("DELETE FROM contest WHERE programme_id = ?", [id])
    connection.execute(
        f"INSERT INTO contest SELECT {id}, seat.area, seat.places, {_NUMBERS}"
        " FROM seat LEFT JOIN ranked r ON r.area = seat.area GROUP BY ALL"
    )
    for table in ("seat", "ranked", f"key_{id}"):
        connection.execute(f"DROP TABLE {table}")


def _ranked(programme: InForce, answer: str) -> str:
    """Return every unit that is or may be eligible, with the best and the worst rank it can have; null where a key is."""
    keys = [f"k{number}" for number in range(len(programme.keys))]
    unknown = " OR ".join(f"{each} IS NULL" for each in ("area", *keys))
    orders = [f"{key} {'DESC' if each.descending else 'ASC'}" for key, each in zip(keys, _keys(programme), strict=True)]
    return f"""
        WITH claim AS (
            SELECT a.unit_id, a.household_id, a.outcome AS is_eligible, a.amount, a.missing, k.missing AS key_missing,
                s.area, s.places, {", ".join(f"k.{each}" for each in keys)}
            FROM {answer} a
            JOIN key_{programme.programme_id} k USING (unit_id)
            JOIN home h USING (household_id)
            LEFT JOIN seat s ON abs(h.area_number) BETWEEN s.first AND s.last
            WHERE a.programme_id = {programme.programme_id} AND a.outcome IS DISTINCT FROM false
        ),
        placed AS (SELECT *, {unknown} AS is_loose FROM claim),
        loose AS (SELECT area, count(*) AS claims FROM placed WHERE is_loose GROUP BY area),
        ordered AS (
            -- Running sums up to the unit itself: a filter in a moving frame would take the square of the time.
            SELECT *, (sum(CASE WHEN is_eligible THEN 1 ELSE 0 END) OVER before)::BIGINT AS best,
                (sum(CASE WHEN is_eligible IS NULL THEN 1 ELSE 0 END) OVER before)::BIGINT AS perhaps
            FROM placed WHERE NOT is_loose
            WINDOW before AS (
                PARTITION BY area ORDER BY {", ".join([*orders, "unit_id"])}
                ROWS UNBOUNDED PRECEDING
            )
        )
        SELECT o.*, best + perhaps + coalesce(l.claims, 0)
            + coalesce((SELECT claims FROM loose WHERE area IS NULL), 0) AS worst
        FROM ordered o LEFT JOIN loose l ON l.area = o.area
        UNION ALL BY NAME
        SELECT * FROM placed WHERE is_loose
    """


def _keys(programme: InForce) -> tuple[Any, ...]:
    return programme.ranking.keys  # type: ignore[union-attr]


_IS_CONTESTED = "(is_eligible AND NOT is_loose AND best <= r.places AND worst > r.places)"
_NUMBERS = f"""count(*) FILTER (is_eligible AND worst <= r.places), count(*) FILTER (is_eligible AND best > r.places),
    count(*) FILTER ({_IS_CONTESTED}), count(*) FILTER (r.unit_id IS NOT NULL AND (is_eligible IS NULL OR is_loose))"""


def _outcomes(programme: InForce) -> str:
    contested = "true" if _contested(programme) is Contested.GRANT else "NULL"
    lacking = f"list_concat(key_missing, CASE WHEN area IS NULL THEN ['{AREA}'] ELSE [] END)"
    return f"""
        SELECT unit_id, household_id, amount, CASE
                WHEN is_eligible IS NULL OR is_loose THEN NULL
                WHEN {_IS_CONTESTED} THEN {contested}
                ELSE best <= places
            END AS outcome, CASE
                WHEN is_eligible IS NULL THEN list_sort(list_distinct(list_concat(missing, {lacking})))
                WHEN is_loose THEN list_sort(list_distinct({lacking}))
                WHEN outcome IS NULL THEN ['{RANK}']
                WHEN outcome THEN missing
                ELSE []
            END AS missing,
            CASE WHEN is_eligible THEN best END AS rank, CASE WHEN is_eligible AND NOT is_loose THEN places END AS places
        FROM ranked r
    """


def _contested(programme: InForce) -> Contested:
    return programme.ranking.contested  # type: ignore[union-attr]


def alone(found: Decided, held: Decision | None) -> tuple[Decided, int | None, int | None]:
    """Return what can be said of one unit between two runs, with the rank and places that stand.

    Who is not eligible, or not known to be, needs no rank to be told so. Who is eligible keeps what the last run gave, a
    place or one on the waiting list, and where it gave none waits for the next run: the others' ranks are not known here.
    """
    if found.outcome is not True:
        return found, None, None
    if held is None or not held.has_claim or held.rank is None:
        return Decided(None, None, (RANK,)), None, None
    if held.outcome:
        return found, held.rank, held.places
    return Decided(False), held.rank, held.places


def bears_out(found: Decided, made: Decision) -> bool:
    """Whether what the rule says of a unit by itself is what its decision presupposes; its rank only the run can tell."""
    if made.rank is not None or made.missing == (RANK,):
        return found.outcome is True and (made.outcome is not True or found.amount == made.amount)
    return made.outcome is None or found.outcome is made.outcome


def quotas(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> dict[str, list[dict[str, Any]]]:
    """Return for each ranked programme, area by area, the places and what became of them."""
    reading = connection.execute(
        "SELECT * EXCLUDE (programme_id), programme_id FROM contest ORDER BY programme_id, area"
    )
    names, codes = (
        [each[0] for each in reading.description][:-1],
        {each.programme_id: each.code for each in book.programmes},
    )
    found: dict[str, list[dict[str, Any]]] = {each.code: [] for each in book.programmes if each.ranking}
    for *row, id in reading.fetchall():
        found[codes[id]].append(dict(zip(names, row, strict=True)))
    return found
