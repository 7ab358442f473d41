"""How long a node is once an engine has written it in SQL, where what is used twice is written twice.

Units   nodes. A part longer than LONG is reckoned once and named (engines.columnar.once), so that depth only adds up.
        The two ends of an interval are not, since each is made of both: there depth multiplies
"""

from functools import lru_cache

from amparo.rules.lower.intervals import is_interval
from amparo.rules.model.functions import MonthsLater, RoundedTo
from amparo.rules.model.nodes import Node, OverList, Rounded

LONG = 40  # copies of what is shorter do no harm, and naming a value costs a little time in every row
_COPIES = 4  # the most that an ordinary expression writes of one part
_COPIES_OF: dict[type[Node], int] = {Rounded: 8, RoundedTo: 12, MonthsLater: 20}
_COPIES_OF_INTERVAL = 5  # measured: each level of arithmetic makes the text four to five times as long


@lru_cache(maxsize=4096)
def written(node: Node) -> int:
    """Return about how many nodes stand in the place of this one, its copies included."""
    if not node.parts:
        return 1
    if isinstance(node, OverList):  # made by an earlier stage
        return 1
    sizes, copies = map(written, node.parts), _COPIES_OF.get(type(node), _COPIES)
    if is_interval(node):
        return 1 + sum(size * _COPIES_OF_INTERVAL for size in sizes)
    return 1 + sum(size * copies if size <= LONG else size for size in sizes)
