"""Writes that are sent again: each key of a sender has one effect, and the same answer each time.

Shape   a sender's key with what is asked, and what does it, in; its answer out, whether it was done now or before
Units   an answer is kept for 24 hours
Errors  Conflict where the key was used for something else. What is refused keeps nothing: sent again, it is judged anew
Source  the Idempotency-Key header field (draft-ietf-httpapi-idempotency-key-header)
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused

KEPT = timedelta(hours=24)


class Conflict(Refused):
    """What is asked contradicts what was done."""


@dataclass(frozen=True)
class Reply:
    """What a write answered. It tells of nobody: it is kept as it is."""

    status: int
    body: Any


@dataclass(frozen=True)
class Key:
    """By what a sender knows one write again, and what that write was: method, address and body."""

    sender: UUID
    key: str
    asked: bytes


def once(key: Key, act: Callable[[], Reply]) -> Reply:
    """Do something in one transaction with its answer, or return what it answered before. Raises Conflict.

    The key is written first: whoever sends the same at the same time waits for it, and then reads its answer. Nothing is
    lost between the two, because both or neither are there.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        named, asked, now = [key.sender, key.key], sha256(key.asked).hexdigest(), clock.now()
        cursor.execute("DELETE FROM trust_reply WHERE sender = %s AND key = %s AND at < %s", [*named, now - KEPT])
        cursor.execute(
            "INSERT INTO trust_reply (sender, key, asked, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [*named, asked, now],
        )
        if not cursor.rowcount:
            return _kept(cursor, named, asked)
        reply = act()
        body = json.dumps(reply.body)
        cursor.execute(
            "UPDATE trust_reply SET status = %s, body = %s WHERE sender = %s AND key = %s", [reply.status, body, *named]
        )
        return reply


def _kept(cursor: Any, named: list[Any], asked: str) -> Reply:
    cursor.execute("SELECT asked, status, body::text FROM trust_reply WHERE sender = %s AND key = %s", named)
    before, status, body = cursor.fetchone()
    if before != asked:
        raise Conflict("trust-key-used-otherwise")
    return Reply(status, json.loads(body))


def forget_old() -> int:
    """Forget answers that are kept no longer; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM trust_reply WHERE at < %s", [clock.now() - KEPT])
        return cursor.rowcount
