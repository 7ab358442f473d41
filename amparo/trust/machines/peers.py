"""Reads of how machines speak by messages: as whom one sends, how it signs, and where answers may go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from amparo.trust.machines.asking import Caller, caller
from amparo.trust.models import Call, Credential, Machine, Peer


@dataclass(frozen=True)
class KnownPeer:
    """How a machine speaks, as two people have stated it. `profile` "": it does not sign; `callback` "": nothing is sent there."""

    id: UUID
    machine: UUID
    sender: str
    profile: str
    callback: str
    sealing: Mapping[str, Any] | None


def peer_of(machine: UUID) -> KnownPeer | None:
    """Return how a machine speaks now; None where nobody has stated it, or it was ended."""
    row = _live().filter(machine_id=machine).first()
    return _known(row) if row else None


def _live() -> QuerySet[Peer]:
    return Peer.objects.filter(confirmed_at__isnull=False, ended_at=None)


def _known(row: Peer) -> KnownPeer:
    return KnownPeer(row.id, row.machine_id, row.sender, row.profile, row.callback, row.sealing)


def peers_of(machine: Machine) -> list[Peer]:
    """Return everything that was ever stated of how a machine speaks, the newest first."""
    return list(machine.peers.order_by("-made_at"))


def caller_for(machine: UUID) -> Caller | None:
    """Return a machine as who asked, for an answer that is owed to it; None once it was closed, or nothing lets it in."""
    rows = Credential.objects.select_related("machine__organisation").filter(
        machine_id=machine, confirmed_at__isnull=False, ended_at=None, machine__closed_at=None
    )
    row = rows.first()
    return caller(row) if row else None


def calls_of(machine: UUID, *, by: str, values: list[str]) -> list[Call]:
    """Return the calls of a machine's own with one of these values, the newest first.

    `by`: `transaction`, `references` (of its parts) or `id` (the standard's correlation id).
    """
    rows = Call.objects.filter(machine_id=machine)
    if by == "references":
        return list(rows.filter(references__overlap=values).order_by("-asked_at")[:1])
    if by == "id":
        ids = [UUID(each) for each in values if _is_id(each)]
        return list(rows.filter(id__in=ids).order_by("-asked_at")[:1])
    return list(rows.filter(transaction__in=values).order_by("-asked_at")[:1])


def call(id: UUID) -> Call:
    return Call.objects.get(id=id)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
