"""The table in stages: lists of answers about elements, their reductions, and, for persons, one row per member.

A later stage uses an earlier one's columns, so that nothing is computed twice, however often rules ask for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

import ibis.expr.types as ir

from amparo.rules.engines.columnar import lists as _lists  # noqa: F401 - registers nodes
from amparo.rules.engines.columnar.members import answers, over, reduced
from amparo.rules.engines.columnar.row import UNIT, Row
from amparo.rules.lower.core import UNIT_MEMBER
from amparo.rules.model.nodes import ListRead, MemberField, Node, OverList, walk
from amparo.rules.model.rule import PERSON_UNIT


def staged(table: ir.Table, models: Iterable[Node], *, unit: str, on: date) -> Row:
    """Return the rows of the unit with everything made that the models ask of members."""
    asked = list(dict.fromkeys(node for model in models for node in _outermost(model)))
    of_household = [node for node in asked if not _is_about_the_unit(node)]
    row = _made(Row(table, on=on, make=over), of_household, "household")
    if unit != PERSON_UNIT:
        return row
    return _made(_one_row_per_member(row), [node for node in asked if _is_about_the_unit(node)], "member")


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
    made: dict[OverList, tuple[str, ...]] = {}
    columns: dict[str, ir.Value] = {}
    for i, node in enumerate(asked):
        found = reduced(node, [table[f"{stage}:{i}:list:{j}"] for j in range(len(lists[node]))])
        made[node] = tuple(f"{stage}:{i}:{j}" for j in range(len(found)))
        columns.update(zip(made[node], found, strict=True))
    return replace(row, table=table.mutate(**columns).view(), made={**row.made, **made})


def _one_row_per_member(row: Row) -> Row:
    table = row.table.mutate(**{UNIT: row.table["members"].unnest()}).view()
    return replace(row, table=table.mutate(person_id=table[UNIT]["person_id"]).view())
