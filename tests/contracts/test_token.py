"""The token endpoint: who is let in by what, and everything else refused in OAuth's words (RFC 6749, RFC 7523)."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from amparo.kernel import clock
from amparo.trust.actions.machines import close_machine, end_credential
from amparo.trust.context import acting
from amparo.trust.machines.assertion import KIND
from amparo.trust.models import Audit, Credential
from amparo.trust.types import Permission
from tests.lib import agreeing, machines, months
from tests.lib.machines import AUDIENCE, Program, assertion, basic, key_of, opened, secret_of

ASKED = {"grant_type": "client_credentials"}


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    return agreeing.in_force("checked")


@pytest.fixture(scope="module")
def machine(agreed):
    return opened(agreed)


@pytest.fixture(scope="module")
def secret(machine):
    return secret_of(machine.id)


@pytest.fixture(scope="module")
def key(machine):
    return key_of(machine.id)


_places = iter(range(1, 60_000))


def post(sent, *, kind="application/x-www-form-urlencoded", **headers):
    """Ask for a token from an address of this request's own, so that wrong ones do not count against each other."""
    place = next(_places)
    body = sent if isinstance(sent, str | bytes) else None
    if body is None:
        from django.utils.http import urlencode

        body = json.dumps(sent) if kind == "application/json" else urlencode(sent, doseq=True)
    return Client(raise_request_exception=False).generic(
        "POST", "/api/token", body, content_type=kind, headers=headers, REMOTE_ADDR=f"10.1.{place // 250}.{place % 250}"
    )


def by_assertion(token, **more):
    return post(ASKED | {"client_assertion_type": KIND, "client_assertion": token} | more)


def test_a_secret_lets_in_by_form_by_json_and_by_basic(machine, secret):
    named = {"client_id": str(machine.id), "client_secret": secret}
    answers = [
        post(ASKED | named),
        post(ASKED | named, kind="application/json"),
        post(ASKED, Authorization=basic(machine.id, secret)),
    ]
    for each in answers:
        assert each.status_code == 200
        assert each.json().keys() == {"access_token", "token_type", "expires_in"}
        assert (each.json()["token_type"], each.json()["expires_in"]) == ("Bearer", 300)
        assert each["Cache-Control"] == "no-store"
    rows = Audit.objects.using("bulk").filter(event="machine-let-in", about_id=machine.id)
    assert rows.count() == 3
    assert set(rows.values_list("permission", flat=True)) == {str(machine.id)}


def test_a_signed_token_lets_in_once(machine, key):
    token = assertion(machine.id, key)
    assert by_assertion(token).status_code == 200
    again = by_assertion(token)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_keys_of_each_kind_let_in(machine):
    for made, alg in ((ECKey.generate_key("P-256"), "ES256"), (RSAKey.generate_key(2048), "PS256")):
        held = key_of(machine.id, made)
        assert by_assertion(assertion(machine.id, held, header={"alg": alg})).status_code == 200


def test_nothing_lets_in_before_a_second_person_confirmed_it_nor_after_it_ended(agreed):
    machine = opened(agreed)
    waiting = Program(machine.id, secret=secret_of(machine.id, is_confirmed=False))
    assert waiting.let_in().status_code == 401
    secret = secret_of(machine.id)
    program = Program(machine.id, secret=secret)
    assert program.get("agreements").status_code == 200
    held = Credential.objects.filter(machine=machine, confirmed_at__isnull=False).get()
    with acting(agreeing.officer("keiko").narrowed(Permission.SUSPEND_AGREEMENT)) as by:
        end_credential(held.id, by=by)
    assert program.get("agreements").status_code == 401
    assert program.let_in().status_code == 401


def test_a_machine_that_is_closed_is_refused_at_its_next_request(agreed):
    program = machines.program(agreed)
    assert program.get("agreements").status_code == 200
    with acting(agreeing.officer("keiko").narrowed(Permission.SUSPEND_AGREEMENT)) as by:
        close_machine(program.machine, by=by)
    refused = program.get("agreements")
    assert (refused.status_code, refused.json()["id"]) == (401, "trust-machine-not-believed")
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_a_token_and_a_credential_end_by_themselves(agreed):
    program = machines.program(agreed)
    assert program.get("agreements").status_code == 200
    with clock.fixed(clock.now() + timedelta(seconds=302)):
        assert program.get("agreements").status_code == 401
    later = clock.now() + timedelta(days=366)
    months.ensure(later.date(), "trust_audit")
    with clock.fixed(later):
        assert program.let_in().status_code == 401


