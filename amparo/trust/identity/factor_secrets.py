"""Secrets of second factors, sealed with the master key in use: the factor's own row holds a name of one, and no secret.

Errors  a name that leads nowhere, or a secret that does not open, is refused: then the factor must be set up anew
"""

from uuid import UUID

from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.trust.keys import encryption
from amparo.trust.keys.keyring import sealing
from amparo.trust.keys.sealed import SealedColumn
from amparo.trust.models import FactorSecret

FIELD_CLASS = "factor"
SEALED = (SealedColumn("trust_factorsecret", "sealed", FIELD_CLASS, place="'trust_factorsecret.sealed:' || id"),)
_NAME = "sealed:"


def seal(secret: str) -> str:
    """Keep a secret sealed, and return the name by which it is opened."""
    id = uuid7()
    sealed = encryption.encrypt(FIELD_CLASS, secret.encode(), _place(id), key=sealing())
    FactorSecret.objects.create(id=id, sealed=sealed)
    return f"{_NAME}{id}"


def opened(name: str) -> str:
    row = FactorSecret.objects.filter(id=name.removeprefix(_NAME)).first()
    if row is None:
        raise Refused("trust-factor-sealed")
    return encryption.decrypt(FIELD_CLASS, row.sealed, _place(row.id)).decode()


def is_name(text: str) -> bool:
    """Whether a factor's row names a sealed secret, and does not hold one as rows of before did."""
    return text.startswith(_NAME)


def _place(id: UUID) -> bytes:
    return f"trust_factorsecret.sealed:{id}".encode()
