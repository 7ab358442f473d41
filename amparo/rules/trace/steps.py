"""Every step of a rule with its value, as one tree that mirrors the model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from amparo.rules.engines.reference.facts import Facts
from amparo.rules.engines.reference.lists import first_of
from amparo.rules.engines.reference.missing import missing_names
from amparo.rules.engines.reference.values import interval, value
from amparo.rules.lower.intervals import is_interval
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
from amparo.rules.model.nodes import (
    MEMBERS,
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

_WHAT: dict[type[Node], str] = {
    Literal: "literal",
    ParameterValue: "parameter",
    Size: "size",
    HouseholdField: "field",
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
class MemberStep:
    """One element: whether the condition holds, and the value that counts if it does.

    `place`  where it stands in the record: `("members", 2)`; of a relative elsewhere, `("members", 2, "parents", 0)`
    """

    place: tuple[str | int, ...]
    condition: "Step | None"
    body: "Step | None"

    @property
    def index(self) -> int | None:
        """The place of a member among the members; None of whatever is no member."""
        return member_place(self.place)


def member_place(place: tuple[str | int, ...]) -> int | None:
    """Return the place of a member; None of whatever else stands there."""
    return int(place[1]) if len(place) == 2 and place[0] == MEMBERS else None


@dataclass(frozen=True)
class Step:
    """One step.

    `id`        its place in the rule: "2.1" is the first part of the second part; "" is the whole rule
    `what`      "field", "parameter", "literal", "size", "has", "not", "and", "or", "compare", "in", "if", "arithmetic",
                "round", "extreme", "age", "count", "exists", "exists_one", "all", "total", "default", "decision_day",
                "between", "months_later", "calendar", "text", "signed", "round_to", "power", "months", "days_since"
    `operator`  of compare and arithmetic as written; of a default "used" where the field has no value; else the way:
                "round", "floor", "least", "sum", "months", "exp" …; or ""
    `text`      the words of the rule
    `value`     None when unknown; `ends` then holds (sure, possible) of an uncertain count and what is made of it
    `kind`, `unit`  of the value, to write it in a language; unrounded money is kind "number" in a money unit
    `distance`  of a comparison of numbers or dates (in days): left minus right; zero is exactly on the threshold
    `missing`   names of the fields that keep this step unknown
    `reason`    message id, where the step is unknown although all its parts are known, or a field has no value
    `name`, `grain`, `member`, `place`, `label_id`  of a field; `name`, `law`, `since` of a parameter; `name`, `label_id`
                of a list. `member` is None of whoever is no member: then `place` says where the element stands
    """

    id: str
    what: str
    text: str
    value: Any
    kind: str
    unit: str
    operator: str = ""
    ends: tuple[Any, Any] | None = None
    distance: float | None = None
    missing: tuple[str, ...] = ()
    reason: str | None = None
    name: str | None = None
    grain: str | None = None
    member: int | None = None
    place: tuple[str | int, ...] = ()
    label_id: str | None = None
    law: str | None = None
    since: date | None = None
    members: tuple[MemberStep, ...] = ()
    parts: tuple["Step", ...] = ()


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
    found = value(node, facts)
    step = Step(
        id=id,
        what=_WHAT[type(node)],
        text=telling.text[node.place.start : node.place.end],
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
    return tuple(_told(part, facts, telling, _below(id, number)) for number, part in enumerate(parts, 1))


def _branch_taken(node: If, facts: Facts) -> tuple[Node, ...]:
    condition = value(node.condition, facts)
    return (node.condition, *([] if condition is None else [node.then if condition else node.otherwise]))


def _is_used(node: Default, facts: Facts) -> bool:
    return value(node.of, facts) is None


def _below(id: str, number: int) -> str:
    return f"{id}.{number}" if id else str(number)


def _particulars(node: Node, facts: Facts, telling: _Telling, id: str) -> Mapping[str, Any]:
    match node:
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
    counting = (first_of(node, facts) or []) if isinstance(node, TotalOfFirst) else found
    return {
        "name": node.source.name,
        "label_id": node.source.label_id,
        "members": tuple(
            MemberStep(
                each.bound[node.variable].place,
                None if node.condition is None else _told(node.condition, each, telling, _below(id, 1)),
                None if body is None or each not in counting else _told(body, each, telling, _below(id, 2)),
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
