"""The reference engine: one unit, plain Python, nothing clever. The columnar engine is held to its answers.

Shape   a record in: {"household": {field: value}, "members": [{field: value}, …], "member": index or None};
        fields by their dictionary names, absent or None = unknown; `household.size` is counted from the members; a
        list under its name, as a list of mappings; relatives also as places of members, `"children": [2, 3]`
        for a rule about a group also "places": which of the members are the group's
Units   money in integer minor units, dates as `date`; `on` is the decision day, for ages and for parameters
Nulls   None is unknown: Kleene's logic; counts as intervals; sums over anything unknown are unknown (see model.nodes)
Errors  Refused: a record without members (`[]` is an empty home), a person rule without `member`, a group's rule without
        `places`, a parameter without a value on the day
"""

from datetime import date
from typing import Any

from amparo.rules.engines.reference import functions, lookups  # noqa: F401 - register functions, tables and models
from amparo.rules.engines.reference.facts import Facts, facts, given
from amparo.rules.engines.reference.missing import missing_names
from amparo.rules.engines.reference.values import value
from amparo.rules.model.rule import Decided, ProgrammeRule, Rule
from amparo.rules.parameters import Parameters

__all__ = ["Facts", "decide", "evaluate", "facts", "missing", "without_parameters"]


def evaluate(rule: Rule, record: dict[str, Any], *, on: date, parameters: Parameters) -> Any:
    """Return the rule's value for one unit: True, False, integer minor units, …, or None: unknown."""
    rule = rule.on(on)
    return value(rule.model, facts(rule, record, on, parameters))


def missing(rule: Rule, record: dict[str, Any], *, on: date, parameters: Parameters) -> tuple[str, ...]:
    """Return the sorted names of the fields that keep the rule's value unknown; empty when it is known."""
    rule = rule.on(on)
    return missing_names(rule.model, facts(rule, record, on, parameters))


def decide(programme: ProgrammeRule, record: dict[str, Any], *, on: date, parameters: Parameters) -> Decided:
    """Return what a programme's rule says of one unit: outcome, amount if granted, and what is missing."""
    programme = programme.on(on)
    known = facts(programme, record, on, parameters)
    outcome = value(programme.outcome.model, known)
    if outcome is None:
        return Decided(None, None, missing_names(programme.outcome.model, known))
    if not outcome or programme.amount is None:
        return Decided(outcome)
    amount = value(programme.amount.model, known)
    return Decided(True, amount, missing_names(programme.amount.model, known))


def without_parameters(rule: Rule, record: dict[str, Any], *, on: date) -> Any:
    """Return the rule's value while every parameter is unknown."""
    return value(rule.on(on).model, given(record, on, {}))
