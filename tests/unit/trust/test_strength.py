"""What a permission demands of a session, and when a session has it no longer (A2, A3)."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from amparo.kernel import clock
from amparo.trust.identity import strength
from amparo.trust.identity.strength import DEMANDS, Strength, prove, proved, suffices
from amparo.trust.types import Permission

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
ACCOUNT = SimpleNamespace(is_demo=False)
KINDS = (
    (),
    ("provider",),
    ("provider", "password"),
    ("password",),
    ("password", "totp"),
    ("webauthn",),
    ("password", "recovery_codes"),
)
SECONDS = (0, 299, 300, 301, 3600)


def session_with(*kinds: str) -> dict:
    session: dict = {}
    with clock.fixed(START):
        for each in kinds:
            prove(session, each)
    return session


def oracle(permission: Permission, kinds: tuple[str, ...], seconds: int) -> bool:
    """The table of the design written once more by hand, by name and without the product's own."""
    open_to_all = {"read-figures", "read-draft", "author-rule", "read-agreement", "read-retention", "read-impact"}
    fresh = {
        *("export-decisions", "approve-run", "publish-rule", "open-snapshot"),
        *("install-profile", "open-accounts", "sign-agreement", "open-machine"),
        *("invite-citizen", "record-mandate", "delay-tracker", "confirm-erasure"),
        *("sign-impact", "go-live", "protect", "connect-source"),
        *("approve-payments", "export-payments", "record-accounts", "send-notices"),
    }
    if permission.value in open_to_all:
        return True
    if permission.value in {"see-own", "decide-own"} and "provider" in kinds:
        return True
    has_factor = bool(set(kinds) & {"totp", "webauthn", "recovery_codes"})
    return has_factor and (permission.value not in fresh or seconds <= 300)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_against_every_session_at_every_age(permission):
    for kinds in KINDS:
        for seconds in SECONDS:
            with clock.fixed(START + timedelta(seconds=seconds)):
                allowed = suffices(ACCOUNT, session_with_age(kinds), permission)
                assert allowed == oracle(permission, kinds, seconds), (kinds, seconds)


def session_with_age(kinds: tuple[str, ...]) -> dict:
    return session_with(*kinds)


def test_every_permission_stands_in_the_table_and_one_that_does_not_demands_the_most(monkeypatch):
    assert DEMANDS.keys() == set(Permission)
    monkeypatch.delitem(DEMANDS, Permission.FIND)
    with clock.fixed(START):
        assert not suffices(ACCOUNT, session_with("password"), Permission.FIND)
    with clock.fixed(START + timedelta(minutes=5, seconds=1)):
        assert not suffices(ACCOUNT, session_with("totp"), Permission.FIND)


def test_a_proof_is_fresh_for_five_minutes():
    session = session_with("totp")
    ages = ((0, Strength.FRESH), (300, Strength.FRESH), (301, Strength.FACTOR))
    for seconds, expected in ages:
        with clock.fixed(START + timedelta(seconds=seconds)):
            assert proved(session) is expected


def test_the_demos_accounts_need_none_in_the_demo_alone(monkeypatch):
    from django.conf import settings

    demo = SimpleNamespace(is_demo=True)
    for in_demo, account, expected in ((True, demo, True), (True, ACCOUNT, False), (False, demo, False)):
        monkeypatch.setattr(settings, "DEMO", in_demo)
        assert suffices(account, {}, Permission.OPEN_ACCOUNTS) is expected


def test_a_session_without_any_proof_has_a_password_at_most():
    assert proved({}) is Strength.PASSWORD
    assert not strength.is_fresh({}, {"password", "totp"})
