"""Signing in at an identity provider, an honest one and a hostile one (A1).

The honest way succeeds first, in each kind of signature that is allowed; then every variant is refused and recorded.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.actions import open_account
from amparo.trust.actions.accounts import close_account, link_identity, unlink_identities
from amparo.trust.context import acting
from amparo.trust.models import Account, Identity
from amparo.trust.queries import account_named, audit_of
from amparo.trust.types import Event, Permission, system
from tests.lib import country, pages
from tests.lib.identity_provider import AUDIENCE, SECRET, Provider, asked_at, compact, key, serving
from tests.views.conftest import signed_in

OPERATOR = system("test")
BEGIN, RETURN = "/account/provider/", "/account/provider/return/"
RSA, OTHER = key(RSAKey, "rsa"), key(RSAKey, "other")


@pytest.fixture
def provider(database, monkeypatch) -> Iterator[Provider]:
    """An honest provider, configured here, at which Amina is known as amina-there."""
    from django.conf import settings

    with serving(RSA) as serves:
        configured = {"issuer": serves.address, "client_id": AUDIENCE, "secret": SECRET, "name": "Ministry"}
        monkeypatch.setattr(settings, "OIDC", configured)
        monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": ["127.0.0.1"]})
        Identity.objects.all().delete()
        link_identity(account_named("amina").id, serves.address, "amina-there", by=OPERATOR)
        yield serves


def begin(browser: Client, provider: Provider, address: str = BEGIN) -> dict[str, str]:
    response = browser.get(address)
    assert response.status_code == 302, pages.text(response)
    provider.asked = asked_at(response["Location"])
    return provider.asked


def come_back(browser: Client, asked: dict[str, str], **more: str | None):
    told = {"code": "code-1", "state": asked["state"]} | more
    return browser.get(RETURN, {name: value for name, value in told.items() if value is not None})


def sign_in(provider: Provider, **more: str | None):
    browser = Client()
    return browser, come_back(browser, begin(browser, provider), **more)


def denials() -> list[str]:
    emre = country.cast().emre
    with acting(emre.narrowed(Permission.READ_AUDIT)):
        rows = sorted(audit_of(emre), key=lambda each: each.id, reverse=True)  # as written: a test may fix the clock
        return [each.details["reason"] for each in rows if each.event == Event.DENIED.value]


def is_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def test_whoever_is_linked_is_let_in_and_comes_to_the_page_first_asked_for(provider):
    browser = Client()
    asked = begin(browser, provider, f"{BEGIN}?next=/decisions/")
    response = come_back(browser, asked)
    assert response["Location"] == "/decisions/"
    assert is_in(browser)


def test_the_question_has_a_proof_key_a_state_and_a_nonce_new_each_time(provider):
    one, two = begin(Client(), provider), begin(Client(), provider)
    assert one["code_challenge_method"] == "S256"
    assert one["response_type"] == "code"
    for each in ("state", "nonce", "code_challenge"):
        assert len(one[each]) >= 43
        assert one[each] != two[each]


def test_the_sign_in_page_offers_it_where_it_is_configured(provider, nobody, monkeypatch):
    assert "Sign in with Ministry" in pages.text(nobody.get("/account/sign-in/"))
    pages.assert_is_whole(nobody.get("/account/sign-in/"))
    from django.conf import settings

    monkeypatch.setattr(settings, "OIDC", dict.fromkeys(("issuer", "client_id", "secret", "name"), ""))
    assert "Ministry" not in pages.text(nobody.get("/account/sign-in/"))
    assert nobody.get(BEGIN).status_code == 404
    assert nobody.get(RETURN).status_code == 404


@pytest.mark.parametrize(("alg", "kind"), [("RS256", RSAKey), ("PS256", RSAKey), ("ES256", ECKey)])
def test_each_allowed_signature_is_taken(provider, alg, kind):
    provider.alg, provider.signing = alg, key(kind, f"of-{alg}")
    assert is_in(sign_in(provider)[0])


def test_an_honest_provider_may_say_more(provider):
    digest = hashlib.sha256(b"access").digest()[:16]
    at_hash = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    now = int(time.time())
    provider.about = {"authorization_response_iss_parameter_supported": True}
    provider.claims = {
        "at_hash": at_hash,
        "aud": [AUDIENCE, "other"],
        "azp": AUDIENCE,
        "nbf": now,
        "email": "x@example.org",
    }
    provider.keys = [OTHER.as_dict(private=False), RSA.as_dict(private=False)]
    assert is_in(sign_in(provider, iss=provider.address)[0])


def public_text(signing: Any) -> bytes:
    return signing.as_pem(private=False)


def confused(provider: Provider, claims: dict[str, Any], secret: bytes) -> str:
    """A token signed with a shared secret that everybody knows: the provider's public key."""
    unsigned_token = compact({"alg": "HS256", "kid": "rsa"}, claims).removesuffix(".")
    mark = hmac.digest(secret, unsigned_token.encode(), "sha256")
    return f"{unsigned_token}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def tampered(provider: Provider, claims: dict[str, Any]) -> str:
    honest = jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, RSA, algorithms=["RS256"])
    head, _, tail = honest.split(".")
    body = json.dumps(claims | {"sub": "chen-there"}).encode()
    return ".".join([head, base64.urlsafe_b64encode(body).rstrip(b"=").decode(), tail])


