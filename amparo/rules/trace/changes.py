"""What single change of one fact would alter a known outcome.

Each fact the rule reads is moved away from its value, in both directions in steps that double, until the outcome turns;
then halved back to the smallest step that turns it. A change is always verified by deciding again; of a rule that turns
more than once along the way, the nearest turn may be missed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeGuard

from amparo.rules.engines.reference import evaluate
from amparo.rules.lower.names import plain
from amparo.rules.model.nodes import HOUSEHOLD, MEMBERS, AreaField
from amparo.rules.model.reads import MEMBER, Field, nodes_read
from amparo.rules.model.rule import Rule
from amparo.rules.model.types import EXACT, Kind
from amparo.rules.parameters import Parameters

_FARTHEST = {Kind.INTEGER: 2**20, Kind.MONEY: 2**40, Kind.NUMBER: 2**40, Kind.DATE: 2**15}  # in steps
_NUMBER_STEP = 0.01

_UNIT = "unit"

Place = tuple[Any, ...]  # keys from the record down to a household, a member or an element


@dataclass(frozen=True)
class Change:
    """If this fact, and nothing else, were `to` instead of `now`, the rule would answer `then`.

    `member`  the person's place in the record, None for a household's fact; `kind`, `unit` say how to write the values
    `place`   of an element of another list (a relative elsewhere, an item): where it stands; () of anybody else
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
    place: Place = ()

    @property
    def of_member(self) -> Place:
        """The place of the member whose fact it is; () of anybody else's."""
        return () if self.member is None else (MEMBERS, self.member)


def changes(rule: Rule, record: dict[str, Any], *, on: date, parameters: Parameters) -> tuple[Change, ...]:
    """Return at most two changes for each fact, one in each direction; none while the outcome is unknown."""
    if rule.gives != "boolean" or evaluate(rule, record, on=on, parameters=parameters) is None:
        return ()

    def answer(changed: dict[str, Any]) -> Any:
        return evaluate(rule, changed, on=on, parameters=parameters)

    outcome = answer(record)
    found: list[Change] = []
    for field, place in _facts(rule.on(on), record):
        now = _at(record, place)[field.name]

        def turns(value: Any, field: Field = field, place: Place = place) -> bool:
            return answer(_with(record, (*place, field.name), value)) is (not outcome)

        found.extend(_change(field, place, now, to, not outcome) for to in _turning(field, now, on, turns))
    return tuple(found)


def _change(field: Field, place: Place, now: Any, to: Any, then: bool) -> Change:
    kind, unit = str(field.type.kind), str(field.type.unit)
    grain = "household" if place == (HOUSEHOLD,) else "member"
    member = int(place[1]) if place[0] == MEMBERS and len(place) == 2 else None
    is_elsewhere = member is None and grain == "member"
    return Change(
        grain,
        member,
        field.name,
        field.label_id,
        kind,
        unit,
        now,
        to,
        then,
        place if is_elsewhere or len(place) > 2 else (),
    )


def _facts(rule: Rule, record: dict[str, Any]) -> Iterator[tuple[Field, Place]]:
    """Yield every fact that the rule can read and that has a value: field, and where the holder stands in the record.

    What is stated of the area is left out: it is nothing about the household that might be otherwise.
    """
    read = nodes_read(rule.model, {MEMBER: _UNIT, HOUSEHOLD: HOUSEHOLD})
    fields = {(path, node.name): node for path, node in read if _is_of_somebody(node)}
    held = {(place, name): node for (path, name), node in fields.items() for place in _holders(path.split("."), record)}
    for (place, name), node in held.items():
        if plain(name) == name and _at(record, place).get(name) is not None:
            yield node, place


def _is_of_somebody(node: Any) -> TypeGuard[Field]:
    return isinstance(node, Field) and not isinstance(node, AreaField)


def _holders(path: list[str], record: dict[str, Any]) -> list[Place]:
    """Return where the elements of a path stand, each once; a relative who is a member stands among the members."""
    if path[:-1]:
        of_each = [(place, path[-1]) for place in _holders(path[:-1], record)]
        return list(dict.fromkeys(each for place, name in of_each for each in _elements(record, place, name)))
    match path[0]:
        case "household":
            return [(HOUSEHOLD,)] if record.get(HOUSEHOLD) else []
        case "unit":
            return [(MEMBERS, record["member"])]
    places = record.get("places")
    return [(MEMBERS, place) for place in (range(len(record[MEMBERS])) if places is None else places)]


def _elements(record: dict[str, Any], place: Place, name: str) -> Iterator[Place]:
    for number, each in enumerate(_at(record, place).get(name) or ()):
        yield (MEMBERS, each) if isinstance(each, int) else (*place, name, number)


def _at(record: Any, place: Place) -> Any:
    for each in place:
        record = record[each]
    return record


def _with(record: Any, place: Place, value: Any) -> Any:
    """Return the record with a value in one place, everything on the way to it copied."""
    if not place:
        return value
    changed = list(record) if isinstance(record, list | tuple) else dict(record)
    changed[place[0]] = _with(record[place[0]] if len(place) > 1 else None, place[1:], value)  # type: ignore[index]
    return changed


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
