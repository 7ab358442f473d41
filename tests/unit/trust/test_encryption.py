"""Sealed fields: bound to their place, unreadable with another key; blind indexes find what was sealed (E1, E4, E5)."""

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kernel.errors import Refused
from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys import encryption, key_sources
from amparo.trust.keys.encryption import Key, Suite
from tests.unit.trust import test_hmac_in_sql

DRAWN = int(os.environ.get("AMPARO_VARIANTS", "2000"))  # ways of writing identifiers: 100000 for acceptance
# Zero of some scripts in which people write figures: Arabic, Persian, Devanagari, Bengali, Burmese, full width.
ZEROS = "0٠۰०০၀\uff10"


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    from django.conf import settings as django_settings

    monkeypatch.setattr(django_settings, "KEY_FOLDER", tmp_path / "keys")
    key_sources.make_first_key(tmp_path / "keys")
    key_sources.make_file(tmp_path / "keys", 2)
    encryption.forget()
    yield tmp_path / "keys"
    encryption.forget()


@pytest.fixture(params=[Key(1), Key(2), Key(1, Suite.CHACHA20_POLY1305)], ids=["first", "second", "other-suite"])
def key(request):
    return request.param


def seal(plaintext=b"123", place=b"t.c:1", *, key, field_class="identity"):
    return encryption.encrypt(field_class, plaintext, place, key=key)


def test_what_was_sealed_opens_in_its_place_only(key):
    sealed = seal(place=b"registry_identifier.value:a", key=key)
    assert encryption.decrypt("identity", sealed, b"registry_identifier.value:a") == b"123"
    assert b"123" not in sealed
    for field_class, aad in (("identity", b"registry_identifier.value:b"), ("contact", b"registry_identifier.value:a")):
        with pytest.raises(Refused, match="trust-sealed-broken"):
            encryption.decrypt(field_class, sealed, aad)


@pytest.mark.parametrize("position", [0, 1, 2, 13, 14, -1])
def test_one_changed_bit_opens_nothing(key, position):
    sealed = bytearray(seal(key=key))
    sealed[position] ^= 1 if position else 4
    with pytest.raises(Refused):
        encryption.decrypt("identity", bytes(sealed), b"t.c:1")


def test_a_value_relabelled_to_another_key_or_suite_that_is_here_does_not_open(key):
    sealed = seal(key=key)
    for suite in Suite:
        for number in (1, 2):
            if (header := bytes((suite, number))) != sealed[:2]:
                with pytest.raises(Refused, match="trust-sealed-broken"):
                    encryption.decrypt("identity", header + sealed[2:], b"t.c:1")


@pytest.mark.parametrize("shortened", [0, 1, 2, 13, 20])
def test_a_value_that_lacks_its_end_is_refused(key, shortened):
    with pytest.raises(Refused, match="trust-sealed"):
        encryption.decrypt("identity", seal(key=key)[:shortened], b"t.c:1")


def test_what_this_version_sealed_before_keys_had_numbers_opens_as_it_did(keys):
    """An installation from before has one file, master.key, and values that begin with 1, 1 (E2)."""
    keys.joinpath("master.key").write_bytes(bytes(range(32)))
    encryption.forget()
    # Made by the version before: encrypt("identity", b"123", b"t.c:1") and blind_index("national_id", "A1").
    sealed = bytes.fromhex(SEALED_BEFORE)
    assert encryption.decrypt("identity", sealed, b"t.c:1") == b"123"
    assert encryption.blind_index("national_id", "A1", key=1).hex() == BLINDED_BEFORE


SEALED_BEFORE = "0101cab6d60ac78c168009b7d3b6a9410652d0c228cda254727b22b7a0f8009411"
BLINDED_BEFORE = "b3a3788d88d6eee3dfd27bf31e62cea5"


def test_a_missing_or_short_key_is_refused_and_none_is_made_in_its_stead(keys, key):
    path = keys / key_sources.file_of(key.number)
    for spoil in (lambda: path.unlink(), lambda: path.write_bytes(b"short")):
        path.write_bytes(os.urandom(32))
        spoil()
        encryption.forget()
        with pytest.raises(Refused, match="trust-key-missing") as refused:
            seal(key=key)
        assert refused.value.message.values == {"number": key.number}


def test_the_first_key_is_private_and_made_once_also_after_it_was_retired(keys):
    path = keys / "master.key"
    first = path.read_bytes()
    key_sources.make_first_key(keys)
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o600
    key_sources.source().retire(1)
    key_sources.source().retire(2)
    key_sources.make_first_key(keys)
    assert key_sources.numbers_in(keys) == set()
    assert (keys / "retired" / "master.key").read_bytes() == first
    assert [each.name for each in keys.iterdir()] == ["retired"]


