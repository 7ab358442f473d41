"""Second factors: codes of an authenticator app, passkeys, and recovery codes for whoever lost both.

allauth keeps them and speaks their protocols. Checked here besides, because it does not: that a code is used once within
the whole time it holds, how often codes are guessed (`trust.guessing`), that a passkey answers from this very origin and
not from within another site's page, and that its counter does not go back (a copied key).
Source  RFC 6238 (TOTP); W3C Web Authentication Level 3, 7.1 and 7.2
"""

import base64
import json
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from fido2.webauthn import AuthenticationResponse, AuthenticatorData, CollectedClientData, RegistrationResponse

from amparo.kernel.errors import Refused
from amparo.trust.identity import factor_secrets
from amparo.trust.identity.guessing import Attempt, guessing
from amparo.trust.identity.strength import PASSWORD
from amparo.trust.identity.warning import warn_of_codes
from amparo.trust.models import Account
from amparo.trust.origin import here

Kind = Authenticator.Type
TYPED = {Kind.TOTP, Kind.RECOVERY_CODES}  # what can be typed, where there is no browser
# What a garbled answer of a passkey ends in, wherever the library meets it first.
GARBLED = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError)


class Adapter(DefaultMFAAdapter):
    """Secrets of factors are sealed with a master key, which stands outside the database."""

    def encrypt(self, text: str) -> str:
        return factor_secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        if factor_secrets.is_name(encrypted_text):
            return factor_secrets.opened(encrypted_text)
        return _opened_with_old_key(encrypted_text)


def _opened_with_old_key(text: str) -> str:
    """Open a secret of before master keys sealed them: with a key made of Django's."""
    held = base64.b64decode(text)
    try:
        key = salted_hmac("amparo.trust.factor", "", algorithm="sha256").digest()
        return AESGCM(key).decrypt(held[:12], held[12:], b"factor").decode()
    except InvalidTag:
        raise Refused("trust-factor-sealed") from None


def _sealed_anew(held: Authenticator) -> Authenticator:
    """Seal the secret of a factor of before with a master key, the first time that it is asked."""
    old = [name for name in ("secret", "seed") if not factor_secrets.is_name(held.data.get(name, "sealed:"))]
    for name in old:
        held.data[name] = factor_secrets.seal(_opened_with_old_key(held.data[name]))
    if old:
        held.save(update_fields=["data"])
    return held


def factors_of(account: Account) -> list[Authenticator]:
    """Return an account's second factors, the oldest first; recovery codes are none by themselves."""
    rows = Authenticator.objects.filter(user_id=account.id).exclude(type=Kind.RECOVERY_CODES)
    return list(rows.order_by("created_at", "id"))


def recovery_codes_of(account: Account) -> Authenticator | None:
    return Authenticator.objects.filter(user_id=account.id, type=Kind.RECOVERY_CODES).first()


def proofs_of(account: Account) -> set[str]:
    """Return the kinds of proof by which an account shows that it is still its owner: factors, or else the password."""
    held = {each.type for each in Authenticator.objects.filter(user_id=account.id)}
    return held or {PASSWORD}


def new_secret() -> str:
    return totp.generate_totp_secret()


def address_of(secret: str, account: Account) -> str:
    """Return what an authenticator app reads from the square."""
    return Adapter().build_totp_url(account, secret)


def fits(secret: str, code: str) -> int | None:
    """Return the half minute whose code of this secret it is, now or just before or after; None where it is none."""
    for counter in totp.yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, counter))):
            return counter
    return None


def by_code(account: Account, code: str) -> Authenticator | None:
    """Return the factor a typed code belongs to, and use the code up. Raises TooOften before anything is compared."""
    with guessing(Attempt(f"factor:{account.id}")) as outcome, transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user_id=account.id).exclude(type=Kind.WEBAUTHN)
        held = next((each for each in rows if _is_code(_sealed_anew(each), code)), None)
        if held:
            outcome.right()
    warn_of_codes(account.id, outcome)
    return held


def _is_code(held: Authenticator, code: str) -> bool:
    if held.type == Kind.RECOVERY_CODES:
        return held.wrap().validate_code(code)
    counter = fits(Adapter().decrypt(held.data["secret"]), code)
    if counter is None or counter <= held.data.get("last_counter", -1):
        return False
    held.data["last_counter"] = counter
    held.save(update_fields=["data"])
    return True


def passkey_wish(account: Account) -> str:
    """Return, as JSON, what a browser is asked to make a passkey with: kept on the device, opened by PIN, finger or face."""
    return json.dumps(webauthn.begin_registration(account, passwordless=True))


def new_passkey(request: HttpRequest, answer: Any) -> dict[str, Any]:
    """Return a browser's answer to that once it was checked. Raises Refused; each wish is answered once."""
    try:
        _refuse_foreign(request, RegistrationResponse.from_dict(answer).response.client_data)
        _refuse_unusable(webauthn.complete_registration(answer))
    except GARBLED:
        raise Refused("trust-passkey-wrong") from None
    finally:
        webauthn.clear_state()
    return answer


def _refuse_unusable(made: AuthenticatorData) -> None:
    """The library takes a key that was cut short, which would then open nothing."""
    try:
        made.credential_data.public_key.verify(b"", b"")
    except InvalidSignature:
        return  # a whole key says so of what it did not sign


def passkey_question(account: Account | None) -> str:
    """Return, as JSON, what a browser is asked to prove a passkey with: one of the account's, or whichever it has."""
    return json.dumps(webauthn.begin_authentication(account))


def account_of_passkey(answer: Any) -> Account:
    """Return whose passkey a browser says it used; that it did must still be checked. Raises Refused."""
    try:
        return webauthn.extract_user_from_response(answer)
    except GARBLED:
        raise Refused("trust-passkey-wrong") from None


def by_passkey(request: HttpRequest, account: Account, answer: Any) -> Authenticator:
    """Return the passkey with which a browser answered. Raises Refused; each question is answered once."""
    try:
        response = AuthenticationResponse.from_dict(answer).response
        _refuse_foreign(request, response.client_data)
        used = webauthn.complete_authentication(account, answer)
        _count_up(used, response.authenticator_data.counter)
    except GARBLED:
        raise Refused("trust-passkey-wrong") from None
    finally:
        webauthn.clear_state()
    return used


def _refuse_foreign(request: HttpRequest, told: CollectedClientData) -> None:
    """The library takes every subdomain and every frame for ours."""
    if told.origin != here(request) or told.cross_origin:
        raise ValueError("answered from elsewhere")


@transaction.atomic
def _count_up(used: Authenticator, count: int) -> None:
    """A counter that does not grow says that the key was copied; many passkeys have none, and say 0 each time."""
    held = Authenticator.objects.select_for_update().get(pk=used.pk)
    before = held.data.get("sign_count", held.wrap().authenticator_data.counter)
    if (count or before) and count <= before:
        raise ValueError("the counter went back")
    held.data["sign_count"] = count
    held.save(update_fields=["data"])
