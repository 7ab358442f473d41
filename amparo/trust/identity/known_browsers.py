"""Browsers in which somebody has signed in before: their attempts are counted apart from those of strangers.

Else whoever makes strangers wait would lock the owner out. The cookie says nothing by itself; it is signed, holds for
half a year, and ends with all sessions when the account's owner signs out everywhere or changes the password.
Source: OWASP, "Device Cookies" (Slow Down Online Guessing Attacks).
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from amparo.trust.models import Account

HALF_A_YEAR = 180 * 24 * 60 * 60
MOST = 10  # officers of one computer
SALT = "amparo.trust.known-browser"


def known(request: HttpRequest, account: Account) -> str:
    """Return what this browser is known by to the account; empty where the account never signed in here."""
    return _held(request).get(_mark(account), "")


def remember(request: HttpRequest, response: HttpResponse, account: Account) -> HttpResponse:
    """Know the browser again for this account, and forget whom it knew longest ago when there are many."""
    others = {mark: browser for mark, browser in _held(request).items() if mark != _mark(account)}
    kept = dict(list(others.items())[-(MOST - 1) :]) | {_mark(account): secrets.token_hex(8)}
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=HALF_A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _mark(account: Account) -> str:
    return f"{account.id}:{account.get_session_auth_hash()[:16]}"


def _held(request: HttpRequest) -> dict[str, str]:
    """Return account → browser of the cookie; nothing where it is absent, old or not ours."""
    try:
        return signing.loads(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE, ""), salt=SALT, max_age=HALF_A_YEAR)
    except signing.BadSignature:
        return {}
