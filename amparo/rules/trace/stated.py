"""The steps of what a profile states: the row of a table, the points of a scorecard, another programme's rule.

A score is told so that it can be added up with a pencil: "points" for each answer, "weight" times an answer, and the
constant, each in the score's own decimals, then their sum.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from amparo.rules.contents import PROGRAMME, TABLE
from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.lookups import possible_rows
from amparo.rules.engines.reference.missing import missing_names
from amparo.rules.engines.reference.values import interval, value
from amparo.rules.lower.intervals import is_interval
from amparo.rules.model.lookups import Lookup, Stated
from amparo.rules.model.nodes import Arithmetic, AsNumber, Literal, Node, Rounded
from amparo.rules.model.types import Kind
from amparo.rules.trace.step import Step, below

Tell = Callable[[Node, str], Step]  # a part and its id → its step


def told_stated(node: Stated, facts: Facts, id: str, tell: Tell) -> Step:
    """Return the step of a table, model or programme as it stands on the day."""
    version = node.versions[0]
    step = _step(node, facts, id, what=node.kind)
    step = replace(step, name=node.name, law=node.laws[0], since=node.days[0][0], label_id=f"{node.kind}-{node.name}")
    if node.kind == PROGRAMME:
        return replace(step, parts=(tell(version, below(id, 1)),))
    if node.kind == TABLE:
        assert isinstance(version, Lookup)
        parts = tuple(tell(each, below(id, number)) for number, each in enumerate(version.inputs, 1))
        return replace(step, parts=parts, cells=_cells(version, facts), reason=_reason(version, facts))
    return replace(step, parts=tuple(_score_parts(version, facts, id, tell)))


def _step(node: Node, facts: Facts, id: str, *, what: str) -> Step:
    found = value(node, facts)
    return Step(
        id=id,
        what=what,
        text=node.place.words("") if node.place.quoted else "",
        value=found,
        kind=str(node.type.kind),
        unit=str(node.type.unit),
        ends=interval(node, facts) if found is None and is_interval(node) else None,
        missing=missing_names(node, facts) if found is None else (),
    )


def _cells(node: Lookup, facts: Facts) -> tuple[str, ...]:
    """Return the row that answers, as it is written; nothing where more than one may."""
    places = possible_rows(node, facts)
    return tuple(each.text for each in node.rows[places[0]]) if len(places) == 1 else ()


def _reason(node: Lookup, facts: Facts) -> str | None:
    is_gap = value(node, facts) is None and _cells(node, facts) and not missing_names(node, facts)
    return "rules-reason-gap" if is_gap else None


def _score_parts(version: Node, facts: Facts, id: str, tell: Tell) -> Iterator[Step]:
    """Yield the choice among regional variants, if there is one, then each term."""
    summed, places = _sum(version)
    if isinstance(summed, Lookup):
        chosen = possible_rows(summed, facts)
        yield replace(tell(summed.inputs[0], below(id, 1)), cells=_cells(summed, facts))
        if len(chosen) != 1:
            return
        summed = summed.values[chosen[0]]
    for number, each in enumerate(_terms(summed), 2):
        yield _term(each, facts, places, below(id, number), tell)


def _sum(version: Node) -> tuple[Node, int]:
    """Return the sum in whole numbers, and how many decimals it is divided by."""
    if isinstance(version, Arithmetic) and version.operator == "/" and isinstance(version.left, AsNumber):
        assert isinstance(version.right, Literal)
        return version.left.of, len(str(int(version.right.value))) - 1
    return version, 0


def _terms(node: Node) -> Iterator[Node]:
    if isinstance(node, Arithmetic) and node.operator == "+":
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _term(node: Node, facts: Facts, places: int, id: str, tell: Tell) -> Step:
    """Return a term in the score's decimals, with the answer that it rests on."""
    kind = {Lookup: "points", Arithmetic: "weight"}.get(type(node), "constant")
    step = _step(node, facts, id, what=kind)
    ends = step.ends and tuple(_shifted(each, places) for each in step.ends)
    kinds = str(Kind.NUMBER if places else Kind.INTEGER)
    step = replace(step, kind=kinds, value=_shifted(step.value, places), ends=ends, name=node.place.quoted)  # type: ignore[arg-type]
    if isinstance(node, Lookup):
        return replace(step, parts=(tell(node.inputs[0], below(id, 1)),), cells=_cells(node, facts))
    if isinstance(node, Arithmetic):
        assert isinstance(node.left, Literal)
        return replace(step, parts=(tell(_answer(node.right), below(id, 1)),), operator=node.left.place.quoted or "")
    return step


def _answer(node: Node) -> Node:
    """Return the answer that was given, before it was rounded to whole numbers of its smallest place."""
    if isinstance(node, Rounded) and isinstance(node.of, Arithmetic) and isinstance(node.of.right, Literal):
        return node.of.left
    return node


def _shifted(whole_number: Any, places: int) -> Any:
    if whole_number is None or not places:
        return whole_number
    return float(Decimal(whole_number).scaleb(-places))
