"""Functions: `has`, `age`, `date`, `per_month`, `per_year` and `math.…`. Any other call is of a list of members."""

from collections.abc import Callable
from datetime import date

from amparo.rules.check.expressions import typed
from amparo.rules.check.members import OF_MEMBERS, of_members
from amparo.rules.check.scope import Scope, offers
from amparo.rules.check.unify import as_number, united, wanted
from amparo.rules.model.nodes import Age, Arithmetic, Extreme, Has, HouseholdField, Literal, MemberField, Node, Rounded
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import BOOLEAN, DATE, NUMERIC, ORDERED, YEARS, Kind, Unit, exact, inexact
from amparo.rules.text import syntax

_YEAR = Unit.of("month/year")  # twelve of these


@typed.register
def _(written: syntax.Call, scope: Scope) -> Node:
    if isinstance(written.of, syntax.Name) and written.of.name == "math":
        return _called(written, scope, _MATH, f"math.{written.name}")
    if written.of is None:
        return _called(written, scope, _FUNCTIONS, written.name)
    if written.name in OF_MEMBERS:
        return of_members(written, scope)
    raise RuleRefused(
        "rules-function-unknown", written.name_place, function=written.name, known=offers(written.name, OF_MEMBERS)
    )


def _called(written: syntax.Call, scope: Scope, functions: dict[str, Callable[..., Node]], name: str) -> Node:
    if written.name not in functions:
        prefix = name.removesuffix(written.name)
        known = [prefix + each for each in offers(written.name, functions)]
        raise RuleRefused("rules-function-unknown", written.name_place, function=name, known=known)
    if not written.arguments or (len(written.arguments) > 1 and functions[written.name] is not _extreme):
        raise RuleRefused("rules-arguments", written.name_place, function=name, expected=1)
    return functions[written.name](written, scope)


def _has(written: syntax.Call, scope: Scope) -> Node:
    of = typed(written.arguments[0], scope)
    if not isinstance(of, HouseholdField | MemberField):
        raise RuleRefused("rules-has-needs-field", of.place)
    return Has(BOOLEAN, written.place, of)


def _age(written: syntax.Call, scope: Scope) -> Node:
    return Age(YEARS, written.place, wanted(typed(written.arguments[0], scope), Kind.DATE, operation="age"))


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


def _rounded(written: syntax.Call, scope: Scope) -> Node:
    of = wanted(typed(written.arguments[0], scope), *NUMERIC, operation=f"math.{written.name}")
    return of if of.type.is_exact else Rounded(exact(of.type.unit), written.place, written.name, of)


def _extreme(written: syntax.Call, scope: Scope) -> Node:
    name = f"math.{written.name}"
    arguments = [wanted(typed(each, scope), *ORDERED, operation=name) for each in written.arguments]
    of = united(arguments, written.place, name)
    return Extreme(of[0].type, written.place, written.name, of)


_FUNCTIONS = {"has": _has, "age": _age, "date": _date, "per_month": _per("month", "/"), "per_year": _per("year", "*")}
_MATH = {"round": _rounded, "floor": _rounded, "ceil": _rounded, "least": _extreme, "greatest": _extreme}
