"""How often a password may be guessed: waits that grow, a stop below a hundred, budgets by address and in all.

Units   failures in a row for an account; failures in a window of seconds for an address and for everybody
Nulls   a name that nobody has is counted as any other is, so that it does not tell itself
Errors  TooOften before anything is compared; a refused attempt counts nothing, so waiting is never made longer by others
Source  NIST SP 800-63B-4, 3.2.2: at most 100 failures in a row, waits growing from 30 seconds to an hour
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.models import Guess

FREE = 3
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
WINDOW = timedelta(minutes=1)
OF_ADDRESS, OF_ALL = 20, 600

# Strangers to an account and each browser that its owner signed in from are counted apart, so that whoever makes
# strangers wait does not keep the owner out. Both together stay below a hundred.
OF_STRANGERS, OF_BROWSER = 80, 10


class TooOften(Refused):
    """This was tried too often; nothing was compared."""

    def __init__(self) -> None:
        super().__init__("trust-tried-too-often")


@dataclass(frozen=True)
class Attempt:
    """What one attempt counts against: somebody's name or account, from an address, perhaps from a known browser."""

    whom: str
    address: str = ""
    browser: str = ""

    @property
    def key(self) -> str:
        return f"{self.whom}:{self.browser}" if self.browser else self.whom


@contextmanager
def guessing(attempt: Attempt) -> Iterator["Outcome"]:
    """Compare a secret within the block; what does not call `outcome.right()` has failed.

    The failure is written before the comparison, so that many at once are no more than one after the other, and is
    forgotten with all before it where the comparison was right. Raises TooOften. What the block itself refuses was not
    compared, and counts nothing.
    """
    budgets = [] if attempt.browser else [("address", attempt.address, OF_ADDRESS), ("all", "", OF_ALL)]
    limits = [(kind, of, most) for kind, of, most in budgets if of or kind == "all"]
    with transaction.atomic(durable=True):  # never within another: what that undoes would be compared for nothing
        failed_before = _count_failure(attempt)
        for kind, of, most in limits:
            _count_in_window(f"{kind}:{of}", most)
    counted = [f"{kind}:{of}" for kind, of, _ in limits]
    outcome = Outcome(failed_before)
    try:
        yield outcome
    except Refused:
        _give_back(attempt.key, *counted)
        raise
    if outcome.was_right:
        forget(attempt)
        _give_back(*counted)


@dataclass
class Outcome:
    """Whether the comparison was right; nothing said means no. `failed_before`: how many in a row were not, before it."""

    failed_before: int
    was_right: bool = False

    def right(self) -> None:
        self.was_right = True


def forget(attempt: Attempt) -> None:
    """Forget the failures of one account or name: it was entered, or given a new password."""
    Guess.objects.filter(key=_hidden(attempt.key)).delete()


def wait_after(failures: int) -> timedelta:
    """Return how long the next attempt has to wait: not at all, half a minute, then twice as long each time."""
    if failures < FREE:
        return timedelta()
    return min(FIRST_WAIT * 2 ** min(failures - FREE, 7), LONGEST_WAIT)


def _count_failure(attempt: Attempt) -> int:
    """Count a failure; return how many in a row there were before."""
    held, is_first = _locked(attempt.key)
    if is_first:
        return 0
    most = OF_BROWSER if attempt.browser else OF_STRANGERS
    if held.count >= most or clock.now() < held.at + wait_after(held.count):
        raise TooOften
    held.count += 1
    held.at = clock.now()
    held.save()
    return held.count - 1


def _count_in_window(key: str, most: int) -> None:
    held, is_first = _locked(key)
    if is_first:
        return
    if clock.now() >= held.at + WINDOW:
        held.at, held.count = clock.now(), 0
    if held.count >= most:
        raise TooOften
    held.count += 1
    held.save()


def _locked(key: str) -> tuple[Guess, bool]:
    """Return the row of a key, held for this transaction, and whether this attempt made it, counted already."""
    hidden = _hidden(key)
    made = Guess.objects.bulk_create([Guess(key=hidden, count=0, at=clock.now())], ignore_conflicts=True)
    held = Guess.objects.select_for_update().get(key=hidden)
    if held.count:
        return held, False
    held.count, held.at = 1, made[0].at
    held.save()
    return held, True


def _give_back(*keys: str) -> None:
    Guess.objects.filter(key__in=[_hidden(each) for each in keys], count__gt=0).update(count=F("count") - 1)


def forget_strangers(*, before: datetime) -> int:
    """Forget the guesses at names that nobody has, and the windows that are over; return how many rows went.

    What counts against an account stays until it is entered or given a new password.
    """
    theirs = Q(key__startswith="name:") | Q(key__startswith="address:") | Q(key__startswith="all:")
    theirs |= Q(key__startswith="invitation:")
    return Guess.objects.filter(theirs, at__lt=before).delete()[0]


def _hidden(key: str) -> str:
    """Return the kind of a key, and nothing of what was typed: people type passwords into the field for the name."""
    kind = key.partition(":")[0]
    return f"{kind}:{salted_hmac('amparo.trust.guessing', key, algorithm='sha256').hexdigest()}"
