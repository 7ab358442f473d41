"""`lookup(table, …)`: a decision table of the profile, typed and found to answer every question exactly once.

Nulls   an unknown input: see `model.lookups`; a gap that the profile declares is unknown, and gives that as the reason
Errors  RuleRefused: at the call, for another table or other inputs; in the drawing (`text` of the refusal says which),
        for cells that cannot be read, rows that overlap, and gaps that nobody declared
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from amparo.kernel.messages import message
from amparo.rules.check import rows
from amparo.rules.check.cells import cell, worth
from amparo.rules.check.drawn import drawn
from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope, offers
from amparo.rules.check.unify import described, united
from amparo.rules.contents import TABLE, UNKNOWN, Column, Content, Table, TableVersion
from amparo.rules.model.lookups import Cell, Lookup, Nothing, Stated
from amparo.rules.model.nodes import NOWHERE, Literal, Node, ParameterValue, Place
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import NUMERIC, Kind, Type
from amparo.rules.text import syntax

ANSWER = "answer"


class Answers(NamedTuple):
    """A version's rows, and what each answers."""

    rows: tuple[tuple[Cell, ...], ...]
    values: tuple[Node, ...]


def lookup(written: syntax.Call, scope: Scope) -> Node:
    if not written.arguments:
        raise RuleRefused("rules-arguments", written.name_place, function="lookup", expected=2)
    table, inputs = named(written, scope, TABLE), written.arguments[1:]
    if len(inputs) != len(table.inputs):
        names = [each.name for each in table.inputs]
        raise RuleRefused("rules-table-inputs", written.name_place, table=table.name, inputs=names)
    return table_node(table, [typed(each, scope) for each in inputs], written.place)


def named(written: syntax.Call, scope: Scope, kind: str) -> Any:
    """Return the table or model that a call's first argument names."""
    of, known = written.arguments[0], scope.parameters.contents.of(kind)
    if not isinstance(of, syntax.Name) or of.name not in known:
        name = of.name if isinstance(of, syntax.Name) else "?"
        raise RuleRefused(f"rules-{kind}-unknown", of.place, name=name, known=offers(name, known))
    return known[of.name]


def table_node(table: Table, given: Sequence[Node], place: Place) -> Node:
    """Return what the table says of these inputs on any day."""
    inputs = tuple(_fitting(node, column) for node, column in zip(given, table.inputs, strict=True))
    type = answer_type(table)
    with whole(TABLE, table.name, place):
        versions = [answers(table, each) for each in table.versions]
    nodes = tuple(Lookup(type, place, inputs, each.values, each.rows) for each in versions)
    return Stated(type, place, TABLE, table.name, inputs, nodes, days(table), laws(table))


def days(content: Content) -> tuple[tuple[date, date | None], ...]:
    return tuple((each.valid_from, each.valid_until) for each in content.versions)


def laws(content: Content) -> tuple[str, ...]:
    return tuple(each.law for each in content.versions)


@contextmanager
def whole(kind: str, name: str, place: Place) -> Iterator[None]:
    """Say at the call that what it names is broken; what is wrong with it is said where it stands."""
    try:
        yield
    except RuleRefused as refusal:
        if refusal.message.id == "rules-stated-circle":
            raise
        named_so = message(f"rules-stated-{kind}")
        raise RuleRefused("rules-stated-broken", place, kind=named_so, name=name) from refusal


@contextmanager
def reading(text: str) -> Iterator[None]:
    """Note in a refusal which text its line and column are of."""
    try:
        yield
    except RuleRefused as refusal:
        refusal.text = refusal.text or text
        raise


def answer_type(table: Table) -> Type:
    return Type.of(table.type, table.unit, table.codes)


@lru_cache(maxsize=256)
def answers(table: Table, version: TableVersion) -> Answers:
    """Return a version's rows, gaps included where they are declared, after asking that exactly one answers always."""
    types = [_input_type(each) for each in table.inputs]
    with reading(version.rows):
        written = drawn(version.rows, [*(each.name for each in table.inputs), ANSWER])
        cells = [
            tuple(cell(each, type, table.decimals) for each, type in zip(row, types, strict=False)) for row in written
        ]
        type = answer_type(table)
        values = [worth(row[-1].text, row[-1], type, table.decimals) for row in written]
        found = rows.gaps(cells, types, written, table.decimals)
        if found and table.gap != UNKNOWN:
            raise rows.refuse(found[0], written)
    known = [Literal(type, row[-1].place, value) for row, value in zip(written, values, strict=True)]
    return Answers((*cells, *found), (*known, *(Nothing(type, known[0].place) for _ in found)))


def _input_type(column: Column) -> Type:
    """Return an input's type; text, or a code without a vocabulary, has no end of values to ask about."""
    type = Type.of(column.type, column.unit, column.codes)
    if type.kind is Kind.TEXT or (type.kind is Kind.CODE and not type.codes):
        raise RuleRefused("rules-table-input-text", NOWHERE, input=column.name)
    return type


def _fitting(node: Node, column: Column) -> Node:
    """Return the input in the table's own type: whole numbers may stand for doubles, nothing else is converted."""
    type = Type.of(column.type, column.unit, column.codes)
    fitted = united((node, ParameterValue(type, node.place, column.name)), node.place, "lookup")[0]
    if fitted.type.kind is not type.kind and not (
        fitted.type.kind in NUMERIC and fitted.type.is_exact and type.is_exact
    ):
        values = {"left": described(node.type), "right": described(type)}
        raise RuleRefused("rules-types-differ", node.place, operation="lookup", **values)
    return fitted
