"""Google's implementation of CEL as an independent judge, on complete data.

It parses the rule as written. What it evaluates is our model printed back to CEL with every conversion explicit, since
`/` is of doubles here and of whole numbers there. Dates are days since 1970; the functions that CEL lacks are given to
it in Python (judge_functions), reckoned otherwise than by the engines.

Nulls   CEL knows no unknown: where we answer unknown it may say anything, and an error of its own is None
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache, partial, singledispatch
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_math, ext_optional

from amparo.kernel.dates import age_on
from amparo.rules.check.series import OF_MONTHS
from amparo.rules.model.lists import DaysSince, OverMonths, TotalOfFirst
from amparo.rules.model.lookups import Lookup, Stated
from amparo.rules.model.nodes import (
    Age,
    And,
    Arithmetic,
    AsNumber,
    Compare,
    Count,
    Every,
    Exists,
    ExistsOne,
    Extreme,
    Has,
    HouseholdField,
    If,
    In,
    ListRead,
    Literal,
    MemberField,
    Node,
    Not,
    Or,
    OverList,
    ParameterValue,
    Rounded,
    Size,
    Total,
)
from amparo.rules.model.rule import Rule
from amparo.rules.model.types import Kind
from tests.lib.rules.judge_functions import DECLARED, written
from tests.lib.rules.world import PARAMETERS, TODAY

_EPOCH = date(1970, 1, 1)
_DYN = cel.Type.DYN


_AREA = "area."  # where a home lies has attributes of its own


class WithoutWord(Exception):
    """The rule asks a table, a score or another programme's rule, for which CEL has no word."""


class Deeper(Exception):
    """The printed rule is deeper than the judge reads."""


def days(value: Any) -> Any:
    return (value - _EPOCH).days if isinstance(value, date) else value


@cache
def _environment() -> cel.Env:
    variables = {
        "household": _DYN,
        "area": _DYN,
        "members": cel.Type.List(_DYN),
        "member": _DYN,
        "param": _DYN,
        "decision_day": _DYN,
    }

    def declared(name: str, of: cel.Type, gives: cel.Type, run: Callable) -> cel.FunctionDecl:
        return cel.FunctionDecl(name, [cel.Overload(f"{name}_1", gives, [of], False, run)])

    of_months = [cel.Type.List(_DYN), cel.Type.INT, cel.Type.INT]
    first = cel.Overload("first_2", cel.Type.List(_DYN), [cel.Type.List(_DYN), cel.Type.INT], False, _first)
    functions = [
        cel.FunctionDecl("first", [first]),
        *(
            cel.FunctionDecl(
                f"{way}_of_months",
                [cel.Overload(f"{way}_of_months_3", _DYN, of_months, False, partial(_of_months, way))],
            )
            for way in OF_MONTHS
        ),
        declared("age", _DYN, cel.Type.INT, lambda born: age_on(_EPOCH + timedelta(days=born), TODAY)),
        declared("sum", cel.Type.List(_DYN), _DYN, _sum),
        declared("min", cel.Type.List(_DYN), _DYN, lambda values: min(values)),
        declared("max", cel.Type.List(_DYN), _DYN, lambda values: max(values)),
    ]
    ours = cel.CelExtension("amparo", [*functions, *DECLARED])
    return cel.NewEnv(
        variables=variables,
        extensions=[ext_bindings.ExtBindings(), ext_math.ExtMath(), ext_optional.ExtOptional(), ours],
    )


def _sum(values: list[Any]) -> Any:
    total = 0
    for each in values:
        total += each
    if isinstance(total, int) and abs(total) >= 2**63:
        raise OverflowError
    return total


def _first(pairs: list[list[Any]], most: int) -> list[Any]:
    return [value for _, value in sorted(pairs, key=lambda pair: pair[0])[: max(most, 0)]]


def _of_months(way: str, items: list[list[Any]], months: int, least: int) -> Any:
    asked = {TODAY.year * 12 + TODAY.month - back for back in range(1, months + 1)}
    totals: dict[int, Any] = {}
    for day, counts, value in items:
        month = _EPOCH + timedelta(days=day)
        number = month.year * 12 + month.month
        if number in asked:
            totals[number] = totals.get(number, 0) + (value if counts else 0)
    known = list(totals.values())
    if way == "count":
        return len(known)
    if len(known) < least:
        raise ValueError
    return {"sum": _sum, "min": min, "max": max, "mean": lambda of: float(_sum(of)) / len(of)}[way](known)


def parses(text: str) -> bool:
    """Whether the judge reads the text as a rule; it knows no types and, of our own functions, only the names."""
    try:
        _environment().compile(text, disable_check=True)
    except Exception as error:
        if "undeclared reference" in str(error):
            return True
        if "recursion" in str(error):
            raise Deeper from None
        return False
    return True


def verdict(rule: Rule, record: Mapping[str, Any]) -> Any:
    """Return what the judge finds for one complete record; None for an error."""
    try:
        expression = _compiled(printed(rule.model))
    except Exception as error:
        if "recursion" in str(error):
            raise Deeper from None
        raise
    on_day, home = PARAMETERS.on(TODAY), _with_days(record["household"], record)
    given = {
        "household": {**home, "size": len(record["members"])},
        "area": {name.removeprefix(_AREA): value for name, value in home.items() if name.startswith(_AREA)},
        "members": [_with_days(each, record) for each in record["members"]],
        "member": _with_days(record["members"][record.get("member") or 0], record) if record["members"] else {},
        "decision_day": days(TODAY),
        "param": {name: days(dated.value) for name, dated in on_day.items()},
    }
    found = expression.eval(data=given)
    if found.type() in (cel.Type.ERROR, cel.Type.UNKNOWN):
        return None
    return found.value()


