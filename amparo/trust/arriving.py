"""Who asks by a message, by one question to the database: counted, and known as they stand at this request.

Shape   a token and the address it came from in; the machine, how it speaks, its keys, and the key that seals what it sent, out
Errors  NotBelieved as `asking.caller_of`; TooMuch, where the machine or its address asks more often than it may
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from amparo.kernel import clock
from amparo.trust import prepared
from amparo.trust.grounds.agreements import Stated, stated, stated_with
from amparo.trust.keys.encryption import Key, Suite
from amparo.trust.limits import Limit
from amparo.trust.machines.asking import Caller, credential_of, standing_of
from amparo.trust.machines.jose import NotBelieved, Why
from amparo.trust.machines.peers import KnownPeer

_ARRIVE = "SELECT * FROM amparo_arrive(%s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Arrived:
    """Whoever asks, as they stand now. `own`: the code of our own institution; `agreements`: each that it was opened
    for, as it stands.
    """

    who: Caller
    peer: KnownPeer | None
    keys: tuple[Mapping[str, Any], ...]
    own: str
    agreements: tuple[Stated, ...]
    sealing: Key


class TooMuch(Exception):
    """A bucket is full. `key` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def arrived(token: str, *, address: str, of_address: Limit, of_machine: Limit, on: date) -> Arrived:
    """Return who asks by a token, with one request more counted for the machine and for its address, a bucket.

    Raises NotBelieved for a token that does not hold, where nothing is counted; and TooMuch.
    """
    credential = credential_of(token)
    connection.ensure_connection()  # may be waited for; the time is asked afterwards
    steps = [each for limit in (of_address, of_machine) for each in _steps(limit)]
    told, full, number, suite, agreements = prepared.row(_ARRIVE, [credential, clock.now(), address, *steps])
    if full:
        raise TooMuch(full)
    if told is None:
        raise NotBelieved(Why.UNKNOWN)
    who, *rest = _known(told)
    return Arrived(who, *rest, standing(map(stated, agreements), on=on), Key(number, Suite(suite)))


def _steps(limit: Limit) -> tuple[timedelta, timedelta]:
    return timedelta(seconds=1) / limit.in_second, timedelta(minutes=1) / limit.in_minute


@lru_cache(maxsize=1_000)
def _known(text: str) -> tuple[Caller, KnownPeer | None, tuple[Mapping[str, Any], ...], str]:
    """Return what a text says; the same text says the same."""
    told = json.loads(text)
    machine, peer = UUID(told["machine"]), told["peer"]
    who = Caller(
        machine=machine,
        credential=UUID(told["credential"]),
        organisation=UUID(told["organisation"]),
        code=told["code"],
        agreements=tuple(told["agreements"]),
        must_sign=told["must_sign"],
    )
    spoken = ("sender", "profile", "callback", "sealing")
    known = peer and KnownPeer(UUID(peer["id"]), machine, *(peer[each] for each in spoken))
    return who, known or None, tuple(told["keys"]), told["own"] or ""


def stated_for(who: Caller, *, on: date) -> tuple[Stated, ...]:
    """Return the agreements that a machine was opened for, each as it stands on a day, as the database states it."""
    return standing(stated_with(who.organisation, who.agreements), on=on)


def standing(known: Iterable[Stated], *, on: date) -> tuple[Stated, ...]:
    """Return of versions of some agreements those that stand on a day, one of each."""
    by_code: dict[str, list[Stated]] = {}
    for each in known:
        by_code.setdefault(each.row.code, []).append(each)
    rows = [standing_of([each.row for each in versions], on) for versions in by_code.values()]
    return tuple(each for versions in by_code.values() for each in versions if any(each.row is row for row in rows))
