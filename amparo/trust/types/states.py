"""In which state a record is read by which role, where the state matters. Whoever stands in no line below reads none."""

from collections.abc import Mapping
from enum import StrEnum

from amparo.kernel.messages import Message, message
from amparo.trust.types.roles import Role


class Standing(StrEnum):
    """How a record stands: whether life goes on in it, and whether a decision does."""

    LIVE = "live"  # a household, or a person who lives
    ENDED = "ended"  # a household that is none any more
    DECEASED = "deceased"
    IN_EFFECT = "in-effect"
    PROPOSED = "proposed"  # for the worse, and not in effect before the day of its notice
    REVIEW = "review"
    SUPERSEDED = "superseded"  # a decision whose place another has taken

    @property
    def words(self) -> Message:
        return message(f"trust-standing-{self.value}")


_AT_WORK = frozenset({Standing.LIVE, Standing.IN_EFFECT, Standing.PROPOSED, Standing.REVIEW})

# What is over is history: officers keep that of decisions, which they must explain, and who oversees them all of it.
SEES: Mapping[Role, frozenset[Standing]] = {
    Role.OFFICER: _AT_WORK | {Standing.SUPERSEDED},
    Role.SUPERVISOR: frozenset(Standing),
    Role.REGISTRY_MANAGER: frozenset(Standing),
    Role.PROTECTION_OFFICER: _AT_WORK | {Standing.SUPERSEDED},
    Role.PROGRAMME_MANAGER: _AT_WORK,
    Role.APPEALS_OFFICER: frozenset(Standing),  # what was appealed is often overtaken by now
}
