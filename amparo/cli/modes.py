"""Which part of Amparo a command belongs to. One that stands in no row cannot be added (`cli.app`)."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from amparo.trust.modes import expect_on
from amparo.trust.types.modes import Part

P, R = ParamSpec("P"), TypeVar("R")
_HOUSE = """
    demo snapshot serve migrate message mock-ministry synth live bench audit dpia account keys notice profile retention rule
"""
# The first word of a command, or both of its words where these belong elsewhere → its part.
COMMANDS: dict[str, Part] = {
    **dict.fromkeys(_HOUSE.split(), Part.HOUSE),
    "import": Part.REGISTRATION,
    "round": Part.SOURCES,
    **dict.fromkeys(("determine", "explain", "run", "decisions"), Part.ELIGIBILITY),
    **dict.fromkeys(("programme feed", "programme retract", "programme overlaps", "programme coverage"), Part.FEEDS),
    **dict.fromkeys(("programme enrol", "programme gaps", "programme excluded"), Part.GAPS),
    **dict.fromkeys(("payment", "programme"), Part.OPERATIONS),
}


def part_of(command: str) -> Part:
    """Return the part of a command. Raises KeyError for one that was forgotten."""
    return COMMANDS.get(command) or COMMANDS[command.partition(" ")[0]]


def switched(part: Part, command: Callable[P, R]) -> Callable[P, R]:
    """Let a command refuse to begin while its part is off."""

    @wraps(command)
    def run(*args: P.args, **settings: P.kwargs) -> R:
        expect_on(part)
        return command(*args, **settings)

    run.part = part  # type: ignore[attr-defined]
    return run
