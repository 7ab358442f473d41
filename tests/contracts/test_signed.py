"""Signed messages: what was changed or sent again is refused, and has one effect at most (H5)."""

import base64
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey

from amparo.kernel import clock
from amparo.project.postgres.place import existing_place
from amparo.project.postgres.server import is_listening, server_pid
from amparo.trust.models import Exchange
from tests.lib import agreeing
from tests.lib.agreeing import TERMS, in_force
from tests.lib.machines import Program, key_of, opened, program, secret_of

HERE = "http://testserver"
BODY = json.dumps({"about": "person", "purpose": "registration", "fields": ["person.birth_date"]}).encode()


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    return in_force("signed")


@pytest.fixture(scope="module")
def signer(agreed):
    """A program that must sign, with its key and a token that holds."""
    machine = opened(agreed, must_sign=True)
    made = Program(machine.id, key=key_of(machine.id))
    made.headers()
    return made


PATH = "/api/v1/agreements/signed/exchanges"


def now() -> int:
    return int(clock.now().timestamp())


def header_of(signer, **changes):
    said = {
        "alg": "Ed25519",
        "kid": signer.key.kid,
        "typ": "amparo-message+jws",
        "iss": str(signer.machine),
        "aud": HERE,
        "method": "POST",
        "path": PATH,
        "iat": now(),
        "exp": now() + 120,
        "jti": str(uuid4()),
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


class Roomy(jws.JWSRegistry):
    max_header_length = 4_000


def signed(header, body, key) -> str:
    registry = Roomy(algorithms=[header["alg"]], strict_check_header=False)
    first, _, last = jws.serialize_compact(header, body, key, registry=registry).split(".")
    return f"{first}..{last}"


def send(signer, signature, *, body=BODY, path=PATH, token="", **headers):
    sent = {"Authorization": f"Bearer {token or signer.token}", "Idempotency-Key": str(uuid4())} | headers
    if signature is not None:
        sent["Amparo-Signature"] = signature
    return Client(raise_request_exception=False).post(path, body, content_type="application/json", headers=sent)


def exchanges() -> int:
    return Exchange.objects.filter(agreement__code="signed").count()


def test_what_is_signed_as_it_must_be_is_done(signer):
    assert send(signer, signed(header_of(signer), BODY, signer.key)).status_code == 201


def test_a_page_is_read_with_a_signature_over_its_whole_address(signer):
    begun = send(signer, signed(header_of(signer), BODY, signer.key)).json()
    path = f"/api/v1/exchanges/{begun['exchange']}/records?after={begun['next']}&most=3"
    for wanted, status in ((path, 200), (path.replace("most=3", "most=4"), 401)):
        header = header_of(signer, method="GET", path=path)
        sent = {"Authorization": f"Bearer {signer.token}", "Amparo-Signature": signed(header, b"", signer.key)}
        assert Client().get(wanted, headers=sent).status_code == status


def b64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def other(value: object):
    return lambda s, h: h | value


# Each says what of an honest message is changed before it is signed with the right key …
HEADERS = {
    "no issuer": {"iss": None},
    "another issuer": {"iss": str(uuid4())},
    "no audience": {"aud": None},
    "another audience": {"aud": "https://elsewhere.example"},
    "the audience of a token": {"aud": f"{HERE}/api/token"},
    "an audience in a list": {"aud": [HERE]},
    "an audience with a slash": {"aud": f"{HERE}/"},
    "another method": {"method": "GET"},
    "a method in small letters": {"method": "post"},
    "no method": {"method": None},
    "another path": {"path": "/api/v1/agreements/other/exchanges"},
    "the path with a query": {"path": f"{PATH}?a=b"},
    "the whole address": {"path": HERE + PATH},
    "no path": {"path": None},
    "no moment": {"iat": None},
    "a moment as text": {"iat": "now"},
    "a moment tomorrow": {"iat": 86_400},
    "a moment long ago": {"iat": -400},
    "a moment as a fraction": {"iat": 0.5},
    "no end": {"exp": None},
    "an end before now": {"exp": -61},
    "an end in an hour": {"exp": 3_600},
    "an end as text": {"exp": "never"},
    "an end as yes": {"exp": True},
    "begins tomorrow": {"nbf": 86_400},
    "no name": {"jti": None},
    "an empty name": {"jti": ""},
    "a name that is a number": {"jti": 1},
    "a very long name": {"jti": "x" * 300},
    "a name with a zero byte": {"jti": "a\0b"},
    "no type": {"typ": None},
    "the type of a token": {"typ": "JWT"},
    "another type": {"typ": "jose"},
    "no key": {"kid": None},
    "an unknown key": {"kid": "unknown"},
    "a key that is a path": {"kid": "../messages.key"},
    "a key that is a list": {"kid": ["x"]},
    "a key it brings": {"jwk": OKPKey.generate_key("Ed25519").as_dict(private=False)},
    "the address of a key": {"jku": f"{HERE}/keys"},
    "a certificate": {"x5c": ["AAAA"]},
    "the address of a certificate": {"x5u": f"{HERE}/cert"},
    "a mark of a certificate": {"x5t": "AAAA"},
    "critical words": {"crit": ["exp"]},
    "content that is not packed": {"b64": False},
    "packed content": {"zip": "DEF"},
}
RELATIVE = {"iat", "exp", "nbf"}


def moved(changes: dict) -> dict:
    """Return changes with their moments counted from now."""
    return {
        name: now() + value if name in RELATIVE and isinstance(value, int | float) and value is not True else value
        for name, value in changes.items()
    }


@pytest.mark.parametrize("name", HEADERS)
def test_a_message_that_says_something_else_is_refused(signer, name):
    before = exchanges()
    header = header_of(signer) | {"alg": "Ed25519"}
    header |= moved(HEADERS[name])
    kept = {name: value for name, value in header.items() if value is not None}
    # Signed by hand: the library refuses to sign some of these.
    content = f"{b64(json.dumps(kept).encode())}.{b64(BODY)}".encode()
    signature = f"{content.partition(b'.')[0].decode()}..{b64(signer.key.private_key.sign(content))}"
    assert send(signer, signature).status_code == 401
    assert exchanges() == before


def forged(change):
    def made(signer):
        header = header_of(signer)
        return change(signer, header, signed(header, BODY, signer.key))

    return made


def with_header(signature: str, header: dict) -> str:
    return f"{b64(json.dumps(header).encode())}..{signature.rpartition('.')[2]}"


def flipped(signature: str, place: int) -> str:
    first, _, last = signature.split(".")
    mark = bytearray(base64.urlsafe_b64decode(last + "=="))
    mark[place] ^= 1
    return f"{first}..{b64(bytes(mark))}"


# … and each here what is changed after it was signed, or by whom it was.
MUTATIONS = {
    "nothing beside the body": lambda s: None,
    "an empty signature": lambda s: "",
    "no signature at all": forged(lambda s, h, m: m.rpartition(".")[0] + "."),
    "zeros": forged(lambda s, h, m: m.rpartition(".")[0] + "." + b64(bytes(64))),
    "the first bit": forged(lambda s, h, m: flipped(m, 0)),
    "a bit in the middle": forged(lambda s, h, m: flipped(m, 31)),
    "the last bit": forged(lambda s, h, m: flipped(m, 63)),
    "cut short": forged(lambda s, h, m: m[:-4]),
    "made longer": forged(lambda s, h, m: m + "AAAA"),
    "letters that are none": forged(lambda s, h, m: m + "!"),
    "one part": forged(lambda s, h, m: m.replace(".", "")),
    "two parts": forged(lambda s, h, m: m.replace("..", ".")),
    "four parts": forged(lambda s, h, m: m + ".x"),
    "its content within": forged(lambda s, h, m: m.replace("..", f".{b64(BODY)}.")),
    "other content within": forged(lambda s, h, m: m.replace("..", f".{b64(b'{}')}.")),
    "a later end": forged(lambda s, h, m: with_header(m, h | {"exp": h["exp"] + 60})),
    "another name": forged(lambda s, h, m: with_header(m, h | {"jti": str(uuid4())})),
    "another path after": forged(lambda s, h, m: with_header(m, h | {"path": "/api/v1/agreements"})),
    "nobody's algorithm": forged(lambda s, h, m: with_header(m, h | {"alg": "none"})),
    "an algorithm that is a list": forged(lambda s, h, m: with_header(m, h | {"alg": ["Ed25519"]})),
    "another algorithm": forged(lambda s, h, m: with_header(m, h | {"alg": "ES256"})),
    "no algorithm": forged(lambda s, h, m: with_header(m, {k: v for k, v in h.items() if k != "alg"})),
    "no header": forged(lambda s, h, m: ".." + m.rpartition(".")[2]),
    "a header that is a list": forged(lambda s, h, m: f"{b64(b'[]')}..{m.rpartition('.')[2]}"),
    "a header of letters": forged(lambda s, h, m: f"xxx..{m.rpartition('.')[2]}"),
    "a deep header": forged(lambda s, h, m: f"{b64(b'[' * 9_000)}..{m.rpartition('.')[2]}"),
    "a long one": lambda s: "a" * 20_000 + "..b",
    "another key under the name": lambda s: signed(
        header_of(s), BODY, OKPKey.import_key(OKPKey.generate_key("Ed25519").as_dict(private=True) | {"kid": s.key.kid})
    ),
    "a key of another kind": lambda s: signed(header_of(s, alg="ES256"), BODY, ECKey.generate_key("P-256")),
    "the public key as a secret": lambda s: signed(
        header_of(s, alg="HS256"), BODY, OctKey.import_key(json.dumps(s.key.as_dict(private=False)).encode())
    ),
    "of another body": lambda s: signed(header_of(s), BODY + b" ", s.key),
    "of an empty body": lambda s: signed(header_of(s), b"", s.key),
    "of the body in other words": lambda s: signed(
        header_of(s), json.dumps(json.loads(BODY), indent=1).encode(), s.key
    ),
}


def test_there_are_as_many_mutations_as_the_goal_asks_for():
    assert len(MUTATIONS) + len(HEADERS) >= 60


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_message_that_was_changed_is_refused(signer, name):
    before = exchanges()
    assert send(signer, MUTATIONS[name](signer)).status_code == 401
    assert exchanges() == before


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"person", b"Person", 1), b"{}", BODY[:-1]])
def test_a_body_that_was_changed_is_refused(signer, body):
    before = exchanges()
    assert send(signer, signed(header_of(signer), BODY, signer.key), body=body).status_code == 401
    assert exchanges() == before


