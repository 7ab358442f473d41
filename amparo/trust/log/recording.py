"""Writing one row of the audit log: in the transaction of the act itself, or, of what was refused, in one of its own."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.trust import prepared
from amparo.trust.models import Audit
from amparo.trust.purposes import ENDS, expect_live
from amparo.trust.types import Actor, Event, Ground

_LINES = "SELECT amparo_write_line(line) FROM jsonb_array_elements(%s::text::jsonb) line"


def record(
    event: Event,
    *,
    by: Actor,
    under: Ground | None = None,
    using: str = "default",
    **told: Any,
) -> None:
    """Write one audit row in the transaction of the act itself. `told`: as `audit_line` has it.

    Raises NotPermitted where the act is under a purpose that is over: then it is not done.
    """
    if under and event not in ENDS:
        expect_live(under.purpose, on=clock.today(), using=using)
    write(audit_line(event, by=by, under=under, **told), using=using)


def record_each(
    event: Event, about: Iterable[Mapping[str, Any]], *, by: Actor, under: Ground, using: str = "default"
) -> None:
    """Write one audit row for each of those whom an act is about, all by one statement; as `record` of each."""
    lines = [audit_line(event, by=by, under=under, **each) for each in about]
    if not lines:
        return
    if event not in ENDS:
        expect_live(under.purpose, on=clock.today(), using=using)
    with connections[using].cursor() as cursor:
        cursor.execute(_LINES, [json.dumps(lines)])


def audit_line(
    event: Event,
    *,
    by: Actor,
    under: Ground | None = None,
    about_kind: str = "",
    about_id: object = "",
    area_number: int | None = None,
    **details: Any,
) -> dict[str, Any]:
    """Return one audit row, as the database writes it (`amparo_write_line`). `details` holds codes and counts, nobody's data.

    Where somebody who is protected lives stands in no audit row.
    """
    return {
        "id": str(uuid7()),
        "at": clock.now().isoformat(),
        "event": event.value,
        "by_id": str(by.id),
        "by_kind": by.kind.value,
        "permission": by.permission.value if by.permission else by.job,
        "purpose": under.purpose if under else "",
        "agreement": (under.agreement or "") if under else "",
        "about_kind": about_kind,
        "about_id": str(about_id),
        "area_number": None if area_number is None or area_number < 0 else area_number,
        "details": details,
    }


def write(written: dict[str, Any], *, using: str = "default") -> None:
    """Write one audit row. Whoever calls has asked whether its purpose is live; the database asks once more."""
    prepared.row("SELECT amparo_write_line(%s::text::jsonb)", [json.dumps(written)], using=using)


def record_denial(*, by: Actor | None, asked: str, reason: str) -> None:
    """Write that something was refused, in a transaction of its own: the refused one is undone."""
    with transaction.atomic():
        Audit.objects.create(
            at=clock.now(),
            event=Event.DENIED.value,
            by_id=by.id if by else None,
            by_kind=by.kind.value if by else "nobody",
            about_kind="route",
            about_id=asked[:64],
            details={"reason": reason},
        )
