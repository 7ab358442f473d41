"""`household.?income.orValue(0)`: what counts where a field has no value, said in the rule and shown in its explanation."""

from amparo.rules.check.expressions import root, typed
from amparo.rules.check.scope import Scope, field_node
from amparo.rules.check.unify import united
from amparo.rules.model.functions import Default
from amparo.rules.model.nodes import HouseholdField, MemberField, Node
from amparo.rules.model.rule import RuleRefused
from amparo.rules.text import syntax


@typed.register
def _(written: syntax.Optional, scope: Scope) -> Node:
    raise RuleRefused("rules-optional-alone", written.name_place, field=written.name)


def or_value(written: syntax.Call, scope: Scope) -> Node:
    optional = written.of
    if not isinstance(optional, syntax.Optional):
        raise RuleRefused("rules-or-value", written.name_place)
    field = field_node(root(optional.of, scope), optional.name, optional.place, scope)
    if not isinstance(field, HouseholdField | MemberField):
        raise RuleRefused("rules-has-needs-field", optional.place)
    of, otherwise = united((field, typed(written.arguments[0], scope)), written.place, "orValue")
    if of is not field:
        raise RuleRefused("rules-or-value-whole", otherwise.place)
    return Default(field.type, written.place, field, otherwise)
