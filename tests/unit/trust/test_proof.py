"""The tree is RFC 9162's, a line is read back as it was said, and a statement is signed whole (D1)."""

import json
from dataclasses import fields, replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from amparo.trust.log import proof

# RFC 6962's own test tree (github.com/google/certificate-transparency, merkle_tree_test): leaves, and the root over the first n.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SEAL = proof.Seal(1, 1, proof.NOTHING, 2, 5, "a", 6, "b", "t", "u", "00", "v", "k")
MARKS = st.integers(0, 2**62) | st.text(max_size=20)


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_the_root_is_the_one_of_the_standards_own_tree(size):
    assert proof.root([proof.leaf(bytes.fromhex(each)) for each in LEAVES[:size]]).hex() == ROOTS[size]


def split_root(leaves: list[bytes]) -> bytes:
    """The definition in RFC 9162, word for word: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + split_root(leaves[:k]) + split_root(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_the_root_is_the_standards_definition(rows):
    leaves = [proof.leaf(each) for each in rows]
    assert proof.root(leaves) == split_root(leaves)


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=40), st.data())
def test_no_row_and_no_inner_node_passes_for_another(rows, data):
    leaves = [proof.leaf(each) for each in rows]
    at = data.draw(st.integers(0, len(rows) - 1))
    other = data.draw(st.binary(max_size=4).filter(lambda each: each != rows[at]))
    assert proof.root([*leaves[:at], proof.leaf(other), *leaves[at + 1 :]]) != proof.root(leaves)
    pair = leaves[0] + leaves[1]
    assert proof.leaf(pair) != proof.root(leaves[:2])


@pytest.mark.parametrize("name", [each.name for each in fields(proof.Seal) if each.name != "signature"])
@given(value=MARKS)
def test_every_field_of_a_seal_is_signed(name, value):
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    seal = replace(SEAL, key=proof.key_id(key.public_key()))
    seal = replace(seal, signature=key.sign(seal.statement).hex())
    known = {seal.key: key.public_key()}
    assert proof.is_signed(seal, known)
    assert proof.is_signed(replace(seal, **{name: value}), known) == (getattr(seal, name) == value)


def test_a_key_that_nobody_vouches_for_signs_nothing():
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    seal = replace(SEAL, key=proof.key_id(key.public_key()))
    seal = replace(seal, signature=key.sign(seal.statement).hex())
    assert not proof.is_signed(seal, {})
    assert proof.public_keys(b"no key at all") == {}
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert list(proof.public_keys(pem * 2)) == [seal.key]


@given(st.builds(replace, st.just(SEAL), number=st.integers(), root=st.text(), signature=st.text()))
def test_a_custodians_line_is_read_back_as_it_was_said(seal):
    assert "\n" not in seal.line
    assert proof.read_seal(seal.line) == seal


@pytest.mark.parametrize(
    "spoil", [dict.popitem, lambda said: said.update(number=None), lambda said: said.update(root=[1])]
)
def test_a_line_that_says_less_or_otherwise_is_no_seal(spoil):
    said = json.loads(SEAL.line)
    spoil(said)
    assert proof.read_seal(json.dumps(said)) is None
    assert proof.read_seal("{") is None
    assert proof.read_seal("[1]") is None


def test_a_line_that_is_no_row_stands_before_all_others():
    assert proof.key_of(b"7\tid\trest\t") == (7, "id")
    assert proof.key_of(b"") == proof.key_of(b"x\tid\trest") == proof.BEFORE_ALL
