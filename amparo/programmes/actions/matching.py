"""Deciding who somebody is of whom another programme tells: the same, not the same, or later.

Shape   one pair and a verdict in; the pair, whom the beneficiary is, and where their benefits lie, changed at once by the database
Nulls   nothing follows from a proposal that nobody decided
Errors  NotFound outside the actor's reach; Refused where the pair stands so already, or it was found otherwise who it is
"""

from datetime import date
from uuid import UUID

from django.db import connection, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.programmes import models
from amparo.programmes.actions.feeding import FEEDS
from amparo.programmes.queries.matching import expect_comparable
from amparo.programmes.types import BenefitsMatched, Found, MatchState
from amparo.trust.log.recording import record
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission

_DECIDED = 7312  # the kind of advisory lock by which one beneficiary is decided about by one at a time


@transaction.atomic
def decide_match(id: UUID, verdict: MatchState, *, by: Actor, under: Ground, on: date) -> None:
    """Say that a beneficiary is this person, is not, or that it cannot be said yet. What was said before can be put right.

    What is told of them stands on the person's page from then on, or no more. A refused pair is not proposed again.
    """
    by = by.narrowed(Permission.REGISTER)
    expect_comparable(by)
    _alone(id, by)
    rows = models.Match.objects.select_for_update(of=("self",)).select_related("beneficiary")
    pair = within(rows.filter(id=id), by).first()
    if pair is None:
        raise NotFound("programmes-match-unknown")
    _expect_open(pair, verdict)
    before = pair.state
    pair.state, pair.decided_by, pair.decided_at = verdict.value, by.id, clock.now()
    pair.save(update_fields=["state", "decided_by", "decided_at"])
    if verdict is MatchState.SAME:
        announce(BenefitsMatched(pair.beneficiary_id))
    record(
        Event.MATCH_DECIDED,
        by=by,
        under=under,
        about_kind="person",
        about_id=pair.person_id,
        area_number=pair.area_number,
        match=str(pair.id),
        feed=pair.beneficiary.feed,
        state=verdict.value,
        before=before,
        on=on.isoformat(),
    )


def _alone(id: UUID, by: Actor) -> None:
    """Wait for whoever decides about the same beneficiary; refuse while a delivery of their system is taken in, which writes them."""
    pair = within(models.Match.objects.filter(id=id), by).values_list("beneficiary_id", "beneficiary__feed").first()
    if pair is None:
        raise NotFound("programmes-match-unknown")
    beneficiary, feed = pair
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s, hashtext(%s))", [FEEDS, feed])
        if not cursor.fetchone()[0]:
            raise Refused("programmes-match-feed-under-way")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_DECIDED, str(beneficiary)])


def _expect_open(pair: models.Match, verdict: MatchState) -> None:
    """Refuse what is said already, what nobody says, and a beneficiary of whom it is known otherwise who they are."""
    if verdict is MatchState.PROPOSED or pair.state == verdict:
        raise Refused("programmes-match-settled")
    held = pair.beneficiary
    is_theirs = held.found == Found.DECIDED and held.person_id == pair.person_id
    if not (is_theirs if pair.state == MatchState.SAME else held.found == Found.REVIEW):
        raise Refused("programmes-match-found-otherwise")
