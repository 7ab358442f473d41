"""Every step of a rule with its value, as one tree that mirrors the model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.lists import first_of
from amparo.rules.engines.reference.missing import missing_names
from amparo.rules.engines.reference.values import interval, value
from amparo.rules.lower.intervals import is_interval
from amparo.rules.lower.months import window
from amparo.rules.lower.numbers import LARGEST_MULTIPLE
from amparo.rules.model.functions import (
    Between,
    CalendarPart,
    DecisionDay,
    Default,
    MonthsLater,
    Power,
    RoundedTo,
    Signed,
    TextHas,
)
from amparo.rules.model.lists import DaysSince, OverMonths, TotalOfFirst
from amparo.rules.model.lookups import Lookup, Nothing, Stated
from amparo.rules.model.nodes import (
    Age,
    And,
    AreaField,
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
from amparo.rules.model.types import NUMERIC, Kind
from amparo.rules.parameters import OnDay
from amparo.rules.trace.stated import told_stated
from amparo.rules.trace.step import MemberStep, Step, below, member_place

_WHAT: dict[type[Node], str] = {
    Literal: "literal",
    ParameterValue: "parameter",
    Size: "size",
    HouseholdField: "field",
    AreaField: "field",
    MemberField: "field",
    Has: "has",
    Not: "not",
    And: "and",
    Or: "or",
    Compare: "compare",
    In: "in",
    If: "if",
    Arithmetic: "arithmetic",
    Rounded: "round",
    Extreme: "extreme",
    Age: "age",
    Count: "count",
    Exists: "exists",
    ExistsOne: "exists_one",
    Every: "all",
    Total: "total",
    Lookup: "lookup",
    Nothing: "gap",
    TotalOfFirst: "total",
    OverMonths: "months",
    DaysSince: "days_since",
    Default: "default",
    DecisionDay: "decision_day",
    Between: "between",
    MonthsLater: "months_later",
    CalendarPart: "calendar",
    TextHas: "text",
    Signed: "signed",
    RoundedTo: "round_to",
    Power: "power",
}
# Why a known operation on known parts gives no number.
_REASONS: dict[type[Node], str] = {
    Arithmetic: "rules-reason-too-large",
    Rounded: "rules-reason-too-large",
    Signed: "rules-reason-too-large",
    RoundedTo: "rules-reason-too-large",
    Power: "rules-reason-no-result",
    MonthsLater: "rules-reason-beyond-calendar",
}


@dataclass(frozen=True)
class _Telling:
    """What stays the same while a rule is told."""

    text: str
    on_day: OnDay


def explained(node: Node, facts: Facts, text: str, on_day: OnDay) -> Step:
    """Return the tree of steps of a rule's model."""
    return _told(node, facts, _Telling(text, on_day), "")


def _told(node: Node, facts: Facts, telling: _Telling, id: str) -> Step:
    if isinstance(node, AsNumber):  # a conversion that nobody wrote is no step
        return _told(node.of, facts, telling, id)
    if isinstance(node, Stated):
        step = told_stated(node, facts, id, lambda part, at: _told(part, facts, telling, at))
        return replace(step, text=node.place.words(telling.text))
    found = value(node, facts)
    step = Step(
        id=id,
        what=_WHAT[type(node)],
        text=node.place.words(telling.text),
        value=found,
        kind=str(node.type.kind),
        unit=str(node.type.unit),
        operator=str(getattr(node, "operator", getattr(node, "way", ""))),
        ends=interval(node, facts) if found is None and is_interval(node) else None,
        missing=missing_names(node, facts) if found is None else (),
        reason=_reason(node, facts) if found is None else None,
        parts=_parts(node, facts, telling, id),
    )
    return replace(step, **_particulars(node, facts, telling, id))


def _parts(node: Node, facts: Facts, telling: _Telling, id: str) -> tuple[Step, ...]:
    if isinstance(node, OverList):
        return ()
    parts: tuple[Node, ...] = node.parts
    if isinstance(node, If):
        parts = _branch_taken(node, facts)
    if isinstance(node, Default) and not _is_used(node, facts):
        parts = (node.of,)
    return tuple(_told(part, facts, telling, below(id, number)) for number, part in enumerate(parts, 1))


