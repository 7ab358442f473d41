"""Why a rule says what it says of one unit: every step with its value, what is missing, what would change the answer.

Language-free: values with kind and unit, names with label ids, and message ids; pages and the command line put it into
words. The source and day of a fact are known to whoever read the record: they join them by grain, field and member.

    explain(rule, record, on=…, parameters=…) -> Trace

Shape   a record as the reference engine takes it in; a tree of steps out, one for each part of the rule as written
Units   each value in the kind and unit its step names: money in minor units, unrounded money as a double of these
Nulls   the value of an unknown step is None; `missing` names the fields, `reason` says why where no field is missing
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from amparo.rules.engines.reference import facts, missing
from amparo.rules.model.rule import Rule
from amparo.rules.parameters import Parameters
from amparo.rules.trace.changes import Change, changes
from amparo.rules.trace.step import MemberStep, Step
from amparo.rules.trace.steps import explained
from amparo.rules.trace.turns import in_turn, turn_of

__all__ = ["Change", "MemberStep", "Step", "Trace", "explain"]


@dataclass(frozen=True)
class Trace:
    """`value`: the answer; `root`: the step that gives it; `missing`: sorted names of the fields that keep it unknown.

    `changes`  for each single fact that could alter a known outcome by itself, the smallest change found that does
    """

    value: Any
    root: Step
    missing: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def clauses(self) -> tuple[Step, ...]:
        """The steps that must all hold: the parts of the rule's outermost `&&`, or the rule itself."""
        return self.root.parts if self.root.what == "and" else (self.root,)

    def in_turn(self, turns: Sequence[int]) -> "Trace":
        """Return the same, told of the members in another order: their places, in turn."""
        turn = turn_of(turns)
        changes = sorted(self.changes, key=lambda each: turn(each.place or each.of_member))
        return replace(self, root=in_turn(self.root, turn), changes=tuple(changes))


def explain(rule: Rule, record: dict[str, Any], *, on: date, parameters: Parameters) -> Trace:
    """Return why the rule says what it says; refuses the same records as the reference engine."""
    rule = rule.on(on)
    given = facts(rule, record, on, parameters)
    root = explained(rule.model, given, rule.text, parameters.on(on))
    lacking = missing(rule, record, on=on, parameters=parameters)
    return Trace(root.value, root, lacking, changes(rule, record, on=on, parameters=parameters))
