"""Refusals: what happened, why it matters, what to do. The words are in the catalogues under the message's id."""

from typing import Any

from amparo.kernel.messages import Message


class Refused(Exception):
    """Something asked for was not done, and nothing was written.

    `Refused("intake-unknown-column", column="agee", line=1)`: the catalogue text of an error has three paragraphs,
    what happened, why it matters, what to do. The command line exits with 2; a page shows it.
    """

    def __init__(self, id: str, /, **values: Any) -> None:
        self.message = Message(id, values)
        super().__init__(str(self.message))


class NotPermitted(Refused):
    """The person asking may not do or see this. Recorded in the audit log outside the transaction it undoes."""


class NotFound(Refused):
    """There is no such thing, or none that the person asking may know of: both look the same from outside."""


class NotServed(Refused):
    """Nobody is served this now, for a reason that lies with the system and not with whoever asks."""


class Stopped(Refused):
    """Long work was asked to stop; what was finished stays, and the same command goes on from there."""
