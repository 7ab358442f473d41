"""What this installation may claim today, row by row of the report's comparison, and what would make the rest true.

Shape   five claims, in the report's order
Nulls   a row that holds for nothing is not claimed; what is lacking is named for each programme or institution
Source  Barca, *Integrating data and information management for social protection*, executive summary: the table that compares
        social registries with integrated beneficiary registries; requirement ARC-2: computed from what flows, not from the mode
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from amparo.kernel.messages import Message, message
from amparo.programmes.queries import programmes_decided, programmes_enrolled, programmes_in_force
from amparo.programmes.types import FeedKind
from amparo.trust.modes import is_on, modes_with
from amparo.trust.types import Actor
from amparo.trust.types.modes import Part
from amparo.web.streams import Flowing, Kind, Words, lines, scheme_words


class Answer(StrEnum):
    """How far a row holds: `web-capability-answer-<value>`."""

    YES = "yes"
    SOME = "some"  # for what is named
    NO = "no"


@dataclass(frozen=True)
class Claim:
    """One row. `row`: the end of its message ids; `holds` for which programmes or institutions; `lacks` what it wants."""

    row: str
    holds: Sequence[Words]
    lacks: Sequence[Message]

    @property
    def answer(self) -> Answer:
        if not self.holds:
            return Answer.NO
        return Answer.SOME if self.lacks else Answer.YES


@dataclass(frozen=True)
class Live:
    """What claims rest on: what flows, and for which programmes run here it is decided and somebody is enrolled."""

    flowing: Flowing
    in_force: Sequence[str]
    decided: set[str]
    enrolled: set[str]


def live(flowing: Flowing, *, by: Actor) -> Live:
    return Live(flowing, programmes_in_force(flowing.on), programmes_decided(by=by), programmes_enrolled(by=by))


def claims(of: Live) -> list[Claim]:
    """Return the five rows. A row whose part is off in this mode is not claimed, whatever is in the database."""
    return [_claimed(row, part, find, of) for row, part, find in ROWS]


Found = tuple[list[Words], list[Message]]


def _claimed(row: str, part: Part, find: Callable[[Live], Found], of: Live) -> Claim:
    if not is_on(part):
        return Claim(row, (), (message("web-capability-lacks-part", part=part.words, modes=modes_with(part)),))
    holds, lacks = find(of)
    return Claim(row, holds, lacks)


def _overview(of: Live) -> Found:
    """Of which programmes it is seen who receives what: those whose own systems tell it."""
    if not _told(of):
        return [], [message("web-capability-lacks-feeds")]
    return (
        [scheme_words(scheme) for scheme, why in _told(of) if why is None],
        [why for _, why in _told(of) if why],
    )


def _eligibility(of: Live) -> Found:
    """For which programmes eligibility is decided in one process, on one record."""
    undecided = [each for each in of.in_force if each not in of.decided]
    lacks = [message("web-capability-lacks-decisions", programme=scheme_words(each)) for each in undecided]
    if len(of.in_force) < 2:  # across programmes needs two
        lacks.append(message("web-capability-lacks-programmes"))
    return [scheme_words(each) for each in of.in_force if each in of.decided], lacks


def _operations(of: Live) -> Found:
    """For which programmes what is done for people is seen together: run here, or told here."""
    holds, lacks = _overview(of)
    own = [scheme_words(each) for each in of.in_force if each in of.enrolled]
    nobody = [each for each in of.in_force if each not in of.enrolled]
    return [*own, *(each for each in holds if each not in own)], [
        *lacks,
        *(message("web-capability-lacks-enrolment", programme=scheme_words(each)) for each in nobody),
    ]


def _policy(of: Live) -> Found:
    """Whether all assistance and all insurance that the country names is linked: only then anything is claimed."""
    insured = set(of.flowing.profile.insurance)
    told = {scheme for scheme, why in _told(of) if why is None} | of.enrolled
    lacks = [why for _, why in _told(of) if why]
    if not _told(of):
        lacks.append(message("web-capability-lacks-feeds"))
    if not insured:
        lacks.append(message("web-capability-lacks-insurance"))
    return ([] if lacks else [scheme_words(each) for each in sorted(told)]), lacks


def _sectors(of: Live) -> Found:
    """Which other institutions are linked."""
    linked = [each for each in lines(of.flowing) if each.kind is Kind.SECTOR]
    lacks = [
        message("web-capability-lacks-link", institution=each.institution, ground=each.ground, why=each.why)
        for each in linked
        if each.why
    ]
    if not linked:
        lacks.append(message("web-capability-lacks-sectors"))
    return list(dict.fromkeys(each.institution for each in linked if each.is_live)), lacks


def _told(of: Live) -> list[tuple[str, Message | None]]:
    """Return each programme of whom another system may tell whom it pays, and what that wants; None where it is told."""
    feeds = [each for each in of.flowing.profile.feeds if each.kind is FeedKind.BENEFITS]
    return [(scheme, of.flowing.why_not(feed, scheme)) for feed in feeds for scheme in feed.schemes]


# The report's five rows, in its order: the part of Amparo that a row needs, and what finds for what it holds.
ROWS: tuple[tuple[str, Part, Callable[[Live], Found]], ...] = (
    ("overview", Part.FEEDS, _overview),
    ("eligibility", Part.ELIGIBILITY, _eligibility),
    ("operations", Part.OPERATIONS, _operations),
    ("policy", Part.FEEDS, _policy),
    ("sectors", Part.HOUSE, _sectors),
)
