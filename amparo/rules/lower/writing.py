"""How long a node is once an engine has written it in SQL, where what is used twice is written twice.

Units   nodes. A part longer than LONG is reckoned once and named (engines.columnar.once), so that depth only adds up.
        The two ends of an interval are not, since each is made of both: there depth multiplies.
        A sum that cannot overflow copies nothing, nor does a positive factor
"""

from functools import lru_cache

from amparo.rules.lower.bounds import may_overflow
from amparo.rules.lower.intervals import is_interval
from amparo.rules.model.functions import MonthsLater, RoundedTo
from amparo.rules.model.lookups import Lookup, Stated
from amparo.rules.model.nodes import Arithmetic, AsNumber, Literal, Node, OverList, Rounded

LONG = 40  # copies of what is shorter do no harm, and naming a value costs a little time in every row
_COPIES = 4  # the most that an ordinary expression writes of one part
_COPIES_OF: dict[type[Node], int] = {Rounded: 8, RoundedTo: 12, MonthsLater: 20}
_COPIES_OF_INTERVAL = 5  # measured: each level of arithmetic makes the text four to five times as long
_COPIES_IN_ROW = 3  # a row of a table asks its inputs: is it the one, may it be, and once more for what is unknown


@lru_cache(maxsize=4096)
def written(node: Node, are_made: bool = False) -> int:
    """Return about how many nodes stand in the place of this one, its copies included.

    `are_made`: an earlier stage makes the look-ups columns, as it does of a unit but not of each element of a list.
    """
    if not node.parts or isinstance(node, OverList):  # asked of a list: made by an earlier stage
        return 1
    if isinstance(node, Stated):  # one version holds at a time
        return max(written(each, are_made) for each in node.versions)
    if isinstance(node, Lookup):
        return 1 if are_made else _rows(node)
    sizes, copies = [written(each, are_made) for each in node.parts], _COPIES_OF.get(type(node), _COPIES)
    if copies_nothing(node):
        return 1 + sum(sizes)
    if is_interval(node):
        return 1 + sum(size * _COPIES_OF_INTERVAL for size in sizes)
    return 1 + sum(size * copies if size <= LONG else size for size in sizes)


def copies_nothing(node: Node) -> bool:
    """Whether each operand is written once, for a value and for either end of an interval."""
    if not isinstance(node, Arithmetic):
        return isinstance(node, AsNumber)
    is_plain = node.operator in "+-" or (node.operator in "*/" and _is_positive(node.right))
    return (is_plain or (node.operator == "*" and _is_positive(node.left))) and not may_overflow(node)


def _is_positive(node: Node) -> bool:
    return isinstance(node, Literal) and node.value > 0


def _rows(node: Lookup) -> int:
    asked, answers = (sum(map(written, each)) for each in (node.inputs, node.values))
    is_named = asked * len(node.rows) > LONG  # the rows then ask a name; the inputs stand there once for either end
    copies = len(node.rows) * _COPIES_IN_ROW * (len(node.inputs) if is_named else asked)
    return 1 + copies + (2 * asked if is_named else 0) + _COPIES * answers
