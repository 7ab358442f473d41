"""Secrets of second factors rest on master keys: sealed like other columns, rotated with them, and gone with their factor."""

import base64
import os

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections
from django.utils.crypto import salted_hmac

from amparo.kernel.errors import Refused
from amparo.project.sealed import SEALED
from amparo.trust.actions import factors as actions
from amparo.trust.actions import open_account
from amparo.trust.identity import factors
from amparo.trust.identity.factors import Kind
from amparo.trust.keys import rotation
from amparo.trust.models import FactorSecret
from amparo.trust.types import system
from tests.lib.signing_in import code_of

pytestmark = pytest.mark.usefixtures("fresh_database", "own_keys")
BY = system("test")


@pytest.fixture
def account(fresh_database, own_keys):
    return open_account("tilda", "staple battery horse", display_name="Tilda", by=BY)


def with_app(account) -> tuple[str, list[str]]:
    """Add an authenticator app; return its secret, and the recovery codes that came with it."""
    secret = factors.new_secret()
    return secret, actions.add_app(account, secret, code_of(secret), by=BY)


def held(account, kind: Kind) -> Authenticator:
    return Authenticator.objects.get(user_id=account.id, type=kind)


def as_before(text: str) -> str:
    """Seal a secret as it was before master keys did: with a key made of Django's."""
    key, nonce = salted_hmac("amparo.trust.factor", "", algorithm="sha256").digest(), os.urandom(12)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), b"factor")).decode()


def keys_named() -> list[int]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT sealed_key FROM trust_factorsecret ORDER BY 1")
        return [number for (number,) in cursor.fetchall()]


def unused(account) -> None:
    """Let the code of this half minute count again."""
    row = held(account, Kind.TOTP)
    row.data["last_counter"] = -1
    row.save()


def test_a_factors_row_holds_no_secret(account):
    secret, _ = with_app(account)
    assert secret not in str(held(account, Kind.TOTP).data)
    assert held(account, Kind.TOTP).data["secret"].startswith("sealed:")
    assert held(account, Kind.RECOVERY_CODES).data["seed"].startswith("sealed:")
    assert keys_named() == [1, 1]


def test_they_are_sealed_anew_with_a_new_key_and_the_old_key_can_go(account):
    secret, [code, *_] = with_app(account)
    rotation.add_key(by=BY)
    with pytest.raises(Refused, match="trust-key"):
        rotation.retire(1, SEALED, by=BY)
    rotation.rotate(SEALED, by=BY, rest=0)
    assert keys_named() == [2, 2]
    rotation.retire(1, SEALED, by=BY)
    unused(account)
    assert factors.by_code(account, code_of(secret)).type == Kind.TOTP
    assert factors.by_code(account, code).type == Kind.RECOVERY_CODES


@pytest.mark.parametrize(("kind", "name"), [(Kind.TOTP, "secret"), (Kind.RECOVERY_CODES, "seed")])
def test_one_of_before_opens_once_more_and_is_then_sealed_with_a_master_key(account, kind, name):
    secret, [code, *_] = with_app(account)
    row = held(account, kind)
    row.data[name] = as_before(factors.Adapter().decrypt(row.data[name]))
    row.save()
    unused(account)
    typed = {Kind.TOTP: code_of(secret), Kind.RECOVERY_CODES: code}[kind]
    assert factors.by_code(account, typed).type == kind
    assert held(account, kind).data[name].startswith("sealed:")
    if kind is Kind.TOTP:
        assert held(account, kind).data["last_counter"] > 0


def test_one_of_before_that_does_not_open_is_refused(account):
    secret, _ = with_app(account)
    row = held(account, Kind.TOTP)
    row.data["secret"] = base64.b64encode(os.urandom(64)).decode()
    row.save()
    with pytest.raises(Refused, match="trust-factor-sealed"):
        factors.by_code(account, code_of(secret))


def test_a_secret_in_the_row_of_another_does_not_open(account):
    with_app(account)
    moved = FactorSecret.objects.create(sealed=FactorSecret.objects.first().sealed)
    with pytest.raises(Refused, match="trust-sealed-broken"):
        factors.Adapter().decrypt(f"sealed:{moved.id}")


def test_a_secret_goes_with_its_factor(account):
    with_app(account)
    name = held(account, Kind.TOTP).data["secret"]
    actions.remove_factors(account.id, by=BY)
    assert not FactorSecret.objects.exists()
    with pytest.raises(Refused, match="trust-factor-sealed"):
        factors.Adapter().decrypt(name)
