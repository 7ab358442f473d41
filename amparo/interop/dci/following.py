"""What a subscription is about, as its agreement stands now: read anew at each event, so that nothing outlives what covers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

from amparo.dci.codes import QueryType, RecordType, Registry, SubscribeReason, Wrong
from amparo.dci.searching import identified, query_of
from amparo.dci.subscribing import EventType, Subscribed, as_of_subscription, subscribed
from amparo.interop.dci import vocabulary
from amparo.interop.dci.asking import Under
from amparo.kernel import clock
from amparo.programmes import lent
from amparo.registry.dictionary import Dictionary
from amparo.registry.followed import Follows, What
from amparo.registry.lent import DIED
from amparo.trust.actions.exchanging import NotCovered
from amparo.trust.covering import Covered, Refusal, Terms, covers
from amparo.trust.machines.subscriptions import criteria_of

WHATS = {
    EventType.REGISTER: What.REGISTERED,
    EventType.UPDATE: What.CHANGED,
    EventType.DEATH: What.DIED,
    EventType.NEW_MEMBER: What.JOINED,
    EventType.ENROLLED: What.ENROLLED,
    EventType.STATUS_CHANGED: What.STANDING,
}
_STANDING = {What.ENROLLED: lent.ENROLLED, What.STANDING: lent.STANDING}
# Of homes it is told that they were registered, and that what is known of them changed; all else is of a person.
_OF_HOMES = (EventType.REGISTER, EventType.UPDATE)


@dataclass(frozen=True)
class About:
    """What a subscription is about, in the country's own words. `follows`: whom to look for; `type`: what a record of them is."""

    subscribed: Subscribed
    registry: Registry
    type: RecordType
    follows: Follows
    words: Dictionary

    @property
    def is_of_dead(self) -> bool:
        return self.follows.what is What.DIED


def about(row: Any, ground: Under, words: Dictionary) -> About:
    """Return what a subscription is about under an agreement. Raises Wrong, or NotCovered where it lets nothing out today."""
    return read(criteria_of(row), ground, words, registry=Registry(row.registry), row=row)


def read(
    criteria: Mapping[str, Any], ground: Under, words: Dictionary, *, registry: Registry, row: Any = None
) -> About:
    """Return what criteria ask for, of a subscription or before there is one. Raises as `about`."""
    wanted = subscribed(criteria, registry)
    terms = ground.stated.compiled.terms
    try:
        type = vocabulary.record_type(registry, wanted.asked.record_type)
        _expect_told(wanted.event, type, terms, words)
        query, number = _whom(wanted, type, terms, words)
    except Wrong as wrong:
        raise as_of_subscription(wrong) from None
    if wanted.asked.purpose not in ("", terms.purpose):
        raise Wrong("interop-dci-agreement", code=SubscribeReason.DETAILS, count="0")
    what = WHATS[wanted.event]
    follows = Follows(
        subscription=row.id if row else None,
        what=what,
        about=vocabulary.grain_of(type),
        covered=_covered(ground, type),
        salt=salted_hmac("amparo.registry.followed", str(row.id) if row else "", algorithm="sha256").digest(),
        query=query,
        number=number,
        granted=lent.GRANTED,
        standing=_STANDING.get(what, "NULL"),
    )
    return About(wanted, registry, type, follows, words)


def _expect_told(event: EventType, type: RecordType, terms: Terms, words: Dictionary) -> None:
    """Raise Wrong for an event by which more would be told than the agreement hands over."""
    if type is RecordType.GROUP and event not in _OF_HOMES:
        raise Wrong("interop-dci-event-of-persons", code=SubscribeReason.DETAILS, event=event.value)
    told = vocabulary.terms_told(terms, type)
    named = {(each.grain, words[each.grain, each.name].role or each.name) for each in told}
    tells_of_home = any(grain == "household" for grain, _ in named)
    if (event is EventType.DEATH and DIED not in named) or (event is EventType.NEW_MEMBER and not tells_of_home):
        raise Wrong("interop-dci-event-not-covered", code=SubscribeReason.TYPES, event=event.value)


def _whom(wanted: Subscribed, type: RecordType, terms: Terms, words: Dictionary) -> tuple[Any, Any]:
    """Return the query, or scheme and number, of whom it is about. Raises Wrong."""
    if wanted.asked.query_type is QueryType.IDENTIFIER:
        number = identified(wanted.asked.query)
        if type is RecordType.GROUP:
            raise Wrong("interop-dci-group-number", code=SubscribeReason.PERSON)
        try:
            return None, (vocabulary.scheme_of(number, words, terms), number.value)
        except Wrong as wrong:
            raise Wrong(wrong.message.id, code=SubscribeReason.PERSON) from None
    known = vocabulary.attributes(terms, words, type)
    return vocabulary.in_our_words(query_of(wanted.asked, vocabulary.kinds(known)), known), None


def _covered(ground: Under, type: RecordType) -> Covered:
    """Return what the agreement covers today. How much goes out is counted where it does."""
    terms = ground.stated.compiled.terms
    fields = [(each.grain, each.name) for each in vocabulary.terms_told(terms, type)]
    answer = covers(ground.stated.compiled, ground.request(fields, records=1), clock.today())
    if isinstance(answer, Refusal):
        raise NotCovered(answer)
    return answer
