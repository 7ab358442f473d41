"""Who asks by a message, in which registry, and under which of its agreements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from amparo.dci.codes import Error, Registry, Wrong
from amparo.dci.envelope import Header
from amparo.trust.covering import Direction, Request
from amparo.trust.grounds.agreements import Stated
from amparo.trust.machines.asking import Caller
from amparo.trust.machines.peers import KnownPeer
from amparo.trust.queries import own_code
from amparo.trust.types import Actor


def own_id() -> str:
    """Return as whom this registry sends and is sent messages: what the operator named, else its own institution's code."""
    return settings.DCI_ID or own_code()


@dataclass(frozen=True)
class Asking:
    """A message that is believed, taken for the first time, and kept.

    `message`     what it says, opened where it was encrypted
    `agreements`  those that its machine was opened for, as they stood when it was asked who that is
    """

    registry: Registry
    who: Caller
    peer: KnownPeer
    kept: UUID
    header: Header
    message: Mapping[str, Any]
    now: datetime
    language: str
    agreements: tuple[Stated, ...]


@dataclass(frozen=True)
class Under:
    """The agreement that something is asked under, as it stands today, and the partner acting under it."""

    stated: Stated
    by: Actor

    @property
    def row(self) -> Any:
        return self.stated.row

    def request(self, fields: Collection[tuple[str, str]], *, records: int) -> Request:
        """Return a request for these fields of everybody whom the agreement reaches."""
        terms = self.stated.compiled.terms
        return Request(
            consumer=terms.consumer,
            direction=terms.direction,
            purpose=terms.purpose,
            fields=tuple(fields),
            areas=self.stated.compiled.ranges,
            records=records,
            programme=terms.programme,
            identifiers=terms.identifiers,
        )


def under(
    asking: Asking, purposes: Collection[str], *, direction: Direction = Direction.OUT, programme: str | None = None
) -> Under:
    """Return the one agreement that a message can be meant to be under. Raises Wrong where there is none, or more than one.

    It is the machine's, lets records out (or in), and has the purpose that the message names (its `authorize` or `consent`);
    the header's `meta.agreement` may name it. A beneficiary registry is asked about the programme that its agreement names.
    """
    wanted = {each for each in purposes if each}
    named = asking.header.meta.get("agreement")
    rows = [
        each
        for each in asking.agreements
        if each.row.direction == direction
        and wanted <= {each.row.purpose_id}
        and named in (None, each.row.code)
        and (programme is None or each.row.programme == programme)
        and (direction is Direction.IN or asking.registry is not Registry.BENEFICIARY or each.row.programme)
    ]
    if len(rows) != 1:
        raise Wrong("interop-dci-agreement", code=Error.FORBIDDEN, count=str(len(rows)))
    return Under(rows[0], asking.who.acting_under(rows[0].row.id))
