"""Codes that let a person open an account of their own, and what is kept of them: never the code itself.

Units   fourteen days for a code; five wrong answers beside it end it (trust/migrations/0010_citizens.sql)
Nulls   where nothing is known of a person that they alone would answer, nobody is invited
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from amparo.kernel.errors import Refused
from amparo.trust.identity.first_password import LETTERS
from amparo.trust.identity.guessing import Attempt, guessing
from amparo.trust.models import Invitation
from amparo.trust.scope import within
from amparo.trust.types import Actor

HOLDS = timedelta(days=14)
_GROUPS, _LONG = 3, 4  # 59 bits
_ELSE = re.compile(r"[^0-9a-z]+")


def new_code() -> str:
    """Return a code that can be read off a slip and typed on a telephone."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(_LONG)) for _ in range(_GROUPS))


def code_digest(code: str) -> str:
    return _digest(_plain(code))


def detail_digest(code: str, detail: str) -> str:
    """Return what is kept of an answer: it says nothing without the code."""
    return _digest(f"{_plain(code)}:{_plain(detail)}")


def detail_digests(code: str, details: Iterable[str]) -> list[str]:
    return sorted({detail_digest(code, each) for each in details if _plain(each)})


def _plain(typed: str) -> str:
    return _ELSE.sub("", typed.lower())


def _digest(text: str) -> str:
    return salted_hmac("amparo.trust.invitation", text, algorithm="sha256").hexdigest()


@dataclass(frozen=True)
class Slip:
    """What somebody has of an invitation: the code, and the answer that only they give with it; kept as digests alone."""

    code_digest: str
    detail_digest: str


def slip(code: str, detail: str) -> Slip:
    return Slip(code_digest(code), detail_digest(code, detail))


def expect_invited(code: str, given: Slip, *, address: str) -> None:
    """Compare a code and the answer beside it; both wrong and one wrong are refused in the same words, and counted."""
    with (
        guessing(Attempt(f"invitation:{code_digest(code)}", address=address)) as outcome,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT amparo_try_invitation(%s, %s)", [given.code_digest, given.detail_digest])
        if cursor.fetchone() != (None,):
            outcome.right()
    if not outcome.was_right:
        raise Refused("trust-invitation-wrong")


def invitations_of(person_id: UUID, *, by: Actor) -> list[Invitation]:
    """Return the invitations of a person whom the actor reaches, the latest first."""
    return list(within(Invitation.objects.filter(person_id=person_id), by).order_by("-made_at"))