def test_a_message_is_taken_once_whatever_key_it_is_sent_with(signer):
    before, message = exchanges(), signed(header_of(signer), BODY, signer.key)
    assert [send(signer, message).status_code for _ in range(3)] == [201, 401, 401]
    assert exchanges() == before + 1


def test_a_message_sent_many_times_at_once_is_taken_once(signer):
    before, message = exchanges(), signed(header_of(signer), BODY, signer.key)

    def sent(_):
        try:
            return send(signer, message).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sent, range(60)))
    assert sorted(answers) == [201] + [401] * 59
    assert exchanges() == before + 1


def test_a_restart_between_two_sendings_lets_none_in_again(signer, server, database):
    """What was taken is written to disk: the database's server falls over, and recovers."""
    from tests.conftest import point_at

    message = signed(header_of(signer), BODY, signer.key)
    assert send(signer, message).status_code == 201
    connections.close_all()
    fall_over(server)
    point_at(database, server)
    assert send(signer, message).status_code == 401


def fall_over(server) -> None:
    """Have this test's own database server stop at once, as in a crash, and start it again."""
    place = existing_place(server.data_dir)
    os.kill(server_pid(place), signal.SIGQUIT)
    while is_listening(place):
        time.sleep(0.05)
    server.start()


@pytest.mark.parametrize(("skew", "status"), [(-50, 201), (50, 201), (-130, 201), (-400, 401), (200, 401)])
def test_clocks_may_differ_by_a_minute(signer, skew, status):
    header = header_of(signer, iat=now() + skew, exp=now() + skew + 290)
    assert send(signer, signed(header, BODY, signer.key)).status_code == status


