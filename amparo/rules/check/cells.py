"""A cell of a table: `-` any value, `5`, `3..5` both included, `3..`, `..5`, `<5`, `>=5`, `3..<5`, or several with commas.

Units   of the input it stands under: money in major units, as the profile writes it; no number is converted
Errors  RuleRefused at the cell: words that are no value of the input's type, or an order where the type has none
"""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from amparo.rules.check.drawn import Written
from amparo.rules.check.unify import described
from amparo.rules.lower.numbers import LARGEST
from amparo.rules.model.lookups import Cell, Span
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import EXACT, ORDERED, Kind, Type

ANY = "-"
_TRUTHS = {"true": True, "false": False}
_RANGE = re.compile(r"(?P<least>[^<>]*?)\s*\.\.\s*(?P<open><)?\s*(?P<greatest>[^<>]*)")
_RELATION = re.compile(r"(?P<relation><=|>=|<|>)\s*(?P<bound>.+)")


def cell(written: Written, type: Type, decimals: int) -> Cell:
    """Return what a cell means for an input of the type."""
    if written.text == ANY:
        return Cell()
    spans = tuple(_span(part.strip(), written, type, decimals) for part in written.text.split(","))
    return Cell(spans, written.text)


def worth(text: str, written: Written, type: Type, decimals: int) -> Any:
    """Return a value as it is written in a cell: of an input, or of the answer."""
    try:
        return _read(text, type, decimals)
    except (ValueError, KeyError, InvalidOperation):
        raise RuleRefused("rules-cell-value", written.place, value=text[:40], kind=described(type)) from None


def _read(text: str, type: Type, decimals: int) -> Any:
    match type.kind:
        case Kind.BOOLEAN:
            return _TRUTHS[text]
        case Kind.DATE:
            return _day(date.fromisoformat(text))
        case Kind.CODE | Kind.TEXT:
            return _code(text, type)
        case Kind.NUMBER:
            return _finite(float(Decimal(text)))
    return scaled(Decimal(text), decimals if type.kind is Kind.MONEY else 0)


def _day(day: date) -> date:
    if not date.min < day < date.max:  # a day before and one after must exist
        raise ValueError
    return day


def _code(text: str, type: Type) -> str:
    if text not in type.codes:
        raise ValueError
    return text


def _finite(number: float) -> float:
    if abs(number) == float("inf") or number != number:
        raise ValueError
    return number


def scaled(number: Decimal, places: int) -> int:
    """Return the number as a whole one of 1/10^places; ValueError where that loses a digit or is too large."""
    whole = number.scaleb(places)
    if not whole.is_finite() or whole != whole.to_integral_value() or abs(whole) > LARGEST:
        raise ValueError
    return int(whole)


def _span(text: str, written: Written, type: Type, decimals: int) -> Span:
    ranged, related = _RANGE.fullmatch(text), _RELATION.fullmatch(text)
    if type.kind not in ORDERED or not (ranged or related):
        value = worth(text, written, type, decimals)
        return Span(value, value)
    if related:
        bound = worth(related["bound"].strip(), written, type, decimals)
        return _closed(_related(related["relation"], bound), type)
    assert ranged is not None
    ends = [each.strip() and worth(each.strip(), written, type, decimals) for each in ranged.group("least", "greatest")]
    least, greatest = (None if each == "" else each for each in ends)
    is_bounded = least is not None and greatest is not None
    if is_bounded and (least > greatest or (least == greatest and ranged["open"])):  # type: ignore[operator]
        raise RuleRefused("rules-cell-in-reverse", written.place, cell=text)
    return _closed(Span(least, greatest, is_open_above=bool(ranged["open"]) and greatest is not None), type)


def _related(relation: str, bound: Any) -> Span:
    is_open = relation in ("<", ">")
    return Span(None, bound, is_open_above=is_open) if relation[0] == "<" else Span(bound, None, is_open_below=is_open)


def _closed(span: Span, type: Type) -> Span:
    """Return the span with its ends included, where the type has a next value: 3..<5 of whole numbers is 3..4."""
    if type.kind not in (*EXACT, Kind.DATE):
        return span
    step: Any = timedelta(days=1) if type.kind is Kind.DATE else 1
    return Span(
        span.least + step if span.is_open_below else span.least,
        span.greatest - step if span.is_open_above else span.greatest,
    )
