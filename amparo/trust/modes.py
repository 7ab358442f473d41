"""The mode of this installation, and whether it serves a part. Asked at every door and never of the data itself.

Jobs carry their part as the name of their queue: those of a part that is off wait there, and run once it is on again.
"""

import os

from amparo.kernel.errors import NotFound, Refused
from amparo.trust.types.modes import SERVES, Mode, Part

# The queues of jobs that run in every mode.
ALWAYS = ("bulk", "seal")


def mode() -> Mode:
    """Return what this installation is run as. Raises Refused for a word that is no mode."""
    named = os.environ.get("AMPARO_MODE") or Mode.ALL.value
    try:
        return Mode(named)
    except ValueError:
        raise Refused("trust-mode-unknown", mode=named, known=[each.value for each in Mode]) from None


def is_on(part: Part | None) -> bool:
    """Whether a part is served. What belongs to no part is not."""
    return part in SERVES[mode()]


def expect_on(part: Part | None) -> None:
    """Raise NotFound where a part is not served here."""
    if part is None:
        raise NotFound("trust-part-unknown")
    if not is_on(part):
        raise NotFound("trust-part-off", part=part.words, mode=mode().value, modes=modes_with(part))


def modes_with(part: Part) -> list[str]:
    return [each.value for each, parts in SERVES.items() if part in parts]


def part_of_queue(queue: str) -> Part | None:
    """Return the part whose jobs wait in a queue; None for a queue that is nobody's."""
    if queue in ALWAYS:
        return Part.HOUSE
    return Part(queue) if queue in set(Part) - {Part.HOUSE} else None


def queues() -> list[str]:
    """Return the queues whose jobs run in this mode."""
    return [*ALWAYS, *(each.value for each in Part if each is not Part.HOUSE and is_on(each))]
