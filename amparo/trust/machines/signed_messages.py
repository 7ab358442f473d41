"""Messages with a signature beside them: whose they are, for whom, of what, and that each is taken once.

The signature is a JWS with detached content (RFC 7515, appendix F): its content is the body byte for byte, and its header,
which it covers too, says the rest. So neither can be changed, nor be sent again, nor elsewhere.
Units   seconds: a message holds for five minutes, and one more for clocks that differ
Errors  NotBelieved; what the message asked for is not done
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from joserfc import jws

from amparo.kernel import clock
from amparo.trust.machines.asking import keys_of
from amparo.trust.machines.assertion import LONGEST_LIFE, expect_new
from amparo.trust.machines.jose import (
    NotBelieved,
    Registry,
    Why,
    content_of,
    fitting,
    header_of,
    is_instant,
    with_content,
)
from amparo.trust.machines.message_key import message_key

TYPE = "amparo-message+jws"


@dataclass(frozen=True)
class Message:
    """What is signed: a body, and which request it is of. `audience`: this door as it is reached."""

    audience: str
    method: str
    path: str
    body: bytes


def expect_signed(signature: str, message: Message, *, sender: UUID) -> str:
    """Return the name of a machine's message. Raises NotBelieved unless it signed just this, for here, now, and for the first time."""
    header = header_of(signature, types=(TYPE,))
    whole = with_content(signature, message.body)
    key = fitting(header, [each.jwk for each in keys_of(sender).values()])
    content_of(whole, header, key)
    if header.get("iss") != str(sender):
        raise NotBelieved(Why.ISSUER)
    if header.get("aud") != message.audience:
        raise NotBelieved(Why.AUDIENCE)
    if (header.get("method"), header.get("path")) != (message.method, message.path):
        raise NotBelieved(Why.ADDRESS)
    if not is_instant(header.get("iat")):
        raise NotBelieved(Why.ISSUED)
    expect_new(sender, header)
    return header["jti"]


def signed(body: bytes, *, receiver: UUID, status: int, answers: str) -> str:
    """Return our signature for an answer. `answers`: the name of the signed request that it is an answer to, or nothing."""
    key, now = message_key(), int(clock.now().timestamp())
    header = {
        "alg": "Ed25519",
        "kid": key.kid,
        "typ": TYPE,
        "iat": now,
        "exp": now + LONGEST_LIFE,
        "jti": str(uuid4()),
        "aud": str(receiver),
        "status": status,
        "answers": answers,
    }
    first, _, last = jws.serialize_compact(header, body, key, registry=Registry("Ed25519")).split(".")
    return f"{first}..{last}"
