"""Signing in at another institution's identity provider: code flow, with proof key, state, nonce and exact issuer.

A client of our own: allauth's does not check the signature of what it fetches by code, asks no nonce, takes the issuer
from the provider's own page and the algorithm from the token ([decision 20](docs/decisions/0020-who-signs-in.md)).
Source  OpenID Connect Core 1.0; RFC 7636 (PKCE); RFC 9207 (issuer in the answer); RFC 9700 (OAuth 2.0 Security BCP)
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.utils.http import urlencode

from amparo.kernel import clock
from amparo.trust.calling_out import NoAnswer, NotCalled, call, place_of
from amparo.trust.identity.id_token import Expected, Foreign, Why, claims_of
from amparo.trust.models import Account, Identity

ASKED = "asked-of-provider"  # the session's key
HOLDS = timedelta(minutes=10)
LARGEST = 1_048_576


def is_configured() -> bool:
    return bool(settings.OIDC["issuer"] and settings.OIDC["client_id"])


def begin(session: MutableMapping[str, Any], *, back_to: str, next: str) -> str:
    """Return the address at which somebody signs in, and keep in their session what the answer must match."""
    about = _about()
    verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
    asked = {"state": state, "nonce": nonce, "verifier": verifier, "next": next}
    session[ASKED] = asked | {"at": clock.now().isoformat()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    wanted = {
        "response_type": "code",
        "client_id": settings.OIDC["client_id"],
        "redirect_uri": back_to,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in about["authorization_endpoint"] else "?"
    return f"{about['authorization_endpoint']}{joint}{urlencode(wanted)}"


@dataclass(frozen=True)
class Known:
    """Who somebody is at the provider, and where they wanted to go."""

    issuer: str
    subject: str
    next: str


def finish(session: MutableMapping[str, Any], answer: Mapping[str, str], *, back_to: str) -> Known:
    """Return whoever signed in. Raises Foreign; an answer is taken once."""
    asked = session.pop(ASKED, None)
    if asked is None or not compare_digest(asked["state"].encode(), answer.get("state", "").encode()):
        raise Foreign(Why.STATE)
    if clock.now() - datetime.fromisoformat(asked["at"]) > HOLDS:
        raise Foreign(Why.LATE)
    about = _about()
    if answer.get("iss", _issuer_unsaid(about)) != settings.OIDC["issuer"]:
        raise Foreign(Why.MIX_UP)
    if "error" in answer or not answer.get("code"):
        raise Foreign(Why.NO_CODE)
    told = _exchanged(about["token_endpoint"], answer["code"], asked["verifier"], back_to)
    claims = claims_of(
        told.get("id_token"),
        _keys(about),
        Expected(settings.OIDC["issuer"], settings.OIDC["client_id"], asked["nonce"]),
        access_token=str(told.get("access_token", "")),
    )
    return Known(claims["iss"], claims["sub"], asked["next"])


def account_of(issuer: str, subject: str) -> Account:
    """Return the account that an administrator linked to this subject of this issuer. Nothing else is looked at."""
    linked = Identity.objects.select_related("account").filter(issuer=issuer, subject=subject).first()
    if linked is None:
        raise Foreign(Why.NOT_LINKED)
    return linked.account


def _issuer_unsaid(about: Mapping[str, Any]) -> str:
    """Return what an answer without issuer counts as: nobody's, where the provider promises to say it."""
    return "" if about.get("authorization_response_iss_parameter_supported") else settings.OIDC["issuer"]


def _about() -> dict[str, Any]:
    """Return what the provider says of itself; it must call itself as it is configured, letter for letter."""
    issuer = settings.OIDC["issuer"]
    about = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if about.get("issuer") != issuer:
        raise Foreign(Why.DISCOVERY)
    for each in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _refuse_open(about.get(each))
    return about


def _keys(about: Mapping[str, Any]) -> list[Any]:
    keys = _json(about["jwks_uri"]).get("keys")
    if not isinstance(keys, list):
        raise Foreign(Why.KEYS)
    return keys


def _exchanged(address: str, code: str, verifier: str, back_to: str) -> dict[str, Any]:
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back_to, "code_verifier": verifier}
    shown = base64.b64encode(f"{settings.OIDC['client_id']}:{settings.OIDC['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {shown}", "Content-Type": "application/x-www-form-urlencoded"}
    return _json(address, method="POST", headers=headers, content=urlencode(sent).encode())


def _refuse_open(address: Any) -> None:
    """Refuse an address that is not https; a provider inside, as the operator said, may be without."""
    try:
        place = place_of(address)
    except NotCalled:
        raise Foreign(Why.ADDRESS) from None
    if place.scheme != "https" and place.host not in settings.CALLS["inside"]:
        raise Foreign(Why.ADDRESS)


def _json(address: str, **more: Any) -> dict[str, Any]:
    """Return an answer that is an object of JSON, from where the operator said that the provider is, and not endless."""
    _refuse_open(address)
    try:
        answered = call(address, allowed=[settings.OIDC["issuer"]], largest=LARGEST, **more)
        found = json.loads(answered.body) if answered.status == 200 else None
    except NotCalled:
        raise Foreign(Why.ADDRESS) from None
    except (NoAnswer, ValueError, RecursionError):
        raise Foreign(Why.UNREACHABLE) from None
    if not isinstance(found, dict):
        raise Foreign(Why.UNREACHABLE)
    return found
