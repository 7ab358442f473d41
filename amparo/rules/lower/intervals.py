"""Where an uncertain count stays an interval [sure, possible], and where it must become one value or unknown.

An interval survives +, -, multiplication and division by a certain value, conversion to a double, and caps: of at most
three children, three are certain when three are sure. So does a number that a table answers, which lies between the least and
the greatest of its possible rows. A comparison is decided when it has one answer for the whole
interval. Anything else takes an uncertain count as unknown.
"""

from amparo.rules.model.lookups import Lookup, Stated
from amparo.rules.model.nodes import Arithmetic, AsNumber, Count, Extreme, Node

_MAY_BE = (Count, AsNumber, Extreme, Arithmetic, Lookup, Stated)


def is_interval(node: Node) -> bool:
    """Return whether the node's value may be an interval."""
    if not isinstance(node, _MAY_BE):
        return False
    match node:
        case Count():
            return True
        case Lookup(type=type):
            return type.is_numeric
        case Stated(versions=versions):  # of the day: one version, see `Rule.on`
            return is_interval(versions[0])
        case AsNumber(of=of):
            return is_interval(of)
        case Extreme(of=of):
            return any(map(is_interval, of))
        case Arithmetic(operator="+" | "-", left=left, right=right):
            return is_interval(left) or is_interval(right)
        case Arithmetic(operator="*", left=left, right=right):
            return is_interval(left) != is_interval(right)
        case Arithmetic(operator="/", left=left, right=right):
            return is_interval(left) and not is_interval(right)
    return False
