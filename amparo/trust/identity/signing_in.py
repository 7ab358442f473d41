"""How people sign in: every way in, and what each passes through. `WAYS` is the list; there is no other.

Whoever signs in must have been given an account. Names that nobody has, closed accounts and the demo's accounts outside
the demo get the same answer as a wrong password, after the same work.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.userkit import get_user_by_username
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from amparo.kernel import clock
from amparo.kernel.events import announce
from amparo.trust.identity import known_browsers
from amparo.trust.identity.guessing import Attempt, TooOften, guessing
from amparo.trust.identity.hashing import TooBusy
from amparo.trust.identity.strength import prove
from amparo.trust.identity.warning import warn_of_guesses
from amparo.trust.log.recording import record
from amparo.trust.models import Account
from amparo.trust.queries import actor_of
from amparo.trust.types import Event
from amparo.trust.types.warned import AccountWarning, Warned

# Route or command → who is let in by what. A test holds that no other calls what signs somebody in.
WAYS = {
    "account_login": "a password, then a second factor where the account has one (mfa_authenticate)",
    "passkey-sign-in": "a passkey that its owner unlocked",
    "provider-return": "the identity provider that the operator configured, for accounts that were linked to it",
    "amparo run plan --as, amparo run approve --as, amparo round start --as, amparo round follow --as": "a password, for one command",
    "api-token": "a partner's machine: a secret, or a token that it signed with its key (`trust.letting_in`)",
}


class Adapter(DefaultAccountAdapter):
    """Nobody opens an account for themselves; whoever signs in is recorded, and their browser known again."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave the counting of guesses to the backend, which every way passes through."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        """Return the account whose password this is. One that may not sign in is as if it were not."""
        try:
            account = super().authenticate(request, **credentials)
        except (TooOften, TooBusy) as refused:
            code = "too_many_login_attempts" if isinstance(refused, TooOften) else "too_busy"
            raise self.validation_error(code) from refused
        return account if account and Backend().user_can_authenticate(account) else None

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing was taken from allauth's budget."""

    def login(self, request: HttpRequest, user: Account) -> None:
        """Sign in, unless the account was closed between its password and its second factor."""
        if not Backend().user_can_authenticate(Account.objects.get(id=user.id)):
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        proofs = [each.get("type", each["method"]) for each in get_authentication_records(request, user)]
        for kind in proofs:
            prove(request.session, kind)
        record(Event.SIGNED_IN, by=actor_of(user, on=clock.today()), way="+".join(proofs))
        if not known_browsers.known(request, user):
            announce(AccountWarning(user.id, Warned.ENTERED_ELSEWHERE))
        return known_browsers.remember(request, super().post_login(request, user, **kwargs), user)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: allauth's messages are in its own words."""


Adapter.error_messages = DefaultAccountAdapter.error_messages | {"too_busy": "trust-too-busy"}


class Backend(AuthenticationBackend):
    """Compares passwords, and counts the guesses; refuses inactive accounts, and the demo's accounts outside the demo."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Account | None:
        """Return the account whose name and password these are, or None. Raises TooOften or TooBusy."""
        name, password = credentials.get("username"), credentials.get("password")
        if not name or not password:
            return None
        whose = get_user_by_username(name)
        with guessing(_attempt(request, name, whose)) as outcome:
            account = super().authenticate(request, username=name, password=password)
            if account and account.password_until and account.password_until < clock.now():
                account = None  # it was to be handed over and changed, and lay about for too long
            if account:
                outcome.right()
        if whose:
            warn_of_guesses(whose.id, outcome)
        return account

    def user_can_authenticate(self, user: Account) -> bool:
        return super().user_can_authenticate(user) and (settings.DEMO or not user.is_demo)

    def get_user(self, user_id: object) -> Account | None:
        user = super().get_user(user_id)
        return user if user and self.user_can_authenticate(user) else None


def _attempt(request: HttpRequest | None, name: str, account: Account | None) -> Attempt:
    """Return what an attempt counts against. A name counts as the account it finds, however it is written."""
    whom = f"account:{account.id}" if account else f"name:{name.strip().casefold()}"
    if request is None:
        return Attempt(whom)
    browser = known_browsers.known(request, account) if account else ""
    return Attempt(whom, address=get_ip(request), browser=browser)
