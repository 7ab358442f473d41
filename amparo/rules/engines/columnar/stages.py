"""The table in stages: lists of answers about elements, their reductions, and, for persons, one row per member.

A later stage uses an earlier one's columns, so that nothing is computed twice, however often rules ask for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

import ibis.expr.types as ir

from amparo.rules.engines.columnar import lists as _lists  # noqa: F401 - registers nodes
from amparo.rules.engines.columnar.expressions import interval
from amparo.rules.engines.columnar.members import answers, over, reduced
from amparo.rules.engines.columnar.row import UNIT, Row
from amparo.rules.lower.core import UNIT_MEMBER
from amparo.rules.model.lookups import Lookup
from amparo.rules.model.nodes import HouseholdField, ListRead, Literal, MemberField, Node, OverList, Size, walk
from amparo.rules.model.rule import PERSON_UNIT


def staged(table: ir.Table, models: Iterable[Node], *, unit: str, on: date) -> Row:
    """Return the rows of the unit with everything made that the models ask of members."""
    asked = list(dict.fromkeys(node for model in models for node in _outermost(model)))
    of_household = [node for node in asked if not _is_about_the_unit(node)]
    row = _made(Row(table, on=on, make=over), of_household, "household")
    if unit == PERSON_UNIT:
        row = _made(_one_row_per_member(row), [node for node in asked if _is_about_the_unit(node)], "member")
    return _looked_up(row, models)


def _outermost(node: Node) -> Iterator[OverList]:
    """Yield what is asked of lists; not what is asked, within that, of the lists of an element."""
    if isinstance(node, OverList):
        yield node
    else:
        for part in node.parts:
            yield from _outermost(part)


def _is_about_the_unit(node: Node) -> bool:
    return any(isinstance(each, MemberField | ListRead) and each.variable == UNIT_MEMBER for each in walk(node))


def _made(row: Row, asked: list[OverList], stage: str) -> Row:
    if not asked:
        return row
    lists = {node: answers(node, row) for node in asked}
    named = {f"{stage}:{i}:list:{j}": each for i, node in enumerate(asked) for j, each in enumerate(lists[node])}
    table = row.table.mutate(**named).view()
    made: dict[Node, tuple[str, ...]] = {}
    columns: dict[str, ir.Value] = {}
    for i, node in enumerate(asked):
        found = reduced(node, [table[f"{stage}:{i}:list:{j}"] for j in range(len(lists[node]))])
        made[node] = tuple(f"{stage}:{i}:{j}" for j in range(len(found)))
        columns.update(zip(made[node], found, strict=True))
    return replace(row, table=table.mutate(**columns).view(), made={**row.made, **made})


def _looked_up(row: Row, models: Iterable[Node]) -> Row:
    """Make what tables and models answer about the unit, and what they ask: each row of a table asks it again.

    A look-up inside another comes a stage before it.
    """
    levels: dict[int, dict[Lookup, None]] = {}
    for model in models:
        _level(model, levels)
    for level in sorted(levels):
        nodes = levels[level]
        inputs = dict.fromkeys(each for node in nodes for each in node.inputs if not isinstance(each, _SHORT))
        row = _with_ends(row, [each for each in inputs if each not in row.made], f"input:{level}")
        row = _with_ends(row, [each for each in nodes if each not in row.made], f"lookup:{level}")
    return row


_SHORT = (HouseholdField, MemberField, Literal, Size)


def _level(node: Node, levels: dict[int, dict[Lookup, None]]) -> int:
    """Note each look-up about the unit under how many stand in each other below it; return that for the node."""
    if isinstance(node, OverList):
        return 0
    below = max((_level(part, levels) for part in node.parts), default=0)
    if not isinstance(node, Lookup):
        return below
    levels.setdefault(below, {})[node] = None
    return below + 1


def _with_ends(row: Row, nodes: list[Node], stage: str) -> Row:
    made: dict[Node, tuple[str, ...]] = {}
    columns: dict[str, ir.Value] = {}
    for i, node in enumerate(nodes):
        ends = interval(node, row)
        found = ends[:1] if ends[0] is ends[1] else ends
        made[node] = tuple(f"{stage}:{i}:{j}" for j in range(len(found)))
        columns.update(zip(made[node], found, strict=True))
    return replace(row, table=row.table.mutate(**columns).view(), made={**row.made, **made}) if nodes else row


def _one_row_per_member(row: Row) -> Row:
    table = row.table.mutate(**{UNIT: row.table["members"].unnest()}).view()
    return replace(row, table=table.mutate(person_id=table[UNIT]["person_id"]).view())
