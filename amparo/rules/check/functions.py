"""Calls: functions by their names, `math.…`, and methods of a value. Any other call is of a list."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from amparo.rules.check import dates, defaults, lists, powers, rounding, texts
from amparo.rules.check.bindings import bound
from amparo.rules.check.expressions import typed
from amparo.rules.check.members import OF_MEMBERS, of_members
from amparo.rules.check.provenance import age_of, source_of
from amparo.rules.check.scope import Scope, offers
from amparo.rules.check.scoring import probability, score
from amparo.rules.check.series import is_of_months, of_months
from amparo.rules.check.tables import lookup
from amparo.rules.check.unify import as_number, united, wanted
from amparo.rules.model.nodes import Arithmetic, Extreme, Has, HouseholdField, Literal, MemberField, Node
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import BOOLEAN, DATE, NUMERIC, ORDERED, Unit, exact, inexact
from amparo.rules.text import syntax

_YEAR = Unit.of("month/year")  # twelve of these
_ANY = range(1, 1000)


class Function(NamedTuple):
    """How a call is typed, and how many arguments it may have."""

    typed: Callable[[syntax.Call, Scope], Node]
    arguments: Iterable[int] = (1,)


@typed.register
def _(written: syntax.Call, scope: Scope) -> Node:
    if isinstance(written.of, syntax.Name) and written.of.name == "math":
        return _called(written, scope, _MATH, f"math.{written.name}")
    if isinstance(written.of, syntax.Name) and written.of.name == "cel":
        return bound(written, scope)
    if written.of is None and written.name in _STATED:
        return _STATED[written.name](written, scope)
    if is_of_months(written):
        return of_months(written, scope)
    if written.name == "over" or (written.name == "items" and lists.source(written, scope)):
        raise RuleRefused("rules-list-not-a-value", written.name_place, list=written.name)
    if written.of is None:
        return _called(written, scope, _FUNCTIONS, written.name)
    if written.name in _METHODS:
        return _called(written, scope, _METHODS, written.name)
    if written.name in OF_MEMBERS:
        return of_members(written, scope)
    known = offers(written.name, [*OF_MEMBERS, *_METHODS])
    raise RuleRefused("rules-function-unknown", written.name_place, function=written.name, known=known)


def _called(written: syntax.Call, scope: Scope, functions: Mapping[str, Function], name: str) -> Node:
    if written.name not in functions:
        prefix = name.removesuffix(written.name)
        known = [prefix + each for each in offers(written.name, functions)]
        raise RuleRefused("rules-function-unknown", written.name_place, function=name, known=known)
    function = functions[written.name]
    if len(written.arguments) not in function.arguments:
        raise RuleRefused("rules-arguments", written.name_place, function=name, expected=max(function.arguments))
    return function.typed(written, scope)


def _has(written: syntax.Call, scope: Scope) -> Node:
    of = typed(written.arguments[0], scope)
    if not isinstance(of, HouseholdField | MemberField):
        raise RuleRefused("rules-has-needs-field", of.place)
    return Has(BOOLEAN, written.place, of)


def _date(written: syntax.Call, scope: Scope) -> Node:
    of = written.arguments[0]
    try:
        return Literal(DATE, written.place, date.fromisoformat(of.value))  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError):
        raise RuleRefused("rules-date-unreadable", of.place) from None


def _per(unit: str, operator: str) -> Callable[[syntax.Call, Scope], Node]:
    other = {"month": "year", "year": "month"}[unit]

    def converted(written: syntax.Call, scope: Scope) -> Node:
        of = wanted(typed(written.arguments[0], scope), *NUMERIC, operation=written.name)
        if of.type.unit.power(other) != -1:
            raise RuleRefused("rules-per", of.place, function=written.name, found=str(of.type.unit) or "–", per=other)
        if operator == "*" and of.type.is_exact:
            twelve = Literal(exact(_YEAR), written.place, 12)
            return Arithmetic(exact(of.type.unit.times(_YEAR)), written.place, "*", of, twelve)
        twelve = Literal(inexact(_YEAR), written.place, 12.0)
        by = of.type.unit.times(_YEAR, 1 if operator == "*" else -1)
        return Arithmetic(inexact(by), written.place, operator, as_number(of), twelve)

    return converted


def _extreme(written: syntax.Call, scope: Scope) -> Node:
    name, first = f"math.{written.name}", written.arguments[0]
    several = first.items if isinstance(first, syntax.ListOf) and len(written.arguments) == 1 else written.arguments
    if not several:
        raise RuleRefused("rules-list-empty", first.place)
    arguments = [wanted(typed(each, scope), *ORDERED, operation=name) for each in several]
    of = united(arguments, written.place, name)
    return Extreme(of[0].type, written.place, written.name, of)


_FUNCTIONS = {
    "has": Function(_has),
    "date": Function(_date),
    "age_of": Function(age_of),
    "source_of": Function(source_of),
    "per_month": Function(_per("month", "/")),
    "per_year": Function(_per("year", "*")),
    "age": Function(dates.age, (1, 2)),
    "months_between": Function(dates.between("months"), (2,)),
    "days_between": Function(dates.between("days"), (2,)),
    "add_months": Function(dates.months_later, (2,)),
    "year": Function(dates.part),
    "month": Function(dates.part),
    "half_even": Function(rounding.rounded("half_even", "half_even")),
    "round_to": Function(rounding.rounded_to("round"), (2,)),
    "half_even_to": Function(rounding.rounded_to("half_even"), (2,)),
    "floor_to": Function(rounding.rounded_to("floor"), (2,)),
    "ceil_to": Function(rounding.rounded_to("ceil"), (2,)),
    "trunc_to": Function(rounding.rounded_to("trunc"), (2,)),
    "exp": Function(powers.power, (2,)),
    "ln": Function(powers.power, (2,)),
    "pow": Function(powers.power, (3,)),
}
_MATH = {
    **{way: Function(rounding.rounded(way, f"math.{way}")) for way in ("round", "floor", "ceil", "trunc")},
    **{way: Function(rounding.magnitude) for way in ("abs", "sign")},
    **{way: Function(_extreme, _ANY) for way in ("least", "greatest")},
}
_METHODS = {
    **{way: Function(texts.has_part) for way in texts.HAS_PART},
    "orValue": Function(defaults.or_value),
}
_STATED = {"lookup": lookup, "score": score, "probability": probability}
# Every name that may be called, as people write it.
CALLABLE = (*_FUNCTIONS, *(f"math.{each}" for each in _MATH), *_STATED, *OF_MEMBERS, *_METHODS, "items", "over")
