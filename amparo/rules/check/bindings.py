"""`cel.bind(income, value, …)`: a name for a value that a rule needs more than once, as CEL's extension has it.

The value stands wherever its name does, as if it were written there; so engines and explanations know nothing of names.

Nulls   as the value's own: a name for what is unknown is unknown
Errors  RuleRefused: a name that is taken; a value so long that rules of a few lines could grow without bound; one that asks
        a list, named outside a question to another list and used within it
"""

from dataclasses import replace

from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Bound, Scope
from amparo.rules.model.nodes import Node, walk
from amparo.rules.model.rule import RuleRefused
from amparo.rules.text import syntax

MOST_NODES = 200


def bound(written: syntax.Call, scope: Scope) -> Node:
    """Return the last argument, in which the name stands for the value."""
    if written.name != "bind":
        raise RuleRefused(
            "rules-function-unknown", written.name_place, function=f"cel.{written.name}", known=["cel.bind"]
        )
    name, *rest = written.arguments or (None,)
    if not isinstance(name, syntax.Name) or len(rest) != 2:
        raise RuleRefused("rules-bind-arguments", written.name_place)
    value, body = rest
    if name.name in scope.taken:
        raise RuleRefused("rules-variable-taken", name.place, name=name.name)
    node = typed(value, scope)
    if (nodes := sum(1 for _ in walk(node))) > MOST_NODES:
        raise RuleRefused("rules-bind-long", value.place, name=name.name, found=nodes, most=MOST_NODES)
    return typed(body, replace(scope, bound={**scope.bound, name.name: Bound(node, frozenset(scope.variables))}))
