"""A passkey made of software, and what a browser would send of it: honest by default, wrong where a test says so."""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

Flag = AuthenticatorData.FLAG
# Where a browser keeps passkeys without TLS.
HOST = "localhost"
HERE = f"http://{HOST}"


@dataclass
class Passkey:
    """One passkey. `counter` is what it says next, and 0 where it counts nothing; `present` and `verified` whether somebody touched and unlocked it."""

    origin: str = HERE
    rp_id: str = HOST
    counter: int = 1
    present: bool = True
    verified: bool = True
    cross_origin: bool = False
    id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user: str = ""

    @property
    def flags(self) -> int:
        return (Flag.UP if self.present else 0) | (Flag.UV if self.verified else 0)

    @property
    def rp_hash(self) -> bytes:
        return sha256(self.rp_id.encode()).digest()

    def told(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, self.origin, cross_origin=self.cross_origin)

    def create(self, wish: dict[str, Any], *, kind: str = "webauthn.create") -> dict[str, Any]:
        """Return a browser's answer to the wish for a passkey."""
        asked = wish["publicKey"]
        self.user = asked["user"]["id"]
        public = AttestedCredentialData.create(b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key()))
        made = AuthenticatorData.create(self.rp_hash, self.flags | Flag.AT, self.counter, public)
        self.counter += bool(self.counter)  # a passkey without a counter says 0 each time
        return self._answer(
            clientDataJSON=self.told(kind, asked["challenge"]),
            attestationObject=AttestationObject.create("none", made, {}),
        ) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def get(self, question: dict[str, Any], *, kind: str = "webauthn.get", spoil: bool = False) -> dict[str, Any]:
        """Return a browser's answer to the question for a passkey; the counter goes up. `spoil` breaks the signature."""
        told = self.told(kind, question["publicKey"]["challenge"])
        said = AuthenticatorData.create(self.rp_hash, self.flags, self.counter)
        self.counter += bool(self.counter)
        signature = self.key.sign(said + told.hash, ec.ECDSA(hashes.SHA256()))
        signature = signature[:-1] + bytes([signature[-1] ^ 1]) if spoil else signature
        return self._answer(clientDataJSON=told, authenticatorData=said, signature=signature) | {
            "clientExtensionResults": {}
        }

    def _answer(self, **response: bytes) -> dict[str, Any]:
        written = {name: websafe_encode(bytes(value)) for name, value in response.items()}
        if "signature" in written:
            written["userHandle"] = self.user
        id = websafe_encode(self.id)
        return {"id": id, "rawId": id, "type": "public-key", "response": written}


def changed(answer: dict[str, Any], name: str, change: Any) -> dict[str, Any]:
    """Return an answer with the bytes of one part changed."""
    part = change(websafe_decode(answer["response"][name]))
    return answer | {"response": answer["response"] | {name: websafe_encode(part)}}