@pytest.mark.parametrize(
    "token", ["", "x", "a.b", ".", "a" * 600, "é", "eyJhbGciOiJub25lIn0.e30.", "\N{SNOWMAN}.x"], ids=repr
)
def test_what_is_no_token_of_ours_lets_nobody_in(agreed, token):
    answer = Client(raise_request_exception=False).get(
        "/api/v1/agreements", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 401


def test_a_token_that_was_changed_anywhere_lets_nobody_in(agreed):
    program = machines.program(agreed)
    program.headers()
    whole = program.token
    for place in range(0, len(whole), 7):
        other = "A" if whole[place] != "A" else "B"
        program.token = whole[:place] + other + whole[place + 1 :]
        assert program.get("agreements").status_code == 401


WRONG_SECRETS = {
    "another secret": lambda m, s: {"client_id": str(m.id), "client_secret": s[:-1] + ("A" if s[-1] != "A" else "B")},
    "no secret": lambda m, s: {"client_id": str(m.id), "client_secret": ""},
    "another machine": lambda m, s: {"client_id": str(uuid4()), "client_secret": s},
    "no machine": lambda m, s: {"client_id": "", "client_secret": s},
    "no id at all": lambda m, s: {"client_secret": s},
    "a name": lambda m, s: {"client_id": "Nightly check", "client_secret": s},
    "its id in capitals": lambda m, s: {"client_id": str(m.id).upper(), "client_secret": s},
    "its id as a urn": lambda m, s: {"client_id": m.id.urn, "client_secret": s},
    "a zero byte": lambda m, s: {"client_id": str(m.id), "client_secret": s + "\0"},
    "its hash": lambda m, s: {
        "client_id": str(m.id),
        "client_secret": Credential.objects.filter(machine=m, kind="secret").first().secret_hash,
    },
}


@pytest.mark.parametrize("wrong", WRONG_SECRETS)
def test_a_wrong_secret_lets_nobody_in_and_is_written_down(machine, secret, wrong):
    before = Audit.objects.using("bulk").filter(event="denied").count()
    answer = post(ASKED | WRONG_SECRETS[wrong](machine, secret))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic")
    assert Audit.objects.using("bulk").filter(event="denied").count() == before + 1


UNUSABLE = {
    "no grant": {"client_id": "x", "client_secret": "y"},
    "another grant": ASKED | {"grant_type": "password", "client_id": "x", "client_secret": "y"},
    "nothing shown": ASKED | {"client_id": "x"},
    "shown twice": ASKED
    | {"client_id": "x", "client_secret": "y", "client_assertion": "z", "client_assertion_type": KIND},
    "named twice": [
        ("grant_type", "client_credentials"),
        ("client_id", "x"),
        ("client_id", "y"),
        ("client_secret", "z"),
    ],
    "another kind of assertion": ASKED | {"client_assertion": "a.b.c", "client_assertion_type": "saml"},
}


@pytest.mark.parametrize("sent", UNUSABLE)
def test_what_is_no_request_for_a_token_is_told_so(agreed, sent):
    answer = post(UNUSABLE[sent])
    assert answer.status_code == 400
    error = "unsupported_grant_type" if sent == "another grant" else "invalid_request"
    assert answer.json()["error"] == error


@pytest.mark.parametrize("sent", ["[]", '"x"', "{", '{"grant_type": 1}', '{"a": "1", "a": "2"}', "\xff", "[" * 40])
def test_json_that_is_no_request_is_told_so(agreed, sent):
    answer = post(sent.encode("latin-1"), kind="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=utf-7", b"grant_type=client_credentials"),
        ("application/x-www-form-urlencoded; charset=none", b"%ff=%ff&grant_type=%00"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(6_000))),
        ("application/x-www-form-urlencoded", b"\xff\xfe=&;;==&"),
    ],
    ids=range(4),
)
def test_a_form_that_cannot_be_read_is_told_so(agreed, kind, body):
    answer = post(body, kind=kind)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_request", "unsupported_grant_type")


def test_a_body_of_another_kind_is_not_read(agreed):
    assert post(b"<a/>", kind="application/xml").status_code == 415


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic eA==", "Bearer x", "Digest a=b"])
def test_an_authorization_that_is_none_is_told_so(agreed, header):
    assert post(ASKED, Authorization=header).status_code == 400


def now() -> int:
    return int(clock.now().timestamp())


# Each changes one thing of what a machine signs; what of it is a function is given the moment of the test.
HOSTILE_CLAIMS = {
    "issuer of another": {"iss": str(uuid4())},
    "subject of another": {"sub": str(uuid4())},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "both of another": {"iss": str(uuid4()), "sub": str(uuid4())},
    "another audience": {"aud": "http://testserver/api/v1"},
    "audience of another host": {"aud": "https://elsewhere.example/api/token"},
    "audience with a slash more": {"aud": AUDIENCE + "/"},
    "audience in other letters": {"aud": AUDIENCE.upper()},
    "two audiences": {"aud": [AUDIENCE, "https://elsewhere.example"]},
    "no audience": {"aud": None},
    "audience as an object": {"aud": {"is": AUDIENCE}},
    "expired": {"exp": lambda: now() - 61},
    "no expiry": {"exp": None},
    "for ten minutes": {"exp": lambda: now() + 600},
    "for ever": {"exp": 2**39},
    "expiry as text": {"exp": "soon"},
    "expiry as a fraction": {"exp": lambda: now() + 60.5},
    "expiry as yes": {"exp": True},
    "expiry below zero": {"exp": -1},
    "issued tomorrow": {"iat": lambda: now() + 86_400},
    "issued yesterday": {"iat": lambda: now() - 86_400},
    "issued as text": {"iat": "now"},
    "begins tomorrow": {"nbf": lambda: now() + 86_400},
    "begins as text": {"nbf": "now"},
    "no name": {"jti": None},
    "an empty name": {"jti": ""},
    "a name as number": {"jti": 7},
    "a long name": {"jti": "x" * 201},
    "a name with a zero byte": {"jti": "x\0"},
}


