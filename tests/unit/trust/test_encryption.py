"""Sealed fields: bound to their place, unreadable with another key; blind indexes find what was sealed (E1, E4)."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.kernel.errors import Refused
from amparo.registry.schemes import normalised_identifier
from amparo.trust import encryption


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "KEY_FOLDER", tmp_path / "keys")
    encryption.make_keys(tmp_path / "keys")
    forget()
    yield
    forget()


def forget():
    for each in (encryption._master, encryption._derived, encryption._cipher):
        each.cache_clear()


def test_what_was_sealed_opens_in_its_place_only():
    sealed = encryption.encrypt("identity", b"123", b"registry_identifier.value:a")
    assert encryption.decrypt("identity", sealed, b"registry_identifier.value:a") == b"123"
    assert b"123" not in sealed
    for field_class, aad in (("identity", b"registry_identifier.value:b"), ("contact", b"registry_identifier.value:a")):
        with pytest.raises(Refused, match="trust-sealed-broken"):
            encryption.decrypt(field_class, sealed, aad)


@pytest.mark.parametrize("position", [0, 1, 2, 13, 14, -1])
def test_one_changed_bit_opens_nothing(position):
    sealed = bytearray(encryption.encrypt("identity", b"123", b"t.c:1"))
    sealed[position] ^= 1
    with pytest.raises(Refused):
        encryption.decrypt("identity", bytes(sealed), b"t.c:1")


def test_a_missing_or_short_key_is_refused_and_none_is_made_in_its_stead(tmp_path):
    for spoil in (lambda path: path.unlink(), lambda path: path.write_bytes(b"short")):
        path = tmp_path / "keys" / "master.key"
        path.write_bytes(os.urandom(32))
        spoil(path)
        forget()
        with pytest.raises(Refused, match="trust-key-missing"):
            encryption.encrypt("identity", b"123", b"t.c:1")


def test_the_master_key_is_private_and_made_once(tmp_path):
    path = tmp_path / "keys" / "master.key"
    first = path.read_bytes()
    encryption.make_keys(tmp_path / "keys")
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o600


@given(st.text(alphabet="0123456789٠١٢٣٤٥٦٧٨٩ -./abcXYZ", min_size=1, max_size=20))
def test_ways_of_writing_one_identifier_have_one_blind_index(value):
    written = f"  {value[: len(value) // 2]}-{value[len(value) // 2 :].lower()} "
    index = encryption.blind_index("national_id", normalised_identifier(value))
    assert encryption.blind_index("national_id", normalised_identifier(written)) == index
    assert encryption.blind_index("passport", normalised_identifier(value)) != index


def test_many_at_once_are_as_one_by_one():
    values, places = [b"a", b"bb", b""], [b"t.c:1", b"t.c:2", b"t.c:3"]
    sealed = encryption.encrypt_many("identity", values, places)
    assert [encryption.decrypt("identity", each, place) for each, place in zip(sealed, places, strict=True)] == values
    assert encryption.blind_indexes("s", ["A", "B"]) == [
        encryption.blind_index("s", "A"),
        encryption.blind_index("s", "B"),
    ]
