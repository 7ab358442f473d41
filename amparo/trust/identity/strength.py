"""How surely somebody must be who they say, by what they ask to do; and what a session has proved so far.

Units   five minutes is the age to which a proof is fresh, both ends included
Nulls   a permission that stands in no line below demands the most; a proof that was never given is never fresh
Source  NIST SP 800-63B-4, AAL2; OWASP ASVS 5.0, 7.5.3 (step-up)
"""

from collections.abc import Iterable, MutableMapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from django.conf import settings

from amparo.kernel import clock
from amparo.trust.types import OF_CITIZENS, Permission


class Strength(IntEnum):
    """What a session must have proved: a password; a second factor at some time; a second factor just now."""

    PASSWORD = 0
    FACTOR = 1
    FRESH = 2


# Figures and rules are nobody's record. Whatever shows or changes somebody's asks for a second factor; what reaches many
# people at once, or decides what others may do, asks for it again.
_DEMANDS = {
    Strength.PASSWORD: {
        Permission.READ_FIGURES,
        Permission.READ_DRAFT,
        Permission.AUTHOR_RULE,
        Permission.READ_AGREEMENT,
        Permission.READ_RETENTION,
        Permission.READ_IMPACT,
    },
    Strength.FACTOR: {
        Permission.FIND,
        Permission.READ_HOUSEHOLD,
        Permission.ASK_SOURCES,
        Permission.ASK_AREA,
        Permission.READ_DECISION,
        Permission.LIST_DECISIONS,
        Permission.READ_DELIVERIES,
        Permission.DELIVER,
        Permission.READ_QUARANTINE,
        Permission.REGISTER,
        Permission.DETERMINE,
        Permission.GIVE_NOTICE,
        Permission.ENROL,
        Permission.REVIEW_DECISION,
        Permission.READ_CASE,
        Permission.OPEN_CASE,
        Permission.WORK_CASE,
        Permission.DECIDE_SUSPICION,
        Permission.REVIEW_APPEAL,
        Permission.READ_NOTICES,
        Permission.TAKE_SNAPSHOT,
        Permission.READ_AUDIT,
        Permission.DRAFT_AGREEMENT,
        Permission.SUSPEND_AGREEMENT,
        Permission.RECORD_CONSENT,
        Permission.SEE_OWN,
        Permission.DECIDE_OWN,
        Permission.PROPOSE_ERASURE,
        Permission.READ_ALERT,
        Permission.JUDGE_ALERT,
        Permission.HANDLE_BREACH,
        Permission.ASSESS_IMPACT,
        Permission.READ_PAYMENTS,
        Permission.PREPARE_PAYMENTS,
        Permission.RECONCILE_PAYMENTS,
    },
    Strength.FRESH: {
        Permission.CONNECT_SOURCE,
        Permission.EXPORT_DECISIONS,
        Permission.APPROVE_RUN,
        Permission.PUBLISH_RULE,
        Permission.OPEN_SNAPSHOT,
        Permission.INSTALL_PROFILE,
        Permission.OPEN_ACCOUNTS,
        Permission.SIGN_AGREEMENT,
        Permission.OPEN_MACHINE,
        Permission.INVITE_CITIZEN,
        Permission.RECORD_MANDATE,
        Permission.DELAY_TRACKER,
        Permission.CONFIRM_ERASURE,
        Permission.SIGN_IMPACT,
        Permission.GO_LIVE,
        Permission.PROTECT,
        Permission.APPROVE_PAYMENTS,
        Permission.EXPORT_PAYMENTS,
        Permission.RECORD_ACCOUNTS,
        Permission.SEND_NOTICES,
    },
}
DEMANDS = {permission: strength for strength, permissions in _DEMANDS.items() for permission in permissions}

FRESH_FOR = timedelta(minutes=5)
PASSWORD = "password"  # noqa: S105 (a kind of proof)
FACTORS = {"totp", "webauthn", "recovery_codes"}  # the others; what is in neither proves nothing
PROVIDER = "provider"  # of citizens, for their own record: the state's own proof of who they are
PROOFS = "proofs"  # the session's key: kind of proof → when it was last given

Session = MutableMapping[str, Any]


def demanded(permission: Permission) -> Strength:
    return DEMANDS.get(permission, Strength.FRESH)


def suffices(account: Any, session: Session, permission: Permission) -> bool:
    """Whether a session has proved enough for a permission. The demo's accounts, which open nothing elsewhere, have."""
    if settings.DEMO and account.is_demo:
        return True
    if permission in OF_CITIZENS and PROVIDER in session.get(PROOFS, {}):
        return True
    return proved(session) >= demanded(permission)


def prove(session: Session, kind: str) -> None:
    """Note that a proof was given now: a password, or the kind of a second factor."""
    session[PROOFS] = session.get(PROOFS, {}) | {kind: clock.now().isoformat()}


def proved(session: Session) -> Strength:
    """Return the most that a session has proved."""
    if session.get(PROOFS, {}).keys().isdisjoint(FACTORS):
        return Strength.PASSWORD
    return Strength.FRESH if is_fresh(session, FACTORS) else Strength.FACTOR


def is_fresh(session: Session, kinds: Iterable[str]) -> bool:
    """Whether one of these kinds of proof was given in the last five minutes."""
    given = [session.get(PROOFS, {}).get(each) for each in kinds]
    return any(clock.now() - datetime.fromisoformat(each) <= FRESH_FOR for each in given if each)
