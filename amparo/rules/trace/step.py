"""One step of a trace: a part of the rule with its value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from amparo.rules.model.nodes import MEMBERS


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
                "between", "months_later", "calendar", "text", "signed", "round_to", "power", "months", "days_since"; of what the
                profile states "table", "score", "programme", with the steps that `trace.stated` tells, "points" and
                "weight" among them
    `operator`  of compare and arithmetic as written; of a default "used" where the field has no value; else the way:
                "round", "floor", "least", "sum", "months", "exp" …; or ""
    `text`      the words of the rule
    `value`     None when unknown; `ends` then holds (sure, possible) of an uncertain count and what is made of it
    `kind`, `unit`  of the value, to write it in a language; unrounded money is kind "number" in a money unit
    `distance`  of a comparison of numbers or dates (in days): left minus right; zero is exactly on the threshold
    `missing`   names of the fields that keep this step unknown
    `reason`    message id, where the step is unknown although all its parts are known, or a field has no value
    `name`, `grain`, `member`, `place`, `label_id`  of a field; `name`, `law`, `since` of a parameter, table, model
                or programme; `name`, `label_id` of a list. `member` is None of whoever is no member: then `place` says where the element stands
    `cells`     of months: those of the window of which something is known, as "2026-03";
                of a table or of points: the row that answers, as written, one cell for each part; empty where none is sure
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
    cells: tuple[str, ...] = ()
    members: tuple[MemberStep, ...] = ()
    parts: tuple["Step", ...] = ()


def unknown_fields(step: Step) -> Iterator[Step]:
    """Yield the fields without a value that keep a step unknown, each as often as it is read."""
    if step.value is not None:
        return
    if step.what == "field":
        yield step
    asked = (part for each in step.members for part in (each.condition, each.body) if part)
    for part in (*step.parts, *asked):
        yield from unknown_fields(part)


def below(id: str, number: int) -> str:
    """Return the id of a step's part."""
    return f"{id}.{number}" if id else str(number)
