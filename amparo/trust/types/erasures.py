"""Words of erasure and retention that cross the border."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Lapsing(StrEnum):
    """What a schedule may let go, each after the event that is named beside it in `AFTER`."""

    PERSON = "person"
    SET_ASIDE = "set-aside"
    FILE_NAMES = "file-names"
    OPEN_DELIVERIES = "open-deliveries"
    DECISION_FACTS = "decision-facts"
    WORDS = "words"
    CASE_WORDS = "case-words"
    ERASED_NUMBERS = "erased-numbers"
    SENDINGS = "sendings"
    KNOWN_TO_PROGRAMME = "known-to-programme"
    MESSAGES = "messages"


class After(StrEnum):
    """The event from which a schedule counts its days."""

    LEFT = "left"
    DELIVERED = "delivered"
    DECIDED = "decided"
    CLOSED = "closed"
    ERASED = "erased"
    SETTLED = "settled"
    TOLD = "told"


AFTER = {
    Lapsing.PERSON: After.LEFT,
    Lapsing.SET_ASIDE: After.DELIVERED,
    Lapsing.FILE_NAMES: After.DELIVERED,
    Lapsing.OPEN_DELIVERIES: After.DELIVERED,
    Lapsing.DECISION_FACTS: After.DECIDED,
    Lapsing.WORDS: After.DECIDED,
    Lapsing.CASE_WORDS: After.CLOSED,
    Lapsing.ERASED_NUMBERS: After.ERASED,
    Lapsing.SENDINGS: After.SETTLED,
    Lapsing.KNOWN_TO_PROGRAMME: After.TOLD,
    Lapsing.MESSAGES: After.DELIVERED,
}


class ErasureState(StrEnum):
    """How far an erasure has come. The words are in the catalogue under `trust-erasure-<state>`."""

    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    CONFIRMED = "confirmed"
    DONE = "done"


@dataclass(frozen=True)
class ErasureConfirmed:
    """Somebody other than who proposed it has confirmed that a person is to be erased."""

    id: UUID


@dataclass(frozen=True)
class PersonsErased:
    """Somebody who lives in these households was erased; the households themselves were not."""

    household_ids: Sequence[UUID]
