"""What single change of one fact would alter a known outcome.

Each fact the rule reads is moved away from its value, in both directions in steps that double, until the outcome turns;
then halved back to the smallest step that turns it. A change is always verified by deciding again; of a rule that turns
more than once along the way, the nearest turn may be missed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from amparo.rules.engines.reference import evaluate
from amparo.rules.model.nodes import HouseholdField, MemberField, walk
from amparo.rules.model.rule import Rule
from amparo.rules.model.types import EXACT, Kind
from amparo.rules.parameters import Parameters

_FARTHEST = {Kind.INTEGER: 2**20, Kind.MONEY: 2**40, Kind.NUMBER: 2**40, Kind.DATE: 2**15}  # in steps
_NUMBER_STEP = 0.01

Field = HouseholdField | MemberField


@dataclass(frozen=True)
class Change:
    """If this fact, and nothing else, were `to` instead of `now`, the rule would answer `then`.

    `member`  the person's place in the record, None for a household's fact; `kind`, `unit` say how to write the values
    """

    grain: str
    member: int | None
    name: str
    label_id: str
    kind: str
    unit: str
    now: Any
    to: Any
    then: bool


def changes(rule: Rule, record: dict[str, Any], *, on: date, parameters: Parameters) -> tuple[Change, ...]:
    """Return at most two changes for each fact, one in each direction; none while the outcome is unknown."""
    if rule.gives != "boolean" or evaluate(rule, record, on=on, parameters=parameters) is None:
        return ()

    def answer(changed: dict[str, Any]) -> Any:
        return evaluate(rule, changed, on=on, parameters=parameters)

    outcome = answer(record)
    found: list[Change] = []
    for field, member in _facts(rule, record):
        now = _read(record, field, member)

        def turns(value: Any, field: Field = field, member: int | None = member) -> bool:
            return answer(_with(record, field, member, value)) is (not outcome)

        found.extend(_change(field, member, now, to, not outcome) for to in _turning(field, now, on, turns))
    return tuple(found)


def _change(field: Field, member: int | None, now: Any, to: Any, then: bool) -> Change:
    kind, unit = str(field.type.kind), str(field.type.unit)
    grain = "household" if member is None else "member"
    return Change(grain, member, field.name, field.label_id, kind, unit, now, to, then)


def _facts(rule: Rule, record: dict[str, Any]) -> Iterator[tuple[Field, int | None]]:
    """Yield every fact that the rule can read and that has a value: field, and the member it is of."""
    fields = {(type(node), node.name): node for node in walk(rule.model) if isinstance(node, Field)}
    variables = {(node.name, node.variable) for node in walk(rule.model) if isinstance(node, MemberField)}
    for field in fields.values():
        for member in _holders(field, variables, record):
            if _read(record, field, member) is not None:
                yield field, member


def _holders(field: Field, variables: set[tuple[str, str]], record: dict[str, Any]) -> Iterable[int | None]:
    if isinstance(field, HouseholdField):
        return [None]
    if any(name == field.name and variable != "member" for name, variable in variables):
        return record.get("places") or range(len(record["members"]))
    return [record["member"]]


def _read(record: dict[str, Any], field: Field, member: int | None) -> Any:
    holder = record.get("household") or {} if member is None else record["members"][member]
    return holder.get(field.name)


def _with(record: dict[str, Any], field: Field, member: int | None, value: Any) -> dict[str, Any]:
    if member is None:
        return {**record, "household": {**record["household"], field.name: value}}
    members = list(record["members"])
    members[member] = {**members[member], field.name: value}
    return {**record, "members": members}


def _turning(field: Field, now: Any, on: date, turns: Callable[[Any], bool]) -> Iterator[Any]:
    """Yield the nearest values found that turn the outcome."""
    kind = field.type.kind
    if kind in (Kind.BOOLEAN, Kind.CODE):
        options = [not now] if kind is Kind.BOOLEAN else field.type.codes
        yield from [each for each in options if each != now and turns(each)][:1]
    elif kind in _FARTHEST:
        for direction in (1, -1):
            moved = _moved(kind, now, direction, on)
            steps = _steps(partial(_turned, moved, turns), _FARTHEST[kind])
            yield from [] if steps is None else [moved(steps)]


def _turned(moved: Callable[[int], Any], turns: Callable[[Any], bool], steps: int) -> bool | None:
    """Return whether the outcome turns that many steps away; None beyond the values that make sense."""
    value = moved(steps)
    return None if value is None else turns(value)


def _moved(kind: Kind, now: Any, direction: int, on: date) -> Callable[[int], Any]:
    """Return steps → the value that many steps away; None for a negative amount, or a day yet to come."""

    def day(steps: int) -> date | None:
        try:
            moved = now + timedelta(days=direction * steps)
        except OverflowError:
            return None
        return moved if moved <= max(on, now) else None

    def number(steps: int) -> Any:
        moved = now + direction * steps if kind in EXACT else round(now + direction * steps * _NUMBER_STEP, 6)
        return moved if moved >= min(0, now) else None

    return day if kind is Kind.DATE else number


def _steps(turned: Callable[[int], bool | None], farthest: int) -> int | None:
    """Return the least number of steps found that turns the outcome; None when none does."""
    before, after = 0, 1
    while (answer := turned(after)) is False and after < farthest:
        before, after = after, after * 2
    if answer is None:
        after = _first(lambda steps: turned(steps) is None, before, after) - 1
        answer = after > before and turned(after)
    return _first(lambda steps: bool(turned(steps)), before, after) if answer else None


def _first(holds: Callable[[int], bool], before: int, after: int) -> int:
    """Return the first number for which it holds, between one for which it does not and one for which it does."""
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if holds(middle) else (middle, after)
    return after
