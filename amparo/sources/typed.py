"""Makes typed values of what a source said, or says why there is none: never a value that it may not have meant (VIR-1).

Shape   what stands in the answer in; a value in the dictionary's type, or a reason, out
Units   money in major units of the profile's currency, exact, as minor units out; other numbers times the attribute's factor
Nulls   null is no value (`SILENT`), and never no or zero
Errors  none is raised: what is of another type, past a limit or more exact than money is, is `MALFORMED`; a place that is
        missing, or a code that nobody agreed on, is `DRIFT`
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import to_minor
from amparo.registry.dictionary import Dictionary, Field, Type
from amparo.sources.connectors.raw import Raw
from amparo.sources.types import Answer, Attribute, ConnectionConfig, Question, Reason

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 500  # signs of a text
_LARGEST = Decimal(10) ** 15  # what a number may be at most; more is no measure of anything here


class _Unfit(Exception):
    """What was said is no value of the field."""


def answer_of(
    told: Raw | Reason, question: Question, connection: ConnectionConfig, words: Dictionary, *, on: date
) -> Answer:
    """Return what a source said of one person; what is wrong with the whole of it is wrong with each of its fields."""
    day = told if isinstance(told, Reason) else _day(told, connection, on)
    if isinstance(told, Reason) or isinstance(day, Reason):
        return Answer(reasons={each.name: day for each in question.attributes})
    found = {each.name: typed(told, each, words) for each in question.attributes}
    return Answer(
        values={name: each for name, each in found.items() if not isinstance(each, Reason)},
        reasons={name: each for name, each in found.items() if isinstance(each, Reason)},
        observed_on=day,
    )


def _day(told: Raw, connection: ConnectionConfig, on: date) -> date | Reason:
    """Return of which day a source speaks: today, where it was not to say. A day to come is none."""
    if not told.has_day:
        return on
    try:
        day = _date(told.day)
    except _Unfit:
        return Reason.MALFORMED
    if day > on:
        return Reason.MALFORMED
    oldest = date.min if connection.fresh_days is None else on - timedelta(days=connection.fresh_days)
    return Reason.STALE if day < oldest else day


def typed(told: Raw, attribute: Attribute, words: Dictionary) -> Any:
    """Return a value in the dictionary's type, or the reason why there is none."""
    if attribute.name not in told.values:
        return Reason.DRIFT
    said = told.values[attribute.name]
    if said is None:
        return Reason.SILENT
    if attribute.codes:
        if _as_code(said) not in attribute.codes:
            return Reason.DRIFT
        said = attribute.codes[_as_code(said)]
    field = words["person", attribute.name]
    try:
        value = _TYPED[field.type](said, attribute, field, words)
    except (_Unfit, Refused):
        return Reason.MALFORMED
    return value if _is_within(value, field) else Reason.MALFORMED


def _as_code(said: Any) -> str:
    """Return what stands in an answer as a table of codes names it."""
    return {True: "true", False: "false"}[said] if isinstance(said, bool) else str(said)


def _is_within(value: Any, field: Field) -> bool:
    at_least, at_most = field.minimum, field.maximum
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


def _boolean(said: Any, *_: Any) -> bool:
    if isinstance(said, bool):
        return said
    raise _Unfit


def _exact(said: Any, attribute: Attribute) -> Decimal:
    """Return a number as it was written; the factor is exact too. What looks like one in another alphabet is none."""
    if isinstance(said, bool) or not isinstance(said, int | Decimal | float | str) or not str(said).isascii():
        raise _Unfit
    try:
        number = Decimal(str(said)) * Decimal(attribute.factor)
    except InvalidOperation:
        raise _Unfit from None
    if not number.is_finite() or abs(number) > _LARGEST:
        raise _Unfit
    return number


def _integer(said: Any, attribute: Attribute, *_: Any) -> int:
    number = _exact(said, attribute)
    if number != int(number):
        raise _Unfit
    return int(number)


def _number(said: Any, attribute: Attribute, *_: Any) -> float:
    return float(_exact(said, attribute))


def _money(said: Any, attribute: Attribute, field: Field, words: Dictionary) -> int:
    return to_minor(_exact(said, attribute), words.decimals)


def _date(said: Any, *_: Any) -> date:
    if type(said) is date:
        return said
    try:
        if isinstance(said, str) and _DAY.fullmatch(said):
            return date.fromisoformat(said)
    except ValueError:
        pass
    raise _Unfit


def _code(said: Any, attribute: Attribute, field: Field, words: Dictionary) -> str:
    if isinstance(said, str) and field.vocabulary and said in words.vocabulary(field.vocabulary).codes:
        return said
    raise _Unfit


def _text(said: Any, *_: Any) -> str:
    if isinstance(said, str) and said.strip() and len(said) <= _LONGEST and said.isprintable():
        return said.strip()
    raise _Unfit


_TYPED: Mapping[Type, Callable[..., Any]] = {
    Type.BOOLEAN: _boolean,
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.MONEY: _money,
    Type.DATE: _date,
    Type.CODE: _code,
    Type.TEXT: _text,
}
