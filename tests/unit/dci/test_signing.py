"""Three ways to sign a message, over what came and nothing else: changed, late, or by another's key it does not hold."""

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from amparo.dci.codes import Error, Wrong
from amparo.dci.signing import Profile, canonical, expect_signed, sign

VECTORS = Path(__file__).parents[4] / "shared/reference/dci/signature-vectors.json"
NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
SENDER = "spmis.example.org"
SIGNED = {
    "header": {"message_id": "m-1", "sender_id": SENDER, "unknown": [1, 2.5, None, "é"]},
    "message": {"z": 1, "a": {"b": True}},
}


def named(key, name=""):
    return type(key).import_key(key.as_dict(private=True) | {"kid": name or key.thumbprint()})


OURS, OTHERS = (named(OKPKey.generate_key("Ed25519")) for _ in range(2))
RSA, EC = named(RSAKey.generate_key(2048)), named(ECKey.generate_key("P-256"))
KEYS = [each.as_dict(private=False) for each in (OURS, RSA, EC)]


def check(signature, signed=SIGNED, *, profile, now=NOW, sender=SENDER, keys=KEYS):
    return expect_signed(signature, signed, profile=profile, sender=sender, keys=keys, now=now)


def made(profile, key=OURS, *, now=NOW, sender=SENDER, signed=SIGNED):
    return sign(signed, key, profile=profile, sender=sender, now=now)


def refused(*args, **more):
    with pytest.raises(Wrong) as wrong:
        check(*args, **more)
    return wrong.value.code


@pytest.mark.parametrize("profile", Profile)
def test_what_is_signed_holds_whatever_the_order_of_its_members(profile):
    signature = made(profile)
    again = {"message": SIGNED["message"], "header": dict(reversed(SIGNED["header"].items()))}
    assert check(signature, again, profile=profile) == OURS.kid


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("where", ["header", "message"])
def test_whatever_is_changed_added_or_left_out_does_not_hold(profile, where):
    signature = made(profile)
    for changed in ({"message_id": "m-2"}, {"added": 1}):
        assert refused(signature, SIGNED | {where: SIGNED[where] | changed}, profile=profile) == Error.SIGNATURE
    assert refused(signature, SIGNED | {where: {}}, profile=profile) == Error.SIGNATURE


@pytest.mark.parametrize("profile", Profile)
def test_anothers_key_does_not_sign_for_the_sender(profile):
    assert refused(made(profile, OTHERS), profile=profile) == Error.SIGNATURE
    forged = named(OTHERS, OURS.kid)
    assert refused(made(profile, forged), profile=profile) == Error.SIGNATURE


@pytest.mark.parametrize("profile", Profile)
def test_no_signature_is_missing_and_another_profiles_is_invalid(profile):
    assert refused("", profile=profile) == Error.SIGNATURE_MISSING
    for other in set(Profile) - {profile}:
        assert refused(made(other), profile=profile) == Error.SIGNATURE


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("wrong", ["invalid-signature", "eyJhbGciOiJSUzI1NiJ9.", "!@#$%^&*()", "a.b.c", "é", ".."])
def test_what_is_no_signature_is_invalid(profile, wrong):
    assert refused(wrong, profile=profile) == Error.SIGNATURE


@pytest.mark.parametrize("profile", Profile)
def test_a_partner_may_call_its_keys_as_it_likes_and_sign_with_either_while_they_change(profile):
    older, newer = named(OKPKey.generate_key("Ed25519")), named(OKPKey.generate_key("Ed25519"))
    keys = [each.as_dict(private=False) for each in (older, newer)]
    for each in (older, newer):
        assert check(made(profile, named(each, "key1")), profile=profile, keys=keys) == each.kid
    assert refused(made(profile, named(older, newer.kid)), profile=profile, keys=keys) == Error.SIGNATURE


def test_an_http_signature_is_of_its_sender_and_holds_five_minutes():
    signature = made(Profile.HTTP)
    assert refused(signature, profile=Profile.HTTP, sender="another.example.org") == Error.SIGNATURE
    for seconds, holds in ((300, True), (301, False), (-60, True), (-61, False)):
        later = NOW + timedelta(seconds=seconds)
        if holds:
            assert check(signature, profile=Profile.HTTP, now=later) == OURS.kid
        else:
            assert refused(signature, profile=Profile.HTTP, now=later) == Error.SIGNATURE