def test_a_key_file_that_is_there_is_never_written_again(keys):
    before = (keys / "master-2.key").read_bytes()
    key_sources.make_file(keys, 2)
    assert (keys / "master-2.key").read_bytes() == before
    assert sorted(each.name for each in keys.iterdir()) == ["master-2.key", "master.key"]


def test_keys_may_come_from_the_environment(keys, monkeypatch):
    from base64 import b64encode

    from django.conf import settings as django_settings

    sealed = seal(key=Key(2))
    both = {number: b64encode((keys / key_sources.file_of(number)).read_bytes()).decode() for number in (1, 2)}
    monkeypatch.setattr(django_settings, "KEY_SOURCE", "environment")
    monkeypatch.setenv("AMPARO_KEYS", " ".join(f"{number}:{text}" for number, text in both.items()))
    encryption.forget()
    assert key_sources.source().numbers() == {1, 2}
    assert encryption.decrypt("identity", sealed, b"t.c:1") == b"123"
    with pytest.raises(Refused, match="trust-key-not-made-here"):
        key_sources.source().make(3)


@pytest.mark.parametrize("text", ["1", "1:abc=d", "one:AAAA", "1:AAAA:BBBB"])
def test_an_environment_that_cannot_be_read_is_refused_without_quoting_it(monkeypatch, text):
    from django.conf import settings as django_settings

    monkeypatch.setattr(django_settings, "KEY_SOURCE", "environment")
    monkeypatch.setenv("AMPARO_KEYS", text)
    encryption.forget()
    with pytest.raises(Refused, match="trust-keys-unreadable") as refused:
        seal(key=Key(1))
    assert refused.value.message.values == {}


def test_a_source_that_is_not_built_in_is_refused_by_name(monkeypatch):
    from django.conf import settings as django_settings

    monkeypatch.setattr(django_settings, "KEY_SOURCE", "some-kms")
    encryption.forget()
    with pytest.raises(Refused, match="trust-key-source-unknown"):
        seal(key=Key(1))


@given(st.text(alphabet="0123456789٠١٢٣٤٥٦٧٨٩ -./abcXYZ", min_size=1, max_size=20))
def test_ways_of_writing_one_identifier_have_one_blind_index(value):
    written = f"  {value[: len(value) // 2]}-{value[len(value) // 2 :].lower()} "
    index = encryption.blind_index("national_id", normalised_identifier(value), key=1)
    assert encryption.blind_index("national_id", normalised_identifier(written), key=1) == index
    assert encryption.blind_index("passport", normalised_identifier(value), key=1) != index
    assert encryption.blind_index("national_id", normalised_identifier(value), key=2) != index


def test_no_way_of_writing_an_identifier_is_missed():
    """E4: spaces, separators, case, digits of other scripts, in any mixture: none finds nobody."""
    seed = random.randrange(1_000_000)
    draw = random.Random(seed)
    for _ in range(DRAWN):
        value = "".join(draw.choices("0123456789ABCXYZ", k=draw.randint(4, 20)))
        written = "".join(drawn_sign(draw, each) + drawn_gap(draw) for each in value)
        index = encryption.blind_index("national_id", normalised_identifier(drawn_gap(draw) + written), key=1)
        assert index == encryption.blind_index("national_id", value, key=1), (seed, value, written)


def drawn_sign(draw, sign):
    return chr(ord(draw.choice(ZEROS)) + int(sign)) if sign.isdigit() else draw.choice([sign, sign.lower()])


def drawn_gap(draw):
    return "".join(draw.choices(" \u00a0\u2009-./\u2013", k=draw.choice([0, 0, 1, 2])))


def test_many_at_once_are_as_one_by_one(key):
    values, places = [b"a", b"bb", b""], [b"t.c:1", b"t.c:2", b"t.c:3"]
    sealed = encryption.encrypt_many("identity", values, places, key=key)
    assert [encryption.decrypt("identity", each, place) for each, place in zip(sealed, places, strict=True)] == values
    assert encryption.blind_indexes("s", ["A", "B"], key=1) == [
        encryption.blind_index("s", "A", key=1),
        encryption.blind_index("s", "B", key=1),
    ]


def test_a_column_has_the_blind_indexes_of_its_values():
    texts = [each for each in test_hmac_in_sql.drawn() if each]
    key = encryption.blind_key("national_id", key=1)
    found = test_hmac_in_sql.of_column(encryption.blind_index_in_sql("text"), texts, key)
    assert found == [each.hex() for each in encryption.blind_indexes("national_id", texts, key=1)]


def test_no_two_values_are_sealed_with_one_nonce(key):
    """E3, as far as drawing shows it: nonces are 96 random bits, and of a key at most 2^32 are drawn (test_rotation)."""
    sealed = encryption.encrypt_many("identity", [b"same"] * 20_000, [b"t.c:1"] * 20_000, key=key)
    assert len({each[2:14] for each in sealed}) == len(sealed)
