"""What a programme's system tells of its enrolments: taken in as a delivery of that system, by the day it says (decision 34).

Shape   beneficiaries of the standard in, one line of the system's feed for each out, in one delivery for each day
Nulls   a benefit that is not told is nothing for whoever is suspended or left; of whoever takes part it must be told, unless
        the system gives in kind. A day that is not told is the message's
Errors  one that is wrong is refused by itself; what the agreement does not cover refuses the message
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from amparo.dci.codes import Error, SearchReason, Status, Wrong
from amparo.dci.enrolling import CASH, Update, updates_in
from amparo.dci.envelope import stamp
from amparo.interop.dci import vocabulary
from amparo.interop.dci.asking import Asking, Under, under
from amparo.interop.dci.looking import rejected
from amparo.kernel import clock
from amparo.profiles.country import country
from amparo.programmes import actions, tasks
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.feeds.posted import checked
from amparo.programmes.types import BenefitKind, BenefitStatus, FeedKind
from amparo.registry.dictionary import Dictionary
from amparo.registry.queries import dictionary
from amparo.trust.actions.exchanging import Sent, receive_records, refusals_kept
from amparo.trust.covering import Direction

MOST = 1_000
# The state of an enrolment → where its beneficiary stands with the programme that tells it. Who died has left it.
STATES = {
    "1": BenefitStatus.ENROLLED,
    "2": BenefitStatus.EXITED,
    "3": BenefitStatus.EXITED,
    "4": BenefitStatus.SUSPENDED,
}
# Our words, which are the columns of such a delivery.
COLUMNS = ("identifier_scheme", "identifier", "scheme", "status", "kind", "amount", "currency", "period", "since")
Line = dict[str, str | None]
Told = tuple[FeedConfig, date, Line]  # by whom, as of which day


def updates(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Take in what a system tells, and return for each beneficiary that it was received, or why it was not."""
    sent = updates_in(asking.message)
    if len(sent) > MOST:
        raise Wrong("dci-count-too-many", code=Error.BAD, most=MOST)
    ground = under(asking, (), direction=Direction.IN)
    words, feeds = dictionary(), _feeds(ground)
    found = [_read(each, ground, feeds, words, asking) for each in sent]
    told = [each for each in found if not isinstance(each, Wrong)]
    if told:
        _deliver(told, ground)
    return {
        "transaction_id": asking.message["transaction_id"],
        "correlation_id": correlation_id,
        "enrolled_response": [_item(each, asking) for each in found],
    }


def _item(found: Told | Wrong, asking: Asking) -> dict[str, Any]:
    reference = str(uuid4())  # the standard's beneficiaries have none
    if isinstance(found, Wrong):
        return rejected(reference, found, asking)
    return {"reference_id": reference, "timestamp": stamp(asking.now), "status": Status.RECEIVED.value}


def _feeds(ground: Under) -> dict[str, FeedConfig]:
    """Return programme → the system that tells of it under an agreement, by the country's profile."""
    return {
        scheme: each
        for each in country(settings.PROFILE).feeds
        if each.agreement == ground.row.code and each.kind is FeedKind.BENEFITS
        for scheme in each.schemes
    }


def _read(
    sent: Update | Wrong, ground: Under, feeds: dict[str, FeedConfig], words: Dictionary, asking: Asking
) -> Told | Wrong:
    """Return the line that a beneficiary is, with its system and day; or why there is none."""
    if isinstance(sent, Wrong):
        return sent
    feed, day = feeds.get(sent.programme), sent.changed_on or asking.header.message_ts.date()
    if feed is None:
        return Wrong("interop-dci-update-programme", code=SearchReason.CRITERIA)
    if day > clock.today():
        return Wrong("interop-dci-update-ahead", code=SearchReason.TIMESTAMP)
    try:
        scheme = vocabulary.scheme_of(sent.numbers[0], words, ground.stated.compiled.terms)
        kind, amount = _benefit(sent, feed)
    except Wrong as wrong:
        return wrong
    given_on = sent.benefit.on if sent.benefit and sent.benefit.on else day
    line = {
        "identifier_scheme": scheme,
        "identifier": sent.numbers[0].value,
        "scheme": sent.programme,
        "status": STATES[sent.state].value,
        "kind": kind.value,
        "amount": amount,
        "currency": feed.fixed.get("currency", words.currency),
        "period": given_on.strftime("%Y-%m"),
        "since": sent.enrolled_on.isoformat() if sent.enrolled_on else None,
    }
    return feed, day, line


def _benefit(sent: Update, feed: FeedConfig) -> tuple[BenefitKind, str | None]:
    """Return what somebody is given, and how much of it. Raises Wrong where that is not told and cannot be nothing."""
    if sent.benefit:
        is_cash = sent.benefit.kind == CASH
        if is_cash and not sent.benefit.value:
            raise Wrong("interop-dci-update-benefit", code=SearchReason.CRITERIA)
        return (BenefitKind.CASH, sent.benefit.value) if is_cash else (BenefitKind.IN_KIND, sent.benefit.value or None)
    if feed.fixed.get("kind") == BenefitKind.IN_KIND:
        return BenefitKind.IN_KIND, None
    if STATES[sent.state] is BenefitStatus.ENROLLED:
        raise Wrong("interop-dci-update-benefit", code=SearchReason.CRITERIA)
    return BenefitKind.CASH, "0"


def _deliver(told: list[Told], ground: Under) -> None:
    """Keep what is told for the job that takes deliveries in, one for each system and day. Raises NotCovered."""
    by_day: dict[tuple[str, date], list[Told]] = defaultdict(list)
    for each in told:
        by_day[each[0].code, each[1]].append(each)
    sent = Sent(
        fields=(),
        identifiers=sorted({line["identifier_scheme"] or "" for *_, line in told}),
        programmes=sorted({line["scheme"] or "" for *_, line in told}),
        records=len(told),
    )
    with refusals_kept(ground.row.id, by=ground.by), transaction.atomic():
        under = receive_records(ground.row.id, sent, by=ground.by, on=clock.today())
        for (_, day), group in sorted(by_day.items(), key=lambda each: each[0]):
            feed = _as_lines(group[0][0])
            made = actions.post_feed(
                feed, checked(feed, [line for *_, line in group]), day=day, by=ground.by, under=under
            )
            tasks.take_post.defer(post_id=str(made.id))


def _as_lines(feed: FeedConfig) -> FeedConfig:
    """Return a system as its lines are read that are in our own words already."""
    return replace(
        feed,
        columns={each: each for each in COLUMNS},
        fixed={},
        codes={},
        month="%Y-%m",
        day="%Y-%m-%d",
        decimal=".",
        ignore_rest=False,
    )
