"""Writes a case's row and its steps, inside the act that records them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from amparo.cases import models
from amparo.cases.types import CLOSED, Act, Case, Said, State
from amparo.cases.words import sealed
from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.notices.actions import tell
from amparo.notices.types import Kind as NoticeKind
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission, system

# Whoever knows of it, unless it is sensitive: that there is such a case, a home may not be safe to be told.
_CONCERNED = """
SELECT c.id AS about, c.person_id AS person, c.household_id AS household, c.area_number, c.programme, c.due_on AS day, c.code
FROM cases_case c WHERE c.id = %(case)s AND c.person_id IS NOT NULL AND c.told_at IS NOT NULL AND NOT c.is_sensitive
"""
CODE_BYTES = 6  # 48 bits: with ten questions a minute, somebody who guesses finds one of a million cases in fifty years


def new_code() -> str:
    return secrets.token_hex(CODE_BYTES).upper()


@contextmanager
def writing(by: Actor) -> Iterator[Actor]:
    """Run a block in which whoever acts may write: an officer in their own gates, a citizen or nobody in the system's.

    What a citizen may do was asked before, in their own.
    """
    if by.kind is ActorKind.OFFICER or (by.kind is ActorKind.SYSTEM and by.permission is not None):
        yield by
        return
    with acting(system("case").narrowed(Permission.WORK_CASE)) as writer:
        yield writer


def add_step(row: models.Case, act: Act, said: Said, *, by_id: UUID | None, is_told: bool = False) -> UUID:
    id = uuid7()
    models.Step.objects.create(
        id=id,
        case_id=row.id,
        area_number=row.area_number,
        act=act.value,
        state=row.state,
        at=clock.now(),
        by_id=by_id,
        is_told=is_told,
        said=sealed(id, said),
    )
    return id


def change(row: models.Case, to: State | None, *, by: Actor, **more: object) -> None:
    """Bring a case to a state, and to its end where that is one; then whom it concerns is told."""
    if to is not None:
        more |= {"state": to.value} | ({"closed_at": clock.now()} if to in CLOSED else {})
    if more:
        for name, value in more.items():
            setattr(row, name, value)
        row.save(update_fields=list(more))
    if to in CLOSED:
        tell_of(NoticeKind.CASE_CLOSED, row.id, by=by)


def tell_of(kind: NoticeKind, case: UUID, *, by: Actor) -> None:
    """Tell whom a case concerns what became of it. Part of an act."""
    tell(kind, _CONCERNED, {"case": case}, by=by)


def note(event: Event, row: models.Case | Case, by: Actor, under: Ground | None, **details: object) -> None:
    """Write the audit row of an act on a case: about whom it concerns, unless they do not know of it yet."""
    person = row.person_id if isinstance(row, models.Case) else row.linked.person
    told = {"about_kind": "case", "about_id": row.id}
    if person and row.told_at:
        told = {"about_kind": "person", "about_id": person, "case": str(row.id)}
    record(event, by=by, under=under, area_number=_place(row), **told, kind=str(row.kind), **details)


def _place(row: models.Case | Case) -> int | None:
    return row.__dict__.get("area_number")
