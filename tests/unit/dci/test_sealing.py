"""An encrypted message opens for its receiver only, and only as it was sealed."""

import pytest
from joserfc.jwk import RSAKey

from amparo.dci.codes import Error, Wrong
from amparo.dci.sealing import opened, seal


def key():
    made = RSAKey.generate_key(2048)
    return RSAKey.import_key(made.as_dict(private=True) | {"kid": made.thumbprint()})


OURS, OTHERS = key(), key()
MESSAGE = {"transaction_id": "t-1", "name": "Zoë"}


def test_what_is_sealed_opens_again_and_never_looks_the_same():
    first, second = (seal(MESSAGE, RSAKey.import_key(OURS.as_dict(private=False))) for _ in range(2))
    assert opened(first, OURS) == opened(second, OURS) == MESSAGE
    assert first["ciphertext"] != second["ciphertext"]
    assert first.keys() == {"header", "encrypted_key", "iv", "ciphertext", "tag"}
    assert first["header"].keys() == {"alg", "enc", "kid"}


def changed(sealed):
    yield {**sealed, "header": sealed["header"] | {"alg": "RSA-OAEP"}}
    yield {**sealed, "header": sealed["header"] | {"enc": "A128GCM"}}
    yield {**sealed, "header": sealed["header"] | {"kid": "another"}}
    for each in ("encrypted_key", "iv", "ciphertext", "tag"):
        yield {
            **sealed,
            each: "AAAA" + sealed[each][4:] if not sealed[each].startswith("AAAA") else "B" + sealed[each][1:],
        }
        yield {name: value for name, value in sealed.items() if name != each}
        yield {**sealed, each: 5}
    yield {}


def test_what_was_changed_or_sealed_for_another_does_not_open():
    for each in [*changed(seal(MESSAGE, OURS)), seal(MESSAGE, OTHERS)]:
        with pytest.raises(Wrong) as refused:
            opened(each, OURS)
        assert refused.value.code == Error.ENCRYPTION