def test_a_message_is_still_known_when_it_could_last_be_taken(signer):
    header = header_of(signer, exp=now() + 290)
    message = signed(header, BODY, signer.key)
    assert send(signer, message).status_code == 201
    from amparo.trust.machines import taken

    with clock.fixed(clock.now() + timedelta(seconds=340)):
        taken.forget_old(before=clock.now())
        signer.token, held = "", signer.token
        signer.headers()
        assert send(signer, message).status_code == 401
        signer.token = held


def test_a_key_of_another_machine_signs_nothing_for_this_one(agreed, signer):
    machine = opened(agreed, must_sign=True)
    theirs = key_of(machine.id)
    header = header_of(signer, kid=theirs.kid)
    assert send(signer, signed(header, BODY, theirs)).status_code == 401


def test_a_machine_that_need_not_sign_may_and_then_it_must_hold(agreed):
    machine = opened(agreed)
    asks = Program(machine.id, secret=secret_of(machine.id), key=key_of(machine.id))
    asks.headers()
    assert send(asks, None).status_code == 201
    assert send(asks, signed(header_of(asks), BODY, asks.key)).status_code == 201
    assert send(asks, signed(header_of(asks), BODY + b" ", asks.key)).status_code == 401


def test_an_answer_is_signed_for_whoever_asks_and_each_can_check_it(agreed, signer):
    header = header_of(signer)
    answer = send(signer, signed(header, BODY, signer.key), **{"Amparo-Sign": "answer"})
    [public] = Client().get("/api/v1/keys").json()["keys"]
    key = OKPKey.import_key(public)
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    found = jws.deserialize_compact(answer["Amparo-Signature"], key, registry=registry, payload=answer.content)
    said = found.headers()
    assert (said["aud"], said["status"], said["answers"]) == (str(signer.machine), 201, header["jti"])
    assert said["kid"] == public["kid"]
    with pytest.raises(Exception, match=r"(?i)signature"):
        jws.deserialize_compact(answer["Amparo-Signature"], key, registry=registry, payload=answer.content + b" ")


def test_a_refusal_is_signed_too_and_nothing_for_strangers(agreed, signer):
    other = program(in_force("waters", replace(TERMS, consumer="water")))
    answer = other.get("agreements/signed", **{"Amparo-Sign": "answer"})
    assert (answer.status_code, bool(answer.get("Amparo-Signature"))) == (404, True)
    stranger = Client().get("/api/v1/agreements", headers={"Amparo-Sign": "answer"})
    assert "Amparo-Signature" not in stranger
    assert "Amparo-Signature" not in other.get("agreements")