@cache
def _compiled(text: str) -> cel.Expression:
    return _environment().compile(text, disable_check=True)


def _with_days(fields: Mapping[str, Any], record: Mapping[str, Any], depth: int = 3) -> dict[str, Any]:
    """Return the fields with days as numbers, and lists written out as deep as a rule may ask."""

    def element(each: Any) -> dict[str, Any]:
        return _with_days(record["members"][each] if isinstance(each, int) else each, record, depth - 1)

    return {
        name: [element(each) for each in value] if isinstance(value, list) else days(value)
        for name, value in fields.items()
        if value is not None and (depth or not isinstance(value, list))
    }


@singledispatch
def printed(node: Node) -> str:
    """Return the node in CEL."""
    return written(node, *map(printed, node.parts))


@printed.register
def _(node: Literal) -> str:
    match days(node.value):
        case bool(value):
            return "true" if value else "false"
        case str(value):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case float(value):
            return f"({value!r})" if value < 0 else repr(value)
        case value:
            return f"({value})" if value < 0 else str(value)


@printed.register
def _(node: ParameterValue) -> str:
    return f"param.{node.name}"


@printed.register
def _(node: Size) -> str:
    return "household.size"


@printed.register
def _(node: HouseholdField) -> str:
    return node.name if node.name.startswith(_AREA) else f"household.{node.name}"


@printed.register
def _(node: MemberField) -> str:
    return f"{node.variable}.{node.name}"


@printed.register
def _(node: Has) -> str:
    return f"has({printed(node.of)})"


@printed.register
def _(node: Not) -> str:
    return f"!({printed(node.of)})"


@printed.register
def _(node: And) -> str:
    return "(" + " && ".join(map(printed, node.of)) + ")"


@printed.register(Lookup)
@printed.register(Stated)
def _(node: Lookup | Stated) -> str:
    raise WithoutWord


@printed.register
def _(node: Or) -> str:
    return "(" + " || ".join(map(printed, node.of)) + ")"


@printed.register
def _(node: Compare) -> str:
    return f"({printed(node.left)} {node.operator} {printed(node.right)})"


@printed.register
def _(node: In) -> str:
    return f"({printed(node.of)} in [{', '.join(map(printed, node.options))}])"


@printed.register
def _(node: If) -> str:
    return f"({printed(node.condition)} ? {printed(node.then)} : {printed(node.otherwise)})"


@printed.register
def _(node: AsNumber) -> str:
    return f"double({printed(node.of)})"


@printed.register
def _(node: Arithmetic) -> str:
    return f"({printed(node.left)} {node.operator} {printed(node.right)})"


@printed.register
def _(node: Rounded) -> str:
    of = printed(node.of)
    return f"half_even({of})" if node.way == "half_even" else f"int(math.{node.way}({of}))"


@printed.register
def _(node: Extreme) -> str:
    return f"math.{node.way}({', '.join(map(printed, node.of))})"


@printed.register
def _(node: Age) -> str:
    return f"age({printed(node.of)})"


def _read(node: ListRead) -> str:
    return "members" if node.is_members else f"{node.variable}.{node.name}"


def _meant(node: OverList) -> str:
    whole = _read(node.source)
    return whole if node.condition is None else f"{whole}.filter({node.variable}, {printed(node.condition)})"


@printed.register
def _(node: Count) -> str:
    return f"{_meant(node)}.size()"


@printed.register
def _(node: Exists) -> str:
    return f"{_read(node.source)}.exists({node.variable}, {printed(node.condition)})"  # type: ignore[arg-type]


@printed.register
def _(node: ExistsOne) -> str:
    return f"{_read(node.source)}.exists_one({node.variable}, {printed(node.condition)})"  # type: ignore[arg-type]


@printed.register
def _(node: Every) -> str:
    return f"{_meant(node)}.all({node.variable}, {printed(node.body)})"


@printed.register
def _(node: Total) -> str:
    total = f"{node.way}({_meant(node)}.map({node.variable}, {printed(node.body)}))"
    # The sum of an empty list is a whole zero to Python.
    return f"double({total})" if node.type.kind is Kind.NUMBER else total


@printed.register
def _(node: TotalOfFirst) -> str:
    """The judge has no `sortBy`: it hands over pairs of key and value."""
    pairs = f"{_meant(node)}.map({node.variable}, [{printed(node.key)}, {printed(node.body)}])"
    total = f"{node.way}(first({pairs}, {printed(node.most)}))"
    return f"double({total})" if node.type.kind is Kind.NUMBER else total


@printed.register
def _(node: OverMonths) -> str:
    """The judge has no way to group: it hands over month, whether the item counts, and value of each."""
    counts = "true" if node.condition is None else printed(node.condition)
    item = f"[{printed(node.month)}, {counts}, {printed(node.body)}]"
    return f"{node.way}_of_months({_read(node.source)}.map({node.variable}, {item}), {node.months}, {node.least})"


@printed.register
def _(node: DaysSince) -> str:
    return f"({days(TODAY)} - {printed(node.of)})"
