"""One example: a rule, drawn homes and members, and the answers expected, as the last column says them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from inspect import cleandoc
from typing import Any

import pytest

from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message
from amparo.rules.model.rule import ProgrammeRule, Rule
from tests.lib.rules import drawing
from tests.lib.rules.engines import by_columns, by_reference
from tests.lib.rules.world import TODAY, rule

ANSWER, MISSING = "answer", "missing"
Values = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Example:
    text: str
    homes: str
    members: str = ""
    lists: str = ""
    on: date = TODAY
    gives: str = "boolean"

    @property
    def unit(self) -> str:
        return "household" if ANSWER in drawing.rows(self.homes)[0] else "person"

    @property
    def rule(self) -> Rule:
        return rule(self.text, unit=self.unit, gives=self.gives)

    @property
    def records(self) -> list[dict[str, Any]]:
        return list(drawing.records(self.homes, self.members, self.lists).values())

    def expected(self, column: str) -> list[str]:
        """Return the cells of a column of answers, household by household."""
        if self.unit == "household":
            return [row[column] for row in drawing.rows(self.homes)]
        homes = [row["home"] for row in drawing.rows(self.homes)]
        rows = sorted(drawing.rows(self.members), key=lambda row: homes.index(row["home"]))
        return [row[column] for row in rows]

    def has(self, column: str) -> bool:
        return column in drawing.rows(self.homes if self.unit == "household" else self.members)[0]


@dataclass(frozen=True)
class Refusal:
    """A text that is no rule."""

    text: str
    unit: str = "household"
    gives: str = "boolean"

    @property
    def message(self) -> Message:
        """Return the message with which the text is refused."""
        with pytest.raises(Refused) as refusal:
            rule(self.text, unit=self.unit, gives=self.gives)
        return refusal.value.message


class Spec:
    """What a test of the language calls: runs the example on one engine."""

    def __init__(self, engine: str, values: Values) -> None:
        self.engine, self.values = engine, values

    def __call__(self, text: str, homes: str, members: str = "", lists: str = "", **settings: Any) -> None:
        """Assert the answers that the tables draw, and what is missing where they have such a column."""
        example = Example(text, homes, members, lists, **settings)
        found = list(self.values(example.rule, example.records, on=example.on).values())
        assert found == [drawing.read(cell, example.gives) for cell in example.expected(ANSWER)]
        if example.has(MISSING):
            assert self._missing(example) == [tuple(cell.split()) for cell in example.expected(MISSING)]

    def refused(self, text: str, id: str, **settings: str) -> None:
        """Assert that the text is refused, with this message."""
        assert Refusal(text, **settings).message.id == id

    def _missing(self, example: Example) -> list[tuple[str, ...]]:
        decided = by_reference if self.engine == "reference" else by_columns
        found = decided({"p": ProgrammeRule(example.rule)}, example.records, on=example.on)["p"]
        return [each.missing for each in found.values()]


class Recorder:
    """Takes the place of Spec when the reference is written: notes what a test shows."""

    def __init__(self) -> None:
        self.shown: list[Example | Refusal] = []

    def __call__(self, text: str, homes: str, members: str = "", lists: str = "", **settings: Any) -> None:
        drawn = (cleandoc(each) for each in (text, homes, members, lists))
        self.shown.append(Example(*drawn, **settings))

    def refused(self, text: str, id: str, **settings: str) -> None:
        self.shown.append(Refusal(text, **settings))


def shown(test: Callable[[Recorder], None]) -> Sequence[Example | Refusal]:
    """Return what a test shows, without running it on an engine."""
    recorder = Recorder()
    test(recorder)
    return recorder.shown
