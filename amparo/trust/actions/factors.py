"""Second factors come, are used and go."""

from typing import Any
from uuid import UUID

from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.trust.actions.accounts import let_power_wait
from amparo.trust.eyes import is_same_human
from amparo.trust.identity import factors
from amparo.trust.identity.factors import Kind
from amparo.trust.log.recording import record
from amparo.trust.models import Account
from amparo.trust.types import Actor, Event
from amparo.trust.types.warned import AccountWarning, Warned


@transaction.atomic
def add_app(account: Account, secret: str, code: str, *, by: Actor) -> list[str]:
    """Add an authenticator app that shows the right code; return recovery codes where it is the first factor."""
    counter = factors.fits(secret, code)
    if counter is None:
        raise Refused("trust-code-wrong")
    if Authenticator.objects.filter(user_id=account.id, type=Kind.TOTP).exists():
        raise Refused("trust-app-exists")
    made = TOTP.activate(account, secret).instance
    made.data["last_counter"] = counter
    made.save(update_fields=["data"])
    return _added(account, made, by=by)


@transaction.atomic
def add_passkey(account: Account, answer: dict[str, Any], name: str, *, by: Actor) -> list[str]:
    """Add a passkey from a browser's checked answer; return recovery codes where it is the first factor."""
    return _added(account, WebAuthn.add(account, name, answer).instance, by=by)


def _added(account: Account, made: Authenticator, *, by: Actor) -> list[str]:
    record(Event.FACTOR_ADDED, by=by, about_kind="account", about_id=account.id, kind=made.type)
    announce(AccountWarning(account.id, Warned.FACTOR_ADDED))
    return [] if factors.recovery_codes_of(account) else _new_codes(account)


@transaction.atomic
def make_recovery_codes(account: Account, *, by: Actor) -> list[str]:
    """Make new recovery codes, after which the old ones open nothing. They are shown this once."""
    if not factors.factors_of(account):
        raise Refused("trust-codes-without-factor")
    record(Event.RECOVERY_CODES_MADE, by=by, about_kind="account", about_id=account.id)
    announce(AccountWarning(account.id, Warned.CODES_MADE))
    return _new_codes(account)


def _new_codes(account: Account) -> list[str]:
    Authenticator.objects.filter(user_id=account.id, type=Kind.RECOVERY_CODES).delete()
    return RecoveryCodes.activate(account).generate_codes()


@transaction.atomic
def remove_factor(account: Account, factor_id: int, *, by: Actor) -> None:
    """Remove one of one's own second factors; recovery codes go with the last."""
    held = next((each for each in factors.factors_of(account) if each.id == factor_id), None)
    if held is None:
        raise NotFound("trust-factor-unknown")
    held.delete()
    delete_dangling_recovery_codes(account)
    record(Event.FACTOR_REMOVED, by=by, about_kind="account", about_id=account.id, kind=held.type)
    announce(AccountWarning(account.id, Warned.FACTOR_REMOVED))


@transaction.atomic
def remove_factors(account_id: UUID, *, by: Actor) -> None:
    """Remove all second factors of somebody who lost them; done by an administrator who knows that it is they."""
    if is_same_human(by, account_id):
        raise Refused("trust-own-account")
    Authenticator.objects.filter(user_id=account_id).delete()
    record(Event.FACTOR_REMOVED, by=by, about_kind="account", about_id=account_id, kind="all")
    announce(AccountWarning(account_id, Warned.FACTOR_REMOVED))
    let_power_wait(account_id, by=by)


def use_factor(used: Authenticator, *, by: Actor) -> None:
    """Write that a second factor was given once more, for something that demands a fresh one."""
    used.record_usage()
    record(Event.FACTOR_GIVEN, by=by, about_kind="account", about_id=used.user_id, kind=used.type)
