"""What flows into and out of this installation: one line for each system, source and agreement, drawn and in the table beside.

Shape   one `Line` for each; those that come in first
Nulls   `last` None: nothing has flowed so far
Source  requirements ARC-2 and ARC-3: who sends what to whom on what ground, read from agreements, feeds and last successes
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from amparo.intake.queries import delivered_last
from amparo.intake.types import SourceDelivered
from amparo.kernel.messages import Message, message
from amparo.profiles.types import Profile
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.queries import FeedHeard, feeds_heard
from amparo.sources.queries import connection_states
from amparo.sources.types import ConnectionState, Drafting
from amparo.trust.covering import Direction
from amparo.trust.grounds.flowing import Stream, streams
from amparo.trust.modes import is_on, modes_with
from amparo.trust.types import Actor
from amparo.trust.types.modes import Part
from amparo.web.presenting import worded

ADMINISTRATIVE = "administrative"
LINK_DAYS = 366  # a link over which nothing went for a year is none

Words = Message | str


class Kind(StrEnum):
    """Whose system it is, as the report classes them: `web-capability-kind-<value>`."""

    ASSISTANCE = "assistance"  # (a) a programme of social assistance
    INSURANCE = "insurance"  # (b) social insurance
    SECTOR = "sector"  # (c) any other institution
    OWN = "own"  # what the registry collects itself: a census, applications


@dataclass(frozen=True)
class Line:
    """One stream of data. `why`: what it wants for flowing; None where it flows."""

    institution: Words
    kind: Kind
    is_in: bool
    what: Words
    ground: Words
    door: Message
    last: date | None
    why: Message | None

    @property
    def is_live(self) -> bool:
        return self.why is None


@dataclass(frozen=True)
class Flowing:
    """What was read of the installation, once for the map and the claims."""

    profile: Profile
    heard: Sequence[FeedHeard]
    agreed: dict[str, Stream]
    delivered: dict[str, SourceDelivered]
    asked: Sequence[ConnectionState]
    on: date

    def told(self, feed: FeedConfig, scheme: str) -> FeedHeard | None:
        """Return what a system told last of one of its programmes; None: nothing that stands."""
        found = [each for each in self.heard if each.feed == feed.code and each.scheme in (scheme, None)]
        return max(found, key=lambda each: each.day, default=None)

    def why_not(self, feed: FeedConfig, scheme: str) -> Message | None:
        """Return what a programme of a system wants for being told of; None where it is."""
        named = {"programme": scheme_words(scheme), "system": worded(f"feed-{feed.code}", feed.code)}
        if feed.agreement and not (feed.agreement in self.agreed and self.agreed[feed.agreement].is_open):
            return message("web-capability-lacks-agreement", **named, agreement=agreement_words(feed.agreement))
        last = self.told(feed, scheme)
        if last is None:
            return message("web-capability-lacks-delivery", **named)
        return None if last.is_fresh else message("web-capability-lacks-newer", **named, day=last.day)


def flowing(profile: Profile, *, by: Actor, on: date) -> Flowing:
    return Flowing(
        profile,
        feeds_heard(by=by, on=on),
        {each.code: each for each in streams(by=by, on=on)},
        delivered_last(by=by),
        [each for each in connection_states(by=by) if each.drafting is not Drafting.DRAFTED],
        on,
    )


def lines(of: Flowing) -> list[Line]:
    """Return every stream, what comes in first, the live before the others."""
    found = [*_of_feeds(of), *_of_connections(of), *_of_agreements(of), *_of_sources(of)]
    return sorted(found, key=lambda each: (not each.is_in, not each.is_live, list(Kind).index(each.kind)))


def _of_feeds(of: Flowing) -> Iterator[Line]:
    insured = set(of.profile.insurance)
    for feed in of.profile.feeds:
        told = [each for each in (of.told(feed, scheme) for scheme in feed.schemes) if each]
        lacking = [of.why_not(feed, scheme) for scheme in feed.schemes]
        agreement = of.agreed.get(feed.agreement)
        yield Line(
            institution=worded(f"feed-{feed.code}", feed.code),
            kind=Kind.INSURANCE if insured & set(feed.schemes) else Kind.ASSISTANCE,
            is_in=True,
            what=message("web-capability-tells", programmes=[scheme_words(each) for each in feed.schemes]),
            ground=_law(agreement) if agreement else message("web-capability-ground-operator"),
            door=_door(agreement),
            last=max((each.day for each in told), default=None),
            why=None if None in lacking else lacking[0],
        )


def _of_connections(of: Flowing) -> Iterator[Line]:
    for each in of.asked:
        connection, agreement = each.connection, of.agreed.get(each.connection.agreement)
        yield Line(
            institution=worded(f"source-{connection.source}", connection.source),
            kind=Kind.SECTOR,
            is_in=True,
            what=message("web-capability-answers", fields=len(connection.attributes)),
            ground=_law(agreement) if agreement else agreement_words(connection.agreement),
            door=message("web-capability-door-asked"),
            last=each.last_success_at.date() if each.last_success_at else None,
            why=why_not_asked(each, agreement, of.on),
        )


def _of_agreements(of: Flowing) -> Iterator[Line]:
    elsewhere = {each.agreement for each in of.profile.feeds} | {each.connection.agreement for each in of.asked}
    for each in of.agreed.values():
        if each.code not in elsewhere:
            yield Line(
                institution=worded(each.partner, each.partner),
                kind=Kind.SECTOR,
                is_in=each.direction is Direction.IN,
                what=message("web-capability-hands-over", fields=each.fields, identifiers=each.identifiers),
                ground=_law(each),
                door=_door(each),
                last=each.last.date() if each.last else None,
                why=why_not_linked(each, of.on),
            )


def _of_sources(of: Flowing) -> Iterator[Line]:
    others = {each.code for each in of.profile.sources if each.kind == ADMINISTRATIVE}
    for code, last in of.delivered.items():
        if last.agreement not in of.agreed:
            yield Line(
                institution=worded(f"source-{code}", code),
                kind=Kind.SECTOR if code in others else Kind.OWN,
                is_in=True,
                what=message("web-capability-records"),
                ground=worded(f"purpose-{last.purpose}", last.purpose),
                door=message("web-capability-door-file"),
                last=last.at.date(),
                why=None if (of.on - last.at.date()).days <= LINK_DAYS else message("web-capability-lacks-recent"),
            )


def why_not_linked(agreement: Stream, on: date) -> Message | None:
    """Return what an agreement wants for being a link between two programs; None where it is one."""
    if not agreement.is_open:
        return message("web-capability-lacks-force")
    if not agreement.machines:
        return message("web-capability-lacks-machine")
    if agreement.last is None:
        return message("web-capability-lacks-exchange")
    return None if (on - agreement.last.date()).days <= LINK_DAYS else message("web-capability-lacks-recent")


def why_not_asked(state: ConnectionState, agreement: Stream | None, on: date) -> Message | None:
    """Return what a database that is asked wants for being a link; None where it answered within the year."""
    if not is_on(Part.SOURCES):
        return message("web-capability-lacks-part", part=Part.SOURCES.words, modes=modes_with(Part.SOURCES))
    if agreement is None or not agreement.is_open:
        return message("web-capability-lacks-force")
    if state.last_success_at is None:
        return message("web-capability-lacks-answer")
    return None if (on - state.last_success_at.date()).days <= LINK_DAYS else message("web-capability-lacks-recent")


def _door(agreement: Stream | None) -> Message:
    return message("web-capability-door-machine" if agreement and agreement.machines else "web-capability-door-file")


def _law(agreement: Stream) -> Message:
    law = worded(agreement.legal_basis, agreement.legal_basis)
    return message("web-capability-ground-agreement", agreement=agreement_words(agreement.code), law=law)


def agreement_words(code: str) -> Words:
    return worded(f"agreement-{code}", code)


def scheme_words(code: str) -> Words:
    """Return the words of a programme that is run here, or of one that another system tells of."""
    return worded(f"programme-{code}", "") or worded(f"scheme-{code}", code)
