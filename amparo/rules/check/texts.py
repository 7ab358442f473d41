"""Texts and codes: whether one has a part. There is no case folding: engines do not agree on lower('İ')."""

from collections.abc import Callable

from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope
from amparo.rules.check.unify import wanted
from amparo.rules.model.functions import TextHas
from amparo.rules.model.nodes import Literal, Node, ParameterValue
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import BOOLEAN, Kind
from amparo.rules.text import syntax

HAS_PART: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}


def has_part(written: syntax.Call, scope: Scope) -> Node:
    of = wanted(typed(written.of, scope), Kind.TEXT, Kind.CODE, operation=written.name)  # type: ignore[arg-type]
    part = wanted(typed(written.arguments[0], scope), Kind.TEXT, operation=written.name)
    if not isinstance(part, Literal | ParameterValue):
        raise RuleRefused("rules-text-not-constant", part.place, function=written.name)
    if isinstance(part, Literal) and not part.value:
        raise RuleRefused("rules-text-empty", part.place, function=written.name)
    if isinstance(part, Literal) and _never(written.name, of.type.codes, part.value):
        raise RuleRefused("rules-code-unknown", part.place, code=part.value, codes=list(of.type.codes[:20]))
    return TextHas(BOOLEAN, written.place, written.name, of, part)


def _never(way: str, codes: tuple[str, ...], part: str) -> bool:
    return bool(codes) and not any(HAS_PART[way](code, part) for code in codes)
