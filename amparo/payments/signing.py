"""The signature under an approved list: what it says, how it is made, and whether it still holds.

Shape   a list's row in; bytes of an Ed25519 signature, or whether it holds, out
Errors  Refused where the list's payments are no longer those that were signed, or no known key signed them
Source  RFC 8032 (Ed25519)
"""

import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db import connections

from amparo.kernel.errors import Refused
from amparo.payments.models import List
from amparo.trust.log.signing_key import public_key_file, signing_key

_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.S)


def sign(row: List) -> bytes:
    return signing_key().sign(_said(row))


def expect_signed(row: List, *, using: str = "default") -> None:
    """Raise Refused where a list's payments are not those that were approved and signed."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT amparo_list_digest(%s)", [row.id])
        if cursor.fetchone()[0] != row.digest or not _is_signed(row):
            raise Refused("payments-signature-broken", list=row.id)


def _is_signed(row: List) -> bool:
    keys = [load_pem_public_key(each) for each in _PEM.findall(public_key_file().read_bytes())]
    return any(_verifies(each, row) for each in keys if isinstance(each, Ed25519PublicKey))


def _verifies(key: Ed25519PublicKey, row: List) -> bool:
    try:
        key.verify(bytes(row.signature or b""), _said(row))
    except InvalidSignature:
        return False
    return True


def _said(row: List) -> bytes:
    """What is signed: which list, how much of what, and the digest of every payment in it."""
    said = [
        str(row.id),
        row.programme.code,
        row.cycle,
        row.part,
        row.currency,
        row.payments,
        row.amount_minor,
        row.digest,
    ]
    return json.dumps(["amparo-payment-list", *said]).encode()
