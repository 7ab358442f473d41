"""How much work a rule may ask for, known before anything runs.

Units   steps: one for each operation, and for each operation on a member MEMBERS
"""

from amparo.rules.model.nodes import NOWHERE, Node, OverMembers
from amparo.rules.model.rule import RuleRefused

MEMBERS = 50  # a household larger than this is rare enough not to matter for the cost
MOST_STEPS = 20_000


def cost(node: Node, members: int = 1) -> int:
    """Return the upper bound of steps to evaluate the node for one household of MEMBERS members."""
    below = members * (MEMBERS if isinstance(node, OverMembers) else 1)
    return members + sum(cost(part, below) for part in node.parts)


def affordable(node: Node) -> int:
    """Return the cost, or refuse a rule that is too costly."""
    steps = cost(node)
    if steps > MOST_STEPS:
        raise RuleRefused("rules-too-costly", NOWHERE, steps=steps, most=MOST_STEPS)
    return steps
