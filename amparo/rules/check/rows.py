"""Whether of a table's rows exactly one answers, whatever the inputs are.

Each input's values are cut where some cell begins or ends; between two cuts every value meets the same cells. Over all
combinations of these stretches, the rows that hold are counted: two overlap, none is a gap.

Errors  RuleRefused that names the rows, or the values that no row answers; a table too fine to be asked whole
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from amparo.rules.check.drawn import Written
from amparo.rules.model.lookups import Cell, Span
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import ORDERED, Kind, Type

MOST_COMBINATIONS = 20_000
MOST_GAPS = 200


class _Stretch(NamedTuple):
    """Values of one input that meet the same cells; `rows`: one bit for each row whose cell holds."""

    cell: Cell
    rows: int


Rows = Sequence[tuple[Cell, ...]]


def gaps(
    rows: Rows, types: Sequence[Type], written: Sequence[Sequence[Written]], decimals: int
) -> list[tuple[Cell, ...]]:
    """Return the combinations that no row answers. Refuses rows that overlap. `decimals`: of money, to name the cells."""
    stretches = [_stretches([row[place] for row in rows], type, decimals) for place, type in enumerate(types)]
    found: list[tuple[Cell, ...]] = []
    for asked, (cells, held) in enumerate(_combinations(stretches, (), (1 << len(rows)) - 1), 1):
        if asked > MOST_COMBINATIONS or len(found) > MOST_GAPS:
            raise RuleRefused("rules-table-too-fine", written[0][0].place, most=MOST_COMBINATIONS)
        if held & (held - 1):
            first, second = [place for place in range(len(rows)) if held >> place & 1][:2]
            values = {"first": first + 1, "second": second + 1, "cells": _said(cells)}
            raise RuleRefused("rules-table-overlap", written[second][0].place, **values)
        if not held:
            found.append(cells + (Cell(),) * (len(types) - len(cells)))
    return found


def refuse(gap: tuple[Cell, ...], written: Sequence[Sequence[Written]]) -> RuleRefused:
    return RuleRefused("rules-table-gap", written[-1][0].place, cells=_said(gap))


def _said(cells: tuple[Cell, ...]) -> str:
    return " | ".join(each.text for each in cells)


def _combinations(
    stretches: Sequence[Sequence[_Stretch]], before: tuple[Cell, ...], held: int
) -> Iterator[tuple[tuple[Cell, ...], int]]:
    """Yield each combination with the rows that hold of it; one that no row can answer any more is not split further."""
    if len(before) == len(stretches) or not held:
        yield before, held
        return
    for each in stretches[len(before)]:
        yield from _combinations(stretches, (*before, each.cell), held & each.rows)


def _stretches(cells: Sequence[Cell], type: Type, decimals: int) -> list[_Stretch]:
    """Return the stretches of an input, those that meet the same cells as one."""
    met: dict[int, list[Span]] = {}
    for span in _cut(cells, type):
        held = sum(1 << place for place, each in enumerate(cells) if not each.spans or _meets(each, span))
        met.setdefault(held, []).append(span)
    places = decimals if type.kind is Kind.MONEY else 0
    texts = {held: ", ".join(_text(each, places) for each in spans) for held, spans in met.items()}
    return [_Stretch(Cell(tuple(spans), texts[held]), held) for held, spans in met.items()]


def _meets(cell: Cell, span: Span) -> bool:
    """Whether the cell holds of a stretch: one of its spans has all of it, since stretches are cut at every end."""
    return any(_within(span, each) for each in cell.spans)


def _within(inner: Span, outer: Span) -> bool:
    return _lower(inner) >= _lower(outer) and _upper(inner) <= _upper(outer)


# Ends as things to compare: no end lies beyond every value; at one value, an open end lies further in.
def _lower(span: Span) -> tuple:
    return (0,) if span.least is None else (1, span.least, span.is_open_below)


def _upper(span: Span) -> tuple:
    return (2,) if span.greatest is None else (1, span.greatest, not span.is_open_above)


def _cut(cells: Sequence[Cell], type: Type) -> list[Span]:
    spans = [span for each in cells for span in each.spans]
    if type.kind not in ORDERED:
        return [Span(each, each) for each in _every(type)]
    if type.kind is Kind.NUMBER:
        return _cut_doubles(spans)
    step: Any = timedelta(days=1) if type.kind is Kind.DATE else 1
    begins = {each.least for each in spans if each.least is not None}
    begins |= {each.greatest + step for each in spans if each.greatest is not None}
    ends = [*sorted(begins), None]
    starts = [None, *ends[:-1]]
    return [Span(start, None if end is None else end - step) for start, end in zip(starts, ends, strict=True)]


def _cut_doubles(spans: Sequence[Span]) -> list[Span]:
    """Return every bound by itself, and the open stretches between."""
    bounds = sorted({end for each in spans for end in (each.least, each.greatest) if end is not None})
    between = zip([None, *bounds], [*bounds, None], strict=True)
    opened = [Span(least, greatest, least is not None, greatest is not None) for least, greatest in between]
    return [*opened, *(Span(each, each) for each in bounds)]


def _every(type: Type) -> list[Any]:
    """Return every value of a type without order."""
    if type.kind is Kind.BOOLEAN:
        return [True, False]
    return list(type.codes)


def _text(span: Span, places: int) -> str:
    if span.is_point:
        return _word(span.least, places)
    least = "" if span.least is None else f"{'>' if span.is_open_below else ''}{_word(span.least, places)}"
    return (
        f"{least}..{'<' if span.is_open_above else ''}{'' if span.greatest is None else _word(span.greatest, places)}"
    )


def _word(value: Any, places: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(Decimal(value).scaleb(-places)) if places else str(value)
