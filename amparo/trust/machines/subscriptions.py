"""Reads of subscriptions: a machine's own by their codes, those that go on, and what each asks for, opened again."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from amparo.trust.keys import encryption
from amparo.trust.machines.kept_messages import FIELD_CLASS
from amparo.trust.models import Subscription


def place(id: UUID) -> bytes:
    return f"trust_subscription.criteria:{id}".encode()


def criteria_of(row: Subscription) -> dict[str, Any]:
    """Return what a subscription asks for, as the standard writes it."""
    return json.loads(encryption.decrypt(FIELD_CLASS, bytes(row.criteria), place(row.id)))


def own_subscriptions(machine: UUID, codes: Sequence[str]) -> dict[str, Subscription]:
    """Return code → subscription of those among some codes that are a machine's own. Another's is as one that is not there."""
    ids = [UUID(each) for each in codes if _is_id(each)]
    return {str(each.id): each for each in Subscription.objects.filter(machine_id=machine, id__in=ids)}


def subscription(id: UUID) -> Subscription | None:
    """Return a subscription that goes on; None once it has ended."""
    return Subscription.objects.filter(id=id, ended_at=None).first()


def live_subscriptions() -> list[Subscription]:
    """Return all that go on, the oldest first."""
    return list(Subscription.objects.filter(ended_at=None).order_by("begun_at", "id"))


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
