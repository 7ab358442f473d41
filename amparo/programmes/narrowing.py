"""Which households must be decided again since the last run, and for which programmes that is enough.

A household is decided again when its frozen row differs from the last run's snapshot; when between the two days somebody
in it had a birthday that a rule counts, or a value passed its last day; and when it was decided by itself since. For a
programme whose rule or figures changed, and wherever it cannot be shown here that nothing else matters, everybody is.

Shape   `again`: the household_id of each that is decided again; `singly`: unit_id, household_id decided alone since
Nulls   two rows that know the same and lack the same are the same
Errors  none of its own: what cannot be narrowed is decided in full
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

import duckdb
import pyarrow as pa
from django.db import connections

from amparo.kernel.errors import NotFound
from amparo.kernel.exports import UNTIL
from amparo.programmes import models
from amparo.programmes.inforce import InForce
from amparo.programmes.publishing import BULK, CLOCK_MARGIN
from amparo.programmes.rulebook import Rulebook
from amparo.programmes.types import RunState
from amparo.rules.model import nodes
from amparo.rules.model.nodes import walk
from amparo.rules.model.rule import ProgrammeRule
from amparo.snapshot.queries import snapshot as snapshot_with_id
from amparo.snapshot.types import Frozen, Snapshot

# Of these, and of the list of members, it is known that they read nothing but the household's own row, the figures, and for an age the day.
LOCAL = {
    *(nodes.Literal, nodes.ParameterValue, nodes.Size, nodes.HouseholdField, nodes.MemberField, nodes.Has, nodes.Not),
    *(nodes.And, nodes.Or, nodes.Compare, nodes.In, nodes.If, nodes.Arithmetic, nodes.AsNumber, nodes.Rounded),
    *(nodes.Extreme, nodes.Age, nodes.Count, nodes.Exists, nodes.Every, nodes.Total),
}
# What a programme in force is made of, as far as it was considered here. More than this, and it is decided in full.
CONSIDERED = {
    InForce: {"programme_id", "code", "unit", "rule_version", "hash", "law", "rule"}
    | {"group", "ungrouped", "ranking", "keys", "freshness", "within"},
    ProgrammeRule: {"outcome", "amount"},
}


@dataclass(frozen=True)
class Base:
    """The run since which only changes are decided, its snapshot, and the programmes for which that is enough."""

    run: models.Determination
    snapshot: Snapshot
    programmes: tuple[InForce, ...]


def base_of(run: models.Determination, snapshot: Snapshot, book: Rulebook) -> Base | None:
    """Return the last run that came to its end, where it can be built upon; None: everybody is decided."""
    rows = models.Determination.objects.using(BULK).filter(state=RunState.DONE).exclude(id=run.id)
    last = rows.order_by("-finished_at", "-id").first()
    if run.is_full or last is None or last.on_day > book.on or last.known_at > snapshot.taken_at:
        return None
    if (last.engine, last.engine_version) != (run.engine, run.engine_version):
        return None
    programmes = tuple(each for each in book.programmes if is_unchanged(each, last, book) and is_local(each))
    try:
        before = snapshot_with_id(last.snapshot_id)
    except NotFound:
        return None
    return Base(last, before, programmes) if programmes else None


def is_unchanged(programme: InForce, last: models.Determination, book: Rulebook) -> bool:
    """Whether rule and figures are as in the last run, and that run left nobody to a later decision."""
    was = last.programmes.get(programme.code, {})
    if was.get("hash") != programme.hash or programme.code not in last.hashes:
        return False
    if was.get("within") != (list(programme.within) if programme.within else None):
        return False
    if last.counts[programme.code]["later"]:
        return False
    figures = book.figures((programme.code,)) if programme.rule.parameters else {}
    return all(last.parameters.get(name, {}).get("value") == each["value"] for name, each in figures.items())


def is_local(programme: InForce) -> bool:
    """Whether a decision of the programme depends on nothing but the household's own row, the figures and the day."""
    known = all({each.name for each in fields(kind)} == names for kind, names in CONSIDERED.items())
    # A rank depends on everybody else; which group one is in, on rows that may change where no fact does; and `_passed`
    # knows the last days that the registry gives to values, not those of a programme.
    is_of_one_row = programme.ranking is None and programme.group is None and not programme.freshness
    return known and is_of_one_row and all(map(_is_local, _nodes(programme)))


def _is_local(node: nodes.Node) -> bool:
    if isinstance(node, nodes.ListRead):
        return node.is_members
    if isinstance(node, nodes.Age):
        return isinstance(node.of, nodes.HouseholdField | nodes.MemberField)
    return type(node) in LOCAL


def _nodes(programme: InForce) -> Iterator[nodes.Node]:
    for rule in (programme.rule.outcome, programme.rule.amount):
        if rule is not None:
            yield from walk(rule.model)