def by_other_key(header: dict[str, Any]) -> Callable[[Provider, dict[str, Any]], str]:
    def token(provider: Provider, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "rsa"} | header, claims, OTHER, algorithms=["RS256"])

    return token


def unsigned(alg: str) -> Callable[[Provider, dict[str, Any]], str]:
    return lambda provider, claims: compact({"alg": alg, "kid": "rsa", "typ": "JWT"}, claims)


def shared_key() -> dict[str, Any]:
    return {"kty": "oct", "kid": "rsa", "k": base64.urlsafe_b64encode(b"x" * 32).decode()}


OLD = 10_000
# Name → what the provider does, and the reason that the log must give.
HOSTILE: dict[str, tuple[Callable[[Provider, int], None], str]] = {}


def hostile(name: str, why: str, **says: Any) -> None:
    """Add a variant: what the provider says otherwise; a value that can be called is given provider and instant."""

    def become(provider: Provider, now: int) -> None:
        for each, value in says.items():
            setattr(provider, each, value(provider, now) if callable(value) and each != "token" else value)

    HOSTILE[name] = (become, why)


hostile("signature: alg none", "algorithm", token=unsigned("none"))
hostile("signature: alg None", "algorithm", token=unsigned("None"))
hostile("signature: no alg", "algorithm", token=lambda _, claims: compact({"kid": "rsa"}, claims))
hostile("signature: empty under RS256", "signature", token=unsigned("RS256"))
hostile("signature: HS256 with the public key", "algorithm", token=lambda p, c: confused(p, c, public_text(RSA)))
hostile(
    "signature: HS256 with the client's secret", "algorithm", token=lambda p, c: confused(p, c, SECRET.encode() * 4)
)
hostile(
    "signature: HS256 with a key of the set",
    "algorithm",
    keys=[shared_key()],
    token=lambda p, c: confused(p, c, b"x" * 32),
)
hostile("signature: RS512", "algorithm", alg="RS512")
hostile("signature: ES256 under an RSA key", "key", token=unsigned("ES256"))
hostile(
    "signature: PS256 where the key says RS256",
    "key",
    alg="PS256",
    keys=[RSA.as_dict(private=False) | {"alg": "RS256"}],
)
hostile("signature: another key under this name", "signature", token=by_other_key({}))
hostile("signature: the claims were changed", "signature", token=tampered)
hostile("header: jku", "header", token=by_other_key({"jku": "http://127.0.0.1:9/keys"}))
hostile("header: x5u", "header", token=by_other_key({"x5u": "http://127.0.0.1:9/cert"}))
hostile("header: jwk", "header", token=by_other_key({"jwk": OTHER.as_dict(private=False)}))
hostile("header: x5c", "header", token=lambda _, c: compact({"alg": "RS256", "kid": "rsa", "x5c": ["MIIB"]}, c, b"x"))
hostile("header: crit", "header", token=lambda _, c: compact({"alg": "RS256", "kid": "rsa", "crit": ["exp"]}, c, b"x"))
hostile(
    "header: b64 false", "header", token=lambda _, c: compact({"alg": "RS256", "kid": "rsa", "b64": False}, c, b"x")
)
hostile("header: an access token's type", "type", header={"typ": "at+jwt"})
hostile("header: a logout token's type", "type", header={"typ": "logout+jwt"})
hostile("key: no name", "key", token=lambda _, c: jwt.encode({"alg": "RS256"}, c, RSA, algorithms=["RS256"]))
hostile("key: a name that is not in the set", "key", header={"kid": "unknown"})
hostile("key: a name that is a path", "key", header={"kid": "../../dev/null"})
hostile("key: two of one name", "key", keys=[RSA.as_dict(private=False), OTHER.as_dict(private=False) | {"kid": "rsa"}])
hostile("key: for encryption", "key", keys=[RSA.as_dict(private=False) | {"use": "enc"}])
hostile("key: not for verifying", "key", keys=[RSA.as_dict(private=False) | {"key_ops": ["encrypt"]}])
hostile("key: none in the set", "key", keys=[])
hostile("key: a set that is no list", "keys", keys={"rsa": "x"})
hostile("key: garbled", "signature", keys=[{"kty": "RSA", "kid": "rsa", "n": "AA", "e": "%"}])
hostile("issuer: another", "issuer", claims={"iss": "https://evil.example"})
hostile("issuer: with a stroke at the end", "issuer", claims=lambda p, _: {"iss": p.address + "/"})
hostile("issuer: none", "issuer", claims={"iss": None})
hostile("issuer: a list", "issuer", claims=lambda p, _: {"iss": [p.address]})
hostile("audience: another client", "audience", claims={"aud": "other"})
hostile("audience: none", "audience", claims={"aud": None})
hostile("audience: a list without us", "audience", claims={"aud": ["other"]})
hostile("audience: our name within another", "audience", claims={"aud": f"{AUDIENCE}-other"})
hostile("audience: several, no party", "party", claims={"aud": [AUDIENCE, "other"]})
hostile("audience: several, another party", "party", claims={"aud": [AUDIENCE, "other"], "azp": "other"})
hostile("audience: one, another party", "party", claims={"azp": "other"})
hostile("nonce: another", "nonce", claims={"nonce": "another"})
hostile("nonce: none", "nonce", claims={"nonce": None})
hostile("nonce: a number", "nonce", claims={"nonce": 1})
hostile("time: expired", "expired", claims=lambda _, now: {"exp": now - 61})
hostile("time: no expiry", "expired", claims={"exp": None})
hostile("time: an expiry in words", "expired", claims={"exp": "never"})
hostile("time: issued in the future", "issued", claims=lambda _, now: {"iat": now + 3600})
hostile("time: issued long ago", "issued", claims=lambda _, now: {"iat": now - OLD})
hostile("time: not said when issued", "issued", claims={"iat": None})
hostile("time: not yet", "begins", claims=lambda _, now: {"nbf": now + 3600})
hostile("time: not yet, in words", "begins", claims={"nbf": "tomorrow"})
hostile("subject: none", "subject", claims={"sub": None})
hostile("subject: empty", "subject", claims={"sub": ""})
hostile("subject: a number", "subject", claims={"sub": 7})
hostile("subject: somebody who is not linked", "not-linked", claims={"sub": "stranger"})
hostile(
    "subject: a user name of ours",
    "not-linked",
    claims={"sub": "amina", "email": "amina@example.org", "email_verified": True},
)
hostile("token: an access token instead", "form", token=lambda *_: "access")
hostile("token: none", "form", answer={"id_token": None})
hostile("token: a number", "form", answer={"id_token": 7})
hostile("token: encrypted", "form", token=lambda *_: "a.b.c.d.e")
hostile("token: very long", "form", token=lambda *_: "a" * 20_000 + ".b.c")
hostile("token: of another access token", "access-hash", claims={"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})
hostile("token: not in base64", "form", token=lambda *_: "%%%.b.c")
hostile("discovery: another issuer", "discovery", about={"issuer": "https://evil.example"})
hostile("discovery: no issuer", "discovery", about={"issuer": None})
hostile("discovery: keys elsewhere without TLS", "address", about={"jwks_uri": "http://evil.example/keys"})
hostile("discovery: keys in a file", "address", about={"jwks_uri": "file:///etc/passwd"})
hostile("discovery: no token endpoint", "address", about={"token_endpoint": None})
hostile("answer: redirects", "unreachable", redirects="http://127.0.0.1:9/")
hostile("answer: endless", "unreachable", huge=True)
hostile("answer: a failure with a token", "unreachable", status=500)
hostile("answer: created", "unreachable", status=201)


def test_there_are_as_many_variants_as_the_goal_asks_for():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("name", HOSTILE)
def test_no_variant_of_a_hostile_provider_is_let_in_and_each_is_recorded(provider, name):
    become, why = HOSTILE[name]
    browser = Client()
    asked = begin(browser, provider)
    become(provider, int(time.time()))
    before = denials()
    response = come_back(browser, asked)
    pages.assert_refused(response, 400)
    assert not is_in(browser)
    after = denials()
    assert len(after) == len(before) + 1
    assert after[0] == f"provider-{why}"


# What stands in the address by which somebody comes back.
ADDRESSES = {
    "another state": ({"state": "another"}, "state"),
    "no state": ({"state": None}, "state"),
    "no code": ({"code": None}, "no-code"),
    "an error": ({"error": "access_denied"}, "no-code"),
    "another issuer": ({"iss": "https://evil.example"}, "mix-up"),
    "an empty issuer": ({"iss": ""}, "mix-up"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_no_altered_address_lets_anybody_in(provider, name):
    altered, why = ADDRESSES[name]
    browser, response = sign_in(provider, **altered)
    pages.assert_refused(response, 400)
    assert not is_in(browser)
    assert denials()[0] == f"provider-{why}"


def test_a_provider_that_promises_its_issuer_must_say_it(provider):
    provider.about = {"authorization_response_iss_parameter_supported": True}
    pages.assert_refused(sign_in(provider)[1], 400)
    assert denials()[0] == "provider-mix-up"


def test_an_answer_is_taken_once(provider):
    browser = Client()
    asked = begin(browser, provider)
    assert come_back(browser, asked).status_code == 302
    browser.post("/account/sign-out/")
    pages.assert_refused(come_back(browser, asked), 400)
    assert denials()[0] == "provider-state"


def test_a_state_is_used_up_by_a_failure_too(provider):
    browser = Client()
    asked = begin(browser, provider)
    come_back(browser, asked, code=None)
    pages.assert_refused(come_back(browser, asked), 400)


def test_an_answer_to_somebody_elses_question_is_none(provider):
    """Login by force: a victim is sent to the address at which the attacker would have come back."""
    asked = begin(Client(), provider)
    victim = Client()
    begin(victim, provider)
    pages.assert_refused(come_back(victim, asked), 400)
    assert not is_in(victim)


def test_a_code_without_its_proof_key_is_taken_by_no_provider_and_leads_nowhere(provider):
    first, second = Client(), Client()
    begin(first, provider)
    mine = begin(second, provider)
    provider.asked = provider.asked | {"code_challenge": "of somebody else"}
    pages.assert_refused(come_back(second, mine), 400)


def test_a_used_code_is_taken_by_no_provider_and_leads_nowhere(provider):
    assert sign_in(provider)[1].status_code == 302
    pages.assert_refused(sign_in(provider)[1], 400)


def test_an_answer_after_ten_minutes_is_too_late(provider):
    from datetime import timedelta

    browser = Client()
    asked = begin(browser, provider)
    with clock.fixed(clock.now() + timedelta(minutes=10, seconds=1)):
        pages.assert_refused(come_back(browser, asked), 400)
    assert denials()[0] == "provider-late"


def test_a_token_of_an_earlier_sign_in_is_not_taken_again(provider):
    kept = []
    provider.token = lambda p, claims: (
        kept.append(jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, RSA, algorithms=["RS256"])) or kept[-1]
    )
    assert sign_in(provider)[1].status_code == 302
    provider.token = lambda *_: kept[0]
    pages.assert_refused(sign_in(provider, code="code-2")[1], 400)
    assert denials()[0] == "provider-nonce"


def test_a_provider_that_does_not_answer_is_told_in_words(provider, monkeypatch):
    from django.conf import settings

    monkeypatch.setitem(settings.OIDC, "issuer", "http://127.0.0.1:9")
    pages.assert_refused(Client().get(BEGIN), 400)
    monkeypatch.setitem(settings.OIDC, "issuer", "http://elsewhere.example")
    pages.assert_refused(Client().get(BEGIN), 400)
    assert denials()[0] == "provider-address"


def test_nobody_gets_an_account_by_signing_in(provider):
    before = Account.objects.count()
    provider.claims = {"sub": "stranger", "email": "amina@example.org", "email_verified": True}
    pages.assert_refused(sign_in(provider)[1], 400)
    assert Account.objects.count() == before


def test_a_link_to_another_issuer_lets_nobody_in(provider):
    Identity.objects.all().delete()
    link_identity(account_named("amina").id, "https://other.example", "amina-there", by=OPERATOR)
    pages.assert_refused(sign_in(provider)[1], 400)


def test_a_closed_account_is_not_entered(provider):
    account = open_account("leaves", "a long password", display_name="Leaves", by=OPERATOR)
    link_identity(account.id, provider.address, "leaves-there", by=OPERATOR)
    provider.claims = {"sub": "leaves-there"}
    assert sign_in(provider)[1].status_code == 302
    close_account(account.id, by=OPERATOR, on=clock.today())
    pages.assert_refused(sign_in(provider, code="code-2")[1], 400)
    assert denials()[0] == "provider-closed"


def test_it_counts_as_a_password_and_not_as_a_second_factor(provider):
    browser, _ = sign_in(provider)
    assert is_in(browser)
    assert browser.get("/find/")["Location"].startswith("/account/confirm/")


def test_an_administrator_links_and_unlinks(provider):
    hana = signed_in("hana")
    account = open_account("linked", "a long password", display_name="Linked", by=OPERATOR)
    page = f"/officers/{account.id}/identity/"
    pages.assert_asked_again(hana.post(page, {"subject": ""}), "id_subject")
    assert hana.post(page, {"subject": "linked-there"}).status_code == 302
    assert "linked-there" in pages.text(hana.get(f"/officers/{account.id}/"))
    pages.assert_is_whole(hana.get(f"/officers/{account.id}/"))
    provider.claims = {"sub": "linked-there"}
    browser, _ = sign_in(provider)
    assert is_in(browser)
    pages.assert_refused(hana.post(page, {"subject": "linked-there"}), 400)
    assert hana.post(f"{page}remove/").status_code == 302
    assert not is_in(browser)
    pages.assert_refused(sign_in(provider, code="code-3")[1], 400)


def test_nobody_links_their_own_account(provider):
    hana = account_named("hana")
    with pytest.raises(Refused, match="trust-own-account"):
        link_identity(hana.id, provider.address, "hana-there", by=country.cast().hana)
    with pytest.raises(Refused, match="trust-own-account"):
        unlink_identities(hana.id, by=country.cast().hana)
