"""Text → checked rule. What is refused here can never be run.

    check(text, catalogue, parameters, unit="household", gives="boolean", of_group=False) -> Rule

Errors  RuleRefused, with line and column from 1 in its values, for text that is no rule of the language, unknown names,
        wrong types, units or grain, too much work, or a rule that is true of a unit about which nothing is known
"""

from amparo.kernel.messages import message
from amparo.rules.catalogue import Catalogue
from amparo.rules.check import functions, selections  # noqa: F401 - register how calls and fields are typed
from amparo.rules.check.blank import refuse_if_true_of_blank
from amparo.rules.check.expressions import typed
from amparo.rules.check.limits import affordable
from amparo.rules.check.scope import Scope
from amparo.rules.check.unify import described, wanted
from amparo.rules.model.nodes import Literal, Node
from amparo.rules.model.rule import HOUSEHOLD_UNIT, Rule, RuleRefused
from amparo.rules.model.types import ORDERED, Kind
from amparo.rules.parameters import Parameters
from amparo.rules.text.parser import parse

__all__ = ["RuleRefused", "check", "refuse_if_true_of_blank"]

ORDER = "order"


def check(
    text: str,
    catalogue: Catalogue,
    parameters: Parameters,
    unit: str = HOUSEHOLD_UNIT,
    gives: str = "boolean",
    *,
    of_group: bool = False,
) -> Rule:
    """Return the rule, or raise RuleRefused.

    `unit`   whom the rule decides about: "household", or "person" (then `member` is that person)
    `gives`  "boolean", or "money": exact minor units, so money that was divided must be rounded; or "order": anything
             that has an order, as a ranking needs it
    `of_group`  `members` are those of a family or couple inside the household; `household.size` still counts them all
    """
    model = _given(typed(parse(text), Scope(catalogue, parameters, unit, of_group=of_group)), gives)
    rule = Rule(text, model, unit, gives, affordable(model), of_group)
    return refuse_if_true_of_blank(rule, parameters) if gives == "boolean" else rule


def _given(model: Node, gives: str) -> Node:
    if gives == ORDER:
        return wanted(model, Kind.BOOLEAN, *ORDERED, operation="ranking")
    if model.type.is_unrounded_money and gives == "money":
        raise RuleRefused("rules-money-unrounded", model.place, operation="=")
    if model.type.kind != gives or (gives == "money" and isinstance(model, Literal)):
        expected = message(f"rules-kind-{gives}")
        raise RuleRefused("rules-gives", model.place, found=described(model.type), expected=expected)
    return model
