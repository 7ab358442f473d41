"""Owners of accounts are warned by e-mail of what happened to these: written by the act itself, handed over by the worker.

Nulls   whose account has no address is warned of nothing; what nobody could hand over in a week is told no more
Errors  NotPermitted in a trial: nothing reaches real people. What a server does is no error: it is tried again after
        `config.DELAYS`, under the same reference, and given up after the last
Source  OWASP ASVS 5.0, 6.3.5 and 6.3.7
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.notices import models, words
from amparo.notices.channels import email
from amparo.notices.channels.message import Outgoing
from amparo.notices.config import DELAYS, STALE
from amparo.notices.queries import notices_config
from amparo.notices.routing import Reached, way_to
from amparo.notices.types import Channel, Outcome, Reason, State, reference_of
from amparo.trust.log.recording import record
from amparo.trust.queries import Owner, owner_of
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, Event, Permission
from amparo.trust.types.warned import Warned

BULK = "bulk"


def warn_owner(account: UUID, of: Warned, *, by: Actor, former: str = "") -> None:
    """Write that an account's owner is to be warned, at a former address or their present one. Part of the caller's act."""
    if not (former or owner_of(account).email):
        return
    now = clock.now()
    models.AccountWarning(of=of.value, account_id=account, former=former, made_at=now, next_at=now).save(
        force_insert=True
    )
    about = {"about_kind": "account", "about_id": account}
    record(Event.SENDINGS_MADE, by=by, kind=of.value, sendings=1, **about)


def send_warnings(*, by: Actor) -> Mapping[str, int]:
    """Hand over all that are due; return how many ended how. The first that meets no server ends the turn."""
    by = by.narrowed(Permission.SEND_NOTICES)
    expect_live(using=BULK)
    done: Counter[str] = Counter()
    _let_go(by)
    while email.is_configured() and (row := _begun(by)):
        outcome = _handed_over(row)
        done[_ended(row, outcome, by)] += 1
        if outcome.reason in (Reason.SILENT, Reason.UNSAFE):
            break
    return done


def _let_go(by: Actor) -> None:
    """Give up what is so old that it would be told as if it had happened just now."""
    old = models.AccountWarning.objects.using(BULK).filter(state=State.WAITING.value)
    with transaction.atomic(using=BULK):
        over = {"state": State.GIVEN_UP.value, "former": "", "settled_at": clock.now()}
        gone = old.filter(made_at__lt=clock.now() - STALE).update(**over)
        if gone:
            record(Event.SENDING_SETTLED, by=by, about_kind="notice", using=BULK, state="given-up", sendings=gone)


def _begun(by: Actor) -> models.AccountWarning | None:
    """Take the next one in hand: its attempt and when another may be are written before anything is handed over."""
    now = clock.now()
    with transaction.atomic(using=BULK):
        rows = models.AccountWarning.objects.using(BULK).filter(state=State.WAITING.value, next_at__lte=now)
        row = rows.order_by("next_at", "id").select_for_update(skip_locked=True).first()
        if row:
            row.next_at = now + DELAYS[min(row.attempts, len(DELAYS) - 1)]
            row.attempts += 1
            row.save(update_fields=["attempts", "next_at"])
            _record(Event.SENDING_ATTEMPTED, row, by, channel=Channel.EMAIL.value)
    return row


def _handed_over(row: models.AccountWarning) -> Outcome:
    owner = owner_of(row.account_id, using=BULK)
    way = way_to(Reached(email=row.former or owner.email, asked_for=Channel.EMAIL), is_owed=True, unasked=Channel.EMAIL)
    if way.reason is not None:  # taken back since, or no address at all
        return Outcome(way.reason)
    return email.send(Outgoing(reference=row.id.hex, address=way.address, parts=_written(row, owner)))


def _written(row: models.AccountWarning, owner: Owner) -> dict[str, str]:
    """Return a warning in the owner's language: what kind of thing happened, when, and what to do. Nobody is named."""
    language, reference = owner.language or _first_language(), reference_of(row.id)
    happened = words.told(f"notices-warned-{row.of}", language)
    text = words.told("notices-warning-text", language, what=happened, at=row.made_at, reference=reference)
    return {"subject": words.told("notices-warning-subject", language), "email": text}


def _first_language() -> str:
    config = notices_config(using=BULK)
    return config.languages[0] if config else "en"


def _ended(row: models.AccountWarning, outcome: Outcome, by: Actor) -> str:
    """Write what came of an attempt; return the state, or for what reason the warning goes on waiting."""
    state, reason = _state_after(row, outcome), outcome.reason.value if outcome.reason else ""
    fresh: dict[str, str | datetime] = {"state": state.value, "reason": reason}
    fresh |= {} if state is State.WAITING else {"settled_at": clock.now(), "former": ""}
    with transaction.atomic(using=BULK):
        models.AccountWarning.objects.using(BULK).filter(id=row.id, state=State.WAITING.value).update(**fresh)
        _record(Event.SENDING_SETTLED, row, by, state=state.value, reason=reason)
    return reason if state is State.WAITING else state.value


def _state_after(row: models.AccountWarning, outcome: Outcome) -> State:
    if outcome.reason is None:
        return State.SENT
    is_over = row.attempts >= len(DELAYS) or outcome.reason in (Reason.ADDRESS_UNSOUND, Reason.ADDRESS_MISSING)
    return State.GIVEN_UP if is_over else State.WAITING


def _record(event: Event, row: models.AccountWarning, by: Actor, **details: str) -> None:
    about = {"about_kind": "account", "about_id": row.account_id}
    record(event, by=by, using=BULK, sending=str(row.id), **about, **details)