def _branch_taken(node: If, facts: Facts) -> tuple[Node, ...]:
    condition = value(node.condition, facts)
    return (node.condition, *([] if condition is None else [node.then if condition else node.otherwise]))


def _is_used(node: Default, facts: Facts) -> bool:
    return value(node.of, facts) is None


def _particulars(node: Node, facts: Facts, telling: _Telling, id: str) -> Mapping[str, Any]:
    match node:
        case AreaField(attribute=name, label_id=label_id):
            return {"name": name, "grain": "area", "label_id": label_id}
        case HouseholdField(name=name, label_id=label_id):
            return {"name": name, "grain": "household", "label_id": label_id}
        case MemberField(name=name, label_id=label_id, variable=variable):
            place = facts.bound[variable].place
            return {
                "name": name,
                "grain": "member",
                "label_id": label_id,
                "member": member_place(place),
                "place": place,
            }
        case ParameterValue(name=name):
            dated = telling.on_day[name]
            return {"name": name, "label_id": f"parameter-{name}", "law": dated.law, "since": dated.valid_from}
        case Default():
            return {"operator": "used" if _is_used(node, facts) else ""}
        case Compare():
            return {"distance": _distance(node, facts)}
        case OverList():
            return _of_list(node, facts, telling, id)
    return {}


def _distance(node: Compare, facts: Facts) -> float | None:
    left, right = value(node.left, facts), value(node.right, facts)
    if left is None or right is None:
        return None
    if node.left.type.kind is Kind.DATE:
        return (left - right).days
    return left - right if node.left.type.kind in NUMERIC else None


def _of_list(node: OverList, facts: Facts, telling: _Telling, id: str) -> Mapping[str, Any]:
    """Return the list's name, and a step for each element; of the first of an order only those have a body."""
    found = facts.each_of(node.source, node.variable) or []
    body = getattr(node, "body", None)
    if isinstance(node, OverMonths):
        months = window(facts.on, node.months)
        found = [of for of in found if (month := value(node.month, of)) is None or month.replace(day=1) in months]
    counting = (first_of(node, facts) or []) if isinstance(node, TotalOfFirst) else found
    return {
        "cells": tuple(sorted({str(value(node.month, of))[:7] for of in found}))
        if isinstance(node, OverMonths)
        else (),
        "name": node.source.name,
        "label_id": node.source.label_id,
        "members": tuple(
            MemberStep(
                each.bound[node.variable].place,
                None if node.condition is None else _told(node.condition, each, telling, below(id, 1)),
                None if body is None or each not in counting else _told(body, each, telling, below(id, 2)),
            )
            for each in found
        ),
    }


def _reason(node: Node, facts: Facts) -> str | None:
    """Return why the node itself is unknown, where no unknown part explains it."""
    match node:
        case HouseholdField() | MemberField():
            return "rules-reason-no-value"
        case OverList(source=source) if facts.elements(source) is None:
            return "rules-reason-list-unknown"
        case Count():
            return "rules-reason-uncertain-count"
        case Nothing():
            return "rules-reason-gap"
        case OverMonths():
            return "rules-reason-months" if missing_names(node, facts) else "rules-reason-too-large"
        case Total(way="min" | "max") | TotalOfFirst(way="min" | "max") if not missing_names(node, facts):
            return "rules-reason-nobody"
        case Total() | TotalOfFirst():
            return None if missing_names(node, facts) else "rules-reason-too-large"
        case Arithmetic(operator="/" | "%", right=right) if value(right, facts) == 0:
            return "rules-reason-zero-division"
        case RoundedTo(multiple=multiple) if (
            by := value(multiple, facts)
        ) is not None and not 1 <= by <= LARGEST_MULTIPLE:
            return "rules-reason-multiple"
    # Only these: the parts of what ranges over members have no value outside a member.
    known = type(node) in _REASONS and all(value(part, facts) is not None for part in node.parts)
    return _REASONS[type(node)] if known else None
