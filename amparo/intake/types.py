"""Words of intake that cross its border."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from amparo.kernel.messages import Message


class State(StrEnum):
    """How a batch stands. The catalogue has the words under `intake-state-<state>`."""

    WAITING = "waiting"
    WORKING = "working"
    STOPPED = "stopped"
    REFUSED = "refused"  # whole: nothing of it was written
    DONE = "done"


class Phase(StrEnum):
    """The last phase that is whole; work goes on after it. The words are under `intake-phase-<phase>`."""

    RECEIVED = "received"
    READ = "read"
    VALIDATED = "validated"
    STAGED = "staged"
    APPLIED = "applied"


@dataclass(frozen=True)
class Batch:
    """A delivery of files, how far it is, and what came of it.

    `rows`     how many rows the present phase has got through
    `refusal`  why it was refused whole
    `receipt`  counts, reasons and warnings, once it is done; see docs/reference/receipt.md
    """

    id: UUID
    mapping: str
    source: str
    observed_on: date | None
    files: Sequence[str]
    state: State
    phase: Phase
    rows: int
    refusal: Message | None
    receipt: Mapping[str, Any] | None
    received_at: datetime
    delivered_by: UUID
    finished_at: datetime | None

    @property
    def standing(self) -> Message:
        """How the batch stands, in words; while it is worked on, at what."""
        if self.state is State.WORKING:
            return Message(f"intake-phase-{self.phase.value}")
        return Message(f"intake-state-{self.state.value}")

    @property
    def is_over(self) -> bool:
        return self.state in (State.DONE, State.REFUSED)


@dataclass(frozen=True)
class SourceDelivered:
    """When a source's delivery was last taken in whole, and on what ground; `agreement` "" where it came under none."""

    at: datetime
    purpose: str
    agreement: str


@dataclass(frozen=True)
class Received:
    """A delivery that was taken in for work, or is known already: then it is not `is_new`, and nothing was written."""

    batch_id: UUID
    is_new: bool


@dataclass(frozen=True)
class QuarantinedRow:
    """A row set aside: where it stood, every reason, and what was delivered, as far as its reader may read it.

    `original`  column → text, or the whole line where it could not be split
    `withheld`  whether there is more than the reader is shown
    """

    file: str
    line: int
    reasons: Sequence[Message]
    original: Mapping[str, str] | str
    withheld: bool = False
