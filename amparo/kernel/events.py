"""Events announce what has happened to whoever above wants to react, inside the same transaction.

`project` wires reactions at start; a package that announces an event knows nobody who listens.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_reactions: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def react(event: type, reaction: Callable[[Any], None]) -> None:
    """Call `reaction` with each event of this type from now on; registering it twice counts once."""
    if reaction not in _reactions[event]:
        _reactions[event].append(reaction)


def announce(event: Any) -> None:
    """Tell every reaction, in the order they were wired. An error in one undoes the transaction of all."""
    for reaction in _reactions[type(event)]:
        reaction(event)