def find(
    new: duckdb.DuckDBPyConnection, old: duckdb.DuckDBPyConnection, base: Base, book: Rulebook, households: Frozen
) -> bool:
    """Make `again` and `singly` in the new snapshot's connection, and `again` in the old one's.

    Returns False, having made neither, where the two snapshots hold other columns: then nothing can be compared.
    """
    if _columns(new) != _columns(old):
        return False
    both = households, base.snapshot.exports["households"]
    stream(old, _rows("was", *both), new, "was")
    _take_singly(new, base.run)
    new.execute(f"""
        CREATE TABLE again AS
        SELECT household_id FROM ({_rows("now", *both)})
        FULL JOIN was USING (household_id) WHERE now IS DISTINCT FROM was
        UNION SELECT household_id FROM households h WHERE {_passed(new, base, book, households)}
        UNION SELECT household_id FROM singly
        UNION SELECT household_id FROM (SELECT household_id, unnest(members).person_id AS unit_id FROM households)
            SEMI JOIN singly USING (unit_id)
    """)
    new.execute("DROP TABLE was")
    stream(new, "SELECT household_id FROM again", old, "again")
    return True


def _rows(name: str, *households: Frozen) -> str:
    """Return the query of each household and its row's hash, which the snapshots hold where the same gave it in all."""
    by = {each.hashed_by for each in households}
    hashed = "row_hash AS {} FROM households_hashed" if len(by) == 1 and all(by) else "hash(h) AS {} FROM households h"
    return f"SELECT household_id, {hashed.format(name)}"


def _columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [row[:2] for row in connection.execute("DESCRIBE households").fetchall()]


def stream(source: duckdb.DuckDBPyConnection, query: str, target: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make a table in one connection of what a query gives in another, in the same types."""
    source.execute("SET arrow_lossless_conversion = true")  # else a UUID would come as text
    target.register("stream", source.execute(query).to_arrow_reader(100_000))
    target.execute(f"CREATE TABLE {table} AS SELECT * FROM stream")
    target.unregister("stream")
    source.execute("RESET arrow_lossless_conversion")


def _take_singly(connection: duckdb.DuckDBPyConnection, last: models.Determination) -> None:
    """Read who was decided by itself since the last run began, whether that wrote a decision or only ended one."""
    since = last.started_at - CLOCK_MARGIN
    with connections[BULK].cursor() as cursor:
        cursor.execute(
            "SELECT unit_id::text, household_id::text FROM programmes_decision WHERE run_id IS NULL AND decided_at > %s"
            " UNION SELECT household_id::text, household_id::text FROM programmes_householddetermination WHERE at > %s",
            [since, since],
        )
        units, homes = zip(*rows, strict=True) if (rows := cursor.fetchall()) else ((), ())
    connection.register(
        "stream", pa.table({"unit": pa.array(units, pa.string()), "home": pa.array(homes, pa.string())})
    )
    connection.execute("CREATE TABLE singly AS SELECT unit::UUID AS unit_id, home::UUID AS household_id FROM stream")
    connection.unregister("stream")


def _passed(new: duckdb.DuckDBPyConnection, base: Base, book: Rulebook, households: Frozen) -> str:
    """Return the condition that between the two days an age that a rule counts or the freshness of a value changed."""
    days = base.run.on_day, book.on
    if days[0] == days[1]:
        return "false"
    born = {
        (type(node.of), node.of.name)
        for each in base.programmes
        for node in _nodes(each)
        if isinstance(node, nodes.Age)
    }
    # By the manifest nothing has passed of which the earliest last day is still to come.
    fresh = {name for name, last in households.earliest.items() if last is None or last >= book.on}
    until = [name for name, _ in _columns(new) if name.endswith(UNTIL) and name not in fresh]
    of_members = [name for name in _member_fields(new) if name.endswith(UNTIL) and f"members.{name}" not in fresh]
    home = [_differs(_age, f'h."{name}"', days) for kind, name in born if kind is nodes.HouseholdField]
    person = [_differs(_age, f'm."{name}"', days) for kind, name in born if kind is nodes.MemberField]
    home += [_differs(_is_stale, f'h."{name}"', days) for name in until]
    person += [_differs(_is_stale, f'm."{name}"', days) for name in of_members]
    anybody = f"len(list_filter(h.members, lambda m: {' OR '.join(person)})) > 0" if person else "false"
    return " OR ".join([*home, anybody])


def _member_fields(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("DESCRIBE SELECT unnest(members, max_depth := 2) FROM households").fetchall()
    return [row[0] for row in rows]


def _differs(of, column: str, days: tuple[date, date]) -> str:
    return " IS DISTINCT FROM ".join(f"({of(column, day)})" for day in days)


def _age(column: str, on: date) -> str:
    """As both engines count: one less before the birthday; 29 February turns on 1 March."""
    return f"{on.year} - year({column}) - (month({column}) * 100 + day({column}) > {on.month * 100 + on.day})::INT"


def _is_stale(column: str, on: date) -> str:
    return f"{column} < DATE '{on}'"
