"""Hands over what is due, and writes of each attempt that it begins, before it does, and what came of it.

A worker that is killed leaves an attempt without an end; when the next one is due, the message is handed over once more under
the same reference. So everything is sent at least once, and whoever carries it can tell that it is the same.

Errors  NotPermitted in a trial: nothing reaches real people. What a gateway does is no error: it is an outcome, tried again
        after `config.DELAYS`, and given up after the last
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.notices import models
from amparo.notices.channels import CARRIERS
from amparo.notices.config import DELAYS, GROUND, NoticesConfig
from amparo.notices.queries import notices_config
from amparo.notices.taking import BATCH, BULK, Taken, due, take
from amparo.notices.types import Channel, Outcome, Reason, State
from amparo.trust.log.recording import record
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, Event, Permission

# So many in a row that whoever carries them is not there: the rest waits, and no attempt of it is counted.
IN_VAIN = 3
_DOWN = frozenset({Reason.SILENT, Reason.NOT_CALLED, Reason.UNSAFE})


def send(*, by: Actor) -> Mapping[str, int]:
    """Hand over all that is due; return how many ended how: by state, and by their reason those that go on waiting."""
    by = by.narrowed(Permission.SEND_NOTICES)
    expect_live(using=BULK)
    config = notices_config(using=BULK)
    done: Counter[str] = Counter()
    while config is not None:
        became, taken = _taken_up(config, by)
        outcomes = list(_handed_over(taken, by))
        done.update(each for each in (*became, *outcomes) if each)
        if len(became) + len(taken) < BATCH or len(outcomes) < len(taken):
            break
    return done


def _taken_up(config: NoticesConfig, by: Actor) -> tuple[list[str], list[Taken]]:
    """Take a batch in hand in one transaction; return what became of those that are not, and those that are."""
    now = clock.now()
    with transaction.atomic(using=BULK):
        rows = due(now)
        if not rows:
            return [], []
        taken = take(rows, config, by=by, now=now)
        in_hand = {each.row.id for each in taken}
        record(
            Event.SENDINGS_TAKEN_UP,
            by=by,
            under=GROUND,
            about_kind="notice",
            using=BULK,
            sendings=len(rows),
            in_hand=len(taken),
        )
    left = (each for each in rows if each.id not in in_hand)
    return [each.reason if each.state == State.WAITING.value else each.state for each in left], taken


def _handed_over(batch: list[Taken], by: Actor) -> Iterator[str]:
    """Hand a batch over, one by one; give what became of each, and end early where nobody is there to take them."""
    in_vain = 0
    for each in batch:
        begun = _begun(each, by)
        if begun is None:  # another worker has it by now
            yield ""
            continue
        outcome = CARRIERS[Channel(each.row.channel)].send(each.message)
        yield _ended(each, begun, outcome, by)
        in_vain = in_vain + 1 if outcome.reason in _DOWN else 0
        if in_vain == IN_VAIN:
            return


def _begun(taken: Taken, by: Actor) -> UUID | None:
    """Write that an attempt begins, and when the next one may; nothing where the row is no longer in our hands."""
    row, now, attempt = taken.row, clock.now(), uuid7()
    held = models.Sending.objects.using(BULK).filter(id=row.id, state=State.WAITING.value, next_at=row.next_at)
    held = held.filter(area_number__gte=0)  # whoever is in danger since it was taken in hand
    next_at = now + DELAYS[row.attempts]
    with transaction.atomic(using=BULK):
        if now >= row.next_at or not held.update(attempts=row.attempts + 1, next_at=next_at):
            return None
        models.Attempt.objects.using(BULK).create(
            id=attempt, sending_id=row.id, area_number=row.area_number, channel=row.channel, begun_at=now
        )
        _record(Event.SENDING_ATTEMPTED, row, by, channel=row.channel)
    row.attempts, row.next_at = row.attempts + 1, next_at
    return attempt


def _ended(taken: Taken, attempt: UUID, outcome: Outcome, by: Actor) -> str:
    """Write what came of an attempt; return the state of its sending, or for what reason it goes on waiting."""
    row, now = taken.row, clock.now()
    state, reason = _state_after(row, outcome), outcome.reason.value if outcome.reason else ""
    with transaction.atomic(using=BULK):
        models.Attempt.objects.using(BULK).filter(id=attempt).update(ended_at=now, reason=reason, code=outcome.code)
        rows = models.Sending.objects.using(BULK).filter(id=row.id, state=State.WAITING.value)
        rows.update(state=state.value, reason=reason, settled_at=_settled(state, now))
        _record(Event.SENDING_SETTLED, row, by, state=state.value, reason=reason)
    return reason if state is State.WAITING else state.value


def _settled(state: State, now: datetime) -> datetime | None:
    return None if state is State.WAITING else now


def _state_after(row: models.Sending, outcome: Outcome) -> State:
    if outcome.reason is None:
        return State.SENT
    return State.GIVEN_UP if row.attempts >= len(DELAYS) else State.WAITING


def _record(event: Event, row: models.Sending, by: Actor, **details: str) -> None:
    record(
        event,
        by=by,
        under=GROUND,
        about_kind="person" if row.person_id else "household",
        about_id=row.person_id or row.household_id,
        area_number=row.area_number,
        using=BULK,
        sending=str(row.id),
        **details,
    )
