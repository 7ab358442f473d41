"""How much work a rule may ask for, known before anything runs.

Units   steps: one for each operation, some for a function that does more, and for each step on the elements of a list as
        many as it may have
"""

from amparo.rules.lower.intervals import is_interval
from amparo.rules.lower.writing import written
from amparo.rules.model.functions import MonthsLater, Power, RoundedTo
from amparo.rules.model.nodes import Node, OverList, walk
from amparo.rules.model.rule import RuleRefused

MOST_MEMBERS = 50  # a household larger than this is rare enough not to matter for the cost
MOST_NESTED = 3  # lists asked within one another: members, their children, what the children hold
MOST_STEPS = 20_000
MOST_WRITTEN = 2_000  # nodes of arithmetic with an uncertain count: at most four levels of it
_STEPS: dict[type[Node], int] = {Power: 40, MonthsLater: 10, RoundedTo: 10}


def cost(node: Node, times: int = 1) -> int:
    """Return the upper bound of steps to evaluate the node for one household of MOST_MEMBERS members."""
    below = times * (node.source.most if isinstance(node, OverList) else 1)
    return times * _STEPS.get(type(node), 1) + sum(cost(part, below) for part in node.parts)


def affordable(node: Node) -> int:
    """Return the cost, or refuse a rule that is too costly to run, or even to write out for a database."""
    steps = cost(node)
    if steps > MOST_STEPS:
        raise RuleRefused("rules-too-costly", node.place, steps=steps, most=MOST_STEPS)
    for each in filter(is_interval, walk(node)):
        if written(each) > MOST_WRITTEN:
            raise RuleRefused("rules-count-deep", each.place)
    return steps
