"""The value of what stands in tables and models, as Ibis expressions.

Where every input is known one CASE finds the row. Only elsewhere is each row asked whether it may hold; the least and
greatest answer of those that may are the ends. LEAST and GREATEST pass over NULL, so that a row which cannot hold is
NULL, and one that may hold with an unknown answer is asked for by itself.
"""

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import ibis

from amparo.rules.engines.columnar.expressions import Interval, certain, ends_of, expression, interval
from amparo.rules.engines.columnar.missing import Reasons, merged, reasons, reasons_within, where
from amparo.rules.engines.columnar.once import named_once
from amparo.rules.engines.columnar.row import DATATYPES, Row, known_if
from amparo.rules.lower.bounds import may_be_unknown
from amparo.rules.lower.intervals import is_interval
from amparo.rules.lower.writing import LONG, written
from amparo.rules.model.lookups import Cell, Lookup, Nothing, Span
from amparo.rules.model.nodes import Node
from amparo.rules.model.types import ORDERED


@expression.register
def _(node: Nothing, row: Row) -> Any:
    return ibis.null(DATATYPES[node.type.kind])


@expression.register
def _(node: Lookup, row: Row) -> Any:
    if is_interval(node):
        return certain(interval(node, row))
    if node in row.made:
        return row.columns(node)[0]
    answers = list(dict.fromkeys(each.value for each in node.values if not isinstance(each, Nothing)))  # type: ignore[attr-defined]
    places = [None if isinstance(each, Nothing) else answers.index(each.value) for each in node.values]  # type: ignore[attr-defined]
    # Which of the answers, rather than the answers: codes and truths have no least and greatest to compare.
    which = [ibis.null("int64") if place is None else ibis.literal(place, type="int64") for place in places]
    found = certain(_ends(node, [(each, each) for each in which], row))
    return ibis.cases(*((found == place, _literal(node, each)) for place, each in enumerate(answers)))


@reasons_within.register
def _(node: Lookup, row: Row) -> Reasons:
    """The inputs, and what keeps the answer of a row unknown that may be the one."""
    given = _given(node, row)
    found = [reasons(each, row) for each in node.inputs]
    for cells, each in zip(node.rows, node.values, strict=True):
        if may_be_unknown(each):
            found.append(where(_may_hold(cells, node.inputs, given), reasons(each, row)))
    return merged(found)


def _literal(node: Lookup, answer: Any) -> Any:
    return ibis.literal(answer, type=DATATYPES[node.type.kind])


@ends_of.register
def _(node: Lookup, row: Row) -> Interval:
    if node in row.made:
        return _made(node, row)
    return _ends(node, [interval(each, row) for each in node.values], row)


def _given(node: Lookup, row: Row) -> list[Interval]:
    """Return the ends of each input, made before where it is long."""
    return [_made(each, row) if each in row.made else interval(each, row) for each in node.inputs]


def _made(node: Node, row: Row) -> Interval:
    columns = row.columns(node)
    return columns[0], columns[-1]


def _ends(node: Lookup, answers: Sequence[Interval], row: Row) -> Interval:
    """Return both ends, with the inputs reckoned once for all rows where writing them into each is long."""
    given = _given(node, row)
    if sum(written(each) for each in node.inputs if each not in row.made) * len(node.rows) <= LONG:
        return _among_rows(node, answers, given)
    values = [each for least, greatest in given for each in ([least] if least is greatest else [least, greatest])]

    def one_end(place: int) -> Any:
        def of(*named: Any) -> Any:
            each = iter(named)
            pairs = [(one := next(each), one if least is greatest else next(each)) for least, greatest in given]
            return _among_rows(node, answers, pairs)[place]

        return named_once("given", values, of)

    return one_end(0), one_end(1)


def _among_rows(node: Lookup, answers: Sequence[Interval], given: Sequence[Interval]) -> Interval:
    sure = _sure(node, given)
    one = _found(node, given, [least for least, _ in answers])
    is_single = all(least is greatest for least, greatest in answers)
    other = one if is_single else _found(node, given, [greatest for _, greatest in answers])
    if sure is None:
        return one, other
    may = [_may_hold(cells, node.inputs, given) for cells in node.rows]
    doubtful = [
        is_possible & each[0].isnull()
        for is_possible, each, value in zip(may, answers, node.values, strict=True)
        if may_be_unknown(value)
    ]
    least = _among(ibis.least, may, [each[0] for each in answers])
    greatest = _among(ibis.greatest, may, [each[1] for each in answers])
    if doubtful:
        all_known = ~reduce(operator.or_, doubtful)
        least, greatest = known_if(all_known, least), known_if(all_known, greatest)
    return ibis.ifelse(sure, one, least), ibis.ifelse(sure, other, greatest)


def _sure(node: Lookup, given: Sequence[Interval]) -> Any:
    """Return whether every input has one value; None where they always have."""
    asked = []
    for each, (least, greatest) in zip(node.inputs, given, strict=True):
        if is_interval(each):
            asked.append((least == greatest).fill_null(False))
        elif may_be_unknown(each):
            asked.append(least.notnull())
    return reduce(operator.and_, asked) if asked else None


def _found(node: Lookup, given: Sequence[Interval], answers: Sequence[Any]) -> Any:
    """Return the answer of the row that holds, where every input has one value."""
    held = [_holds(cells, node.inputs, [(least, least) for least, _ in given]) for cells in node.rows]
    return ibis.cases(*zip(held, answers, strict=True))


def _among(way: Any, may: Sequence[Any], answers: Sequence[Any]) -> Any:
    possible = [known_if(is_possible, answer) for is_possible, answer in zip(may, answers, strict=True)]
    return possible[0] if len(possible) == 1 else way(*possible)


def _may_hold(cells: Sequence[Cell], inputs: Sequence[Node], given: Sequence[Interval]) -> Any:
    """Return whether the row may be the one: an unknown input meets every cell."""
    asked = []
    for cell, node, ends in zip(cells, inputs, given, strict=True):
        if cell.spans:
            holds = _cell(cell, node, ends)
            asked.append(holds.fill_null(True) if is_interval(node) or may_be_unknown(node) else holds)
    return reduce(operator.and_, asked) if asked else ibis.literal(True)


def _holds(cells: Sequence[Cell], inputs: Sequence[Node], given: Sequence[Interval]) -> Any:
    asked = [_cell(cell, node, ends) for cell, node, ends in zip(cells, inputs, given, strict=True) if cell.spans]
    return reduce(operator.and_, asked) if asked else ibis.literal(True)


def _cell(cell: Cell, node: Node, ends: Interval) -> Any:
    return reduce(operator.or_, [_span(each, node, ends) for each in cell.spans])


def _span(span: Span, node: Node, ends: Interval) -> Any:
    """Return whether the input, from one end to the other, meets the span."""
    least, greatest = ends
    type = DATATYPES[node.type.kind]
    if node.type.kind not in ORDERED or (span.is_point and least is greatest):
        return least == ibis.literal(span.least, type=type)
    asked = []
    if span.least is not None:
        bound = ibis.literal(span.least, type=type)
        asked.append(greatest > bound if span.is_open_below else greatest >= bound)
    if span.greatest is not None:
        bound = ibis.literal(span.greatest, type=type)
        asked.append(least < bound if span.is_open_above else least <= bound)
    return reduce(operator.and_, asked) if asked else ibis.literal(True)
