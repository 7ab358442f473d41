"""A rule must not be true of somebody about whom nothing is known.

Source  the idea of ehrQL's population validation: who is meant must be known positively
"""

from datetime import date
from itertools import chain

from amparo.kernel.errors import Refused
from amparo.rules.engines.reference import evaluate, without_parameters
from amparo.rules.model.rule import PERSON_UNIT, Rule, RuleRefused
from amparo.rules.parameters import Parameters

_LATEST = date.max  # the age of somebody without a birth date does not depend on the day


def refuse_if_true_of_blank(rule: Rule, parameters: Parameters) -> Rule:
    """Return the rule unless it grants to the unknown, with any of its parameters' past, present or future values.

    The blank household has no members and no value in any field; the blank person is alone in such a household. Where a
    parameter has no value yet, it counts as unknown.
    """
    stated = {first for each in rule.stated for first, _ in each.days}
    days = sorted({*parameters.days_of_change(rule.parameters), *stated}) or [_LATEST]
    record = blank(rule.unit)
    tries = (evaluate(rule, record, on=day, parameters=parameters) for day in days if _complete(rule, parameters, day))
    bare = (without_parameters(rule, record, on=day) for day in [*days, _LATEST] if _is_stated(rule, day))
    if any(value is True for value in chain(tries, bare)):
        raise RuleRefused("rules-true-of-blank", rule.model.place)
    return rule


def blank(unit: str) -> dict:
    """Return the record of a unit about which nothing is known."""
    if unit == PERSON_UNIT:
        return {"household": {}, "members": [{}], "member": 0, "places": [0]}
    return {"household": {}, "members": [], "places": []}


def _complete(rule: Rule, parameters: Parameters, day: date) -> bool:
    return _is_stated(rule, day) and all(name in parameters.on(day) for name in rule.on(day).parameters)


def _is_stated(rule: Rule, day: date) -> bool:
    """Whether a version of everything that the rule refers to holds on the day."""
    try:
        return rule.on(day) is not None
    except Refused:
        return False
