"""What was said in a case, sealed to its step."""

import json
from uuid import UUID

from amparo.cases import models
from amparo.cases.types import Said
from amparo.trust.keys.encryption import decrypt, encrypt
from amparo.trust.keys.keyring import sealing

FIELD_CLASS = "case"


def sealed(step: UUID, said: Said) -> bytes | None:
    """Return what is kept of something said; None of nothing."""
    if not said.words.strip() and not said.answers:
        return None
    plain = json.dumps({"words": said.words.strip(), "answers": dict(said.answers)}, ensure_ascii=False)
    return encrypt(FIELD_CLASS, plain.encode(), place_of(step), key=sealing())


def opened(row: models.Step) -> Said | None:
    """Return what was said in the clear; of what was erased, day and ground."""
    if row.tombstone:
        return Said(erased=row.tombstone)
    if row.said is None:
        return None
    return Said(**json.loads(decrypt(FIELD_CLASS, row.said, place_of(row.id))))


def place_of(step: UUID) -> bytes:
    """What binds sealed words to their row."""
    return f"cases_step:{step}".encode()