def test_an_http_signature_made_by_hand_holds_with_or_without_its_label():
    """Written out with another library, so that both sides are not one mistake."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
    public = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    digest = base64.b64encode(sha256(b'{"header":{},"message":{"a":1}}').digest()).decode()
    base = f"(created): 1781524800\n(expires): 1781525100\ndigest: {digest}"
    text = base64.b64encode(key.sign(base.encode())).decode()
    signature = (
        f'namespace="dci", kidId="{SENDER}|key1|ed25519", algorithm="ed25519", created="1781524800", '
        f'expires="1781525100", headers="(created) (expires) digest", signature="{text}"'
    )
    keys = [{"kty": "OKP", "crv": "Ed25519", "x": public, "kid": "ours"}]
    for written in (signature, f"Signature: {signature}"):
        found = check(written, {"message": {"a": 1}, "header": {}}, profile=Profile.HTTP, keys=keys)
        assert found == "ours"
    longer = signature.replace("1781525100", "1781611200")
    assert refused(longer, {"message": {"a": 1}, "header": {}}, profile=Profile.HTTP, keys=keys) == Error.SIGNATURE


def test_an_http_signature_may_be_of_rsa_and_names_each_member_once():
    created = int(NOW.timestamp())
    digest = base64.b64encode(sha256(canonical(SIGNED)).digest()).decode()
    base = f"(created): {created}\n(expires): {created + 300}\ndigest: {digest}"
    text = base64.b64encode(RSA.private_key.sign(base.encode(), PKCS1v15(), SHA256())).decode()
    signature = (
        f'kidId="{SENDER}|{RSA.kid}|rs256", algorithm="rs256", created="{created}", expires="{created + 300}", '
        f'headers="(created) (expires) digest", signature="{text}"'
    )
    assert check(signature, profile=Profile.HTTP) == RSA.kid
    assert refused(signature + f', created="{created}"', profile=Profile.HTTP) == Error.SIGNATURE
    assert refused(signature.replace("digest", "date"), profile=Profile.HTTP) == Error.SIGNATURE
    assert refused(signature.replace('"rs256"', '"ed25519"'), profile=Profile.HTTP) == Error.SIGNATURE


def token(header, key, content=None):
    found = canonical(SIGNED) if content is None else content
    return jws.serialize_compact(header, found, key, algorithms=[header["alg"]])


@pytest.mark.parametrize(("alg", "key"), [("ES256", EC), ("PS256", RSA), ("RS256", RSA), ("Ed25519", OURS)])
def test_a_jws_may_be_of_four_algorithms(alg, key):
    whole = token({"alg": alg, "kid": key.kid}, key)
    assert check(whole, profile=Profile.ATTACHED) == key.kid
    first, _, last = whole.split(".")
    assert check(f"{first}..{last}", profile=Profile.DETACHED) == key.kid


def test_an_attached_jws_may_write_its_content_in_any_way_that_says_the_same():
    loose = json.dumps(SIGNED, indent=2, ensure_ascii=False).encode()
    assert check(token({"alg": "Ed25519"}, OURS, loose), profile=Profile.ATTACHED) == OURS.kid


def test_a_signature_brings_neither_its_own_key_nor_no_algorithm():
    shown = {"alg": "Ed25519", "jwk": OTHERS.as_dict(private=False)}
    assert refused(token(shown, OTHERS), profile=Profile.ATTACHED) == Error.SIGNATURE
    plain = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    content = base64.urlsafe_b64encode(canonical(SIGNED)).rstrip(b"=").decode()
    assert refused(f"{plain}.{content}.", profile=Profile.ATTACHED) == Error.SIGNATURE


@pytest.mark.parametrize("profile", Profile)
def test_the_published_vectors_hold(profile):
    if not VECTORS.exists():
        pytest.skip("the vectors of the standard's dialects are not here")
    told = json.loads(VECTORS.read_text())
    signed = {"header": told["header"], "message": told["message"]}
    named_so = {"http-signature": "profile_A", "detached-jws": "profile_B", "attached-jws": "profile_C"}[profile.value]
    signature = next(value["signature"] for name, value in told.items() if name.startswith(named_so))
    keys = [{"kty": "OKP", "crv": "Ed25519", "x": told["public_key_b64u"], "kid": "registered"}]
    now = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert canonical(signed).decode() == told["canonical_json_sorted_compact"]
    assert check(signature, signed, profile=profile, keys=keys, now=now) == "registered"
    key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": told["public_key_b64u"]}
        | {"d": base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode(), "kid": "key1"}
    )
    if profile is Profile.HTTP:  # the others' header names the same algorithm otherwise
        assert sign(signed, key, profile=profile, sender=SENDER, now=datetime(2026, 1, 1, tzinfo=UTC)) == signature