@pytest.mark.parametrize("changed", HOSTILE_CLAIMS)
def test_a_signed_token_with_another_word_lets_nobody_in(machine, key, changed):
    claims = {name: value() if callable(value) else value for name, value in HOSTILE_CLAIMS[changed].items()}
    assert by_assertion(assertion(machine.id, key, **claims), client_id=str(machine.id)).status_code == 401


def unsigned(header, claims, signature=b""):
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


def whole(machine):
    said = {"iss": str(machine.id), "sub": str(machine.id), "aud": AUDIENCE, "iat": now(), "exp": now() + 60}
    return said | {"jti": str(uuid4())}


def signed_by(other, machine, kid, alg):
    made = type(other).import_key(other.as_dict(private=True) | {"kid": kid})
    return assertion(machine.id, made, header={"alg": alg})


def as_shared_secret(machine, key):
    """A token whose signer takes the public key for a secret that both share."""
    public = OctKey.import_key(json.dumps(key.as_dict(private=False)).encode())
    return jwt.encode({"alg": "HS256", "typ": "JWT", "kid": key.kid}, whole(machine), public, algorithms=["HS256"])


FORGED = {
    "nobody signed": lambda m, k: unsigned({"alg": "none", "typ": "JWT", "kid": k.kid}, whole(m)),
    "nobody signed, in capitals": lambda m, k: unsigned({"alg": "None", "typ": "JWT", "kid": k.kid}, whole(m)),
    "an empty signature": lambda m, k: unsigned({"alg": "Ed25519", "typ": "JWT", "kid": k.kid}, whole(m)),
    "zeros for a signature": lambda m, k: unsigned({"alg": "Ed25519", "typ": "JWT", "kid": k.kid}, whole(m), bytes(64)),
    "the public key as a secret": as_shared_secret,
    "another key of the same name": lambda m, k: signed_by(OKPKey.generate_key("Ed25519"), m, k.kid, "Ed25519"),
    "a key of another kind": lambda m, k: signed_by(ECKey.generate_key("P-256"), m, k.kid, "ES256"),
    "an unknown key": lambda m, k: signed_by(OKPKey.generate_key("Ed25519"), m, "other", "Ed25519"),
    "a key without a name": lambda m, k: assertion(m.id, k, header={"kid": None}),
    "another type": lambda m, k: assertion(m.id, k, header={"typ": "at+jwt"}),
    "a key it brings": lambda m, k: assertion(m.id, k, header={"jwk": k.as_dict(private=False)}),
    "the address of a key": lambda m, k: assertion(m.id, k, header={"jku": "http://127.0.0.1/keys"}),
    "the address of a certificate": lambda m, k: assertion(m.id, k, header={"x5u": "http://127.0.0.1/cert"}),
    "a certificate": lambda m, k: assertion(m.id, k, header={"x5c": ["AAAA"]}),
    "three letters changed": lambda m, k: assertion(m.id, k)[:-6] + "AAA" + assertion(m.id, k)[-3:],
    "other claims under a signature": lambda m, k: ".".join(
        [assertion(m.id, k).split(".")[0], assertion(m.id, k).split(".")[1], assertion(m.id, k).split(".")[2]]
    ),
    "two parts": lambda m, k: assertion(m.id, k).rpartition(".")[0],
    "four parts": lambda m, k: assertion(m.id, k) + ".x",
    "a header that is no object": lambda m, k: "W10." + assertion(m.id, k).partition(".")[2],
    "letters that are none": lambda m, k: assertion(m.id, k).replace(".", "\N{SNOWMAN}.", 1),
    "twenty thousand letters": lambda m, k: "a" * 20_000 + ".b.c",
    "a deep header": lambda m, k: base64.urlsafe_b64encode(b"[" * 12_000).decode() + ".b.c",
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_token_lets_nobody_in(machine, key, forged):
    answer = by_assertion(FORGED[forged](machine, key), client_id=str(machine.id))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_key_of_another_machine_lets_nobody_in(agreed, machine, key):
    other = opened(agreed)
    assert by_assertion(assertion(other.id, key)).status_code == 401


def test_what_is_guessed_counts_against_the_machine_as_that_address_tries_it(agreed):
    program = machines.program(agreed)
    guesser = Program(program.machine, secret="wrong", address="198.51.100.7")
    assert [guesser.let_in().status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert program.let_in().status_code == 200  # from its own address the owner still comes in
    guesser.secret = secret_of(program.machine)
    assert guesser.let_in().status_code == 200  # a new secret begins the count anew
