"""A substitute for some days: an officer hands on a role they hold, never more of it than that, and nobody hands it further.

Nothing is copied: what a substitute may do is read, at each request, from the assignment that was handed on
(`queries.actor_of`). So it ends by itself with its last day, and with the assignment, and with either account.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust.apart import refuse_apart
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.models import Area, Delegation, RoleAssignment
from amparo.trust.queries import account_with_id, area
from amparo.trust.types import POWERFUL, Actor, Event, Permission, Role

LONGEST = timedelta(days=31)  # both ends included


@transaction.atomic
def delegate(
    assignment: int, to: UUID, *, by: Actor, on: date, until: date, area_code: str | None = None
) -> Delegation:
    """Hand a role of one's own to somebody else from a day on, `until` included; `area_code` for a part of its area.

    Raises NotFound for a role that one does not hold oneself (one that was handed to one is not held), Refused for a
    powerful one, for a time longer than a month or than the role is held, and where it stands apart from what the
    substitute holds.
    """
    held = RoleAssignment.objects.select_for_update(of=("self",)).select_related("area")
    row = held.filter(id=assignment, account_id=by.id, is_confirmed=True).first()
    if row is None or (row.ends_on is not None and row.ends_on < clock.today()):
        raise NotFound("trust-role-not-held")
    substitute = account_with_id(to)
    if is_same_human(by, to) or not substitute.is_active:
        raise Refused("trust-delegation-to-nobody-else")
    if Role(row.role) in POWERFUL:
        raise Refused("trust-delegation-powerful")
    _expect_days(row, on, until)
    part = _part(row, area_code)
    refuse_apart(to, Role(row.role), on, until)
    made = Delegation.objects.create(
        assignment=row, to=substitute, area=part, starts_on=on, ends_on=until, given_at=clock.now()
    )
    told = {"role": row.role, "area": area_code or "", "from": on.isoformat(), "until": until.isoformat()}
    record(Event.ROLE_DELEGATED, by=by, about_kind="account", about_id=to, **told)
    return made


def _expect_days(row: RoleAssignment, on: date, until: date) -> None:
    if on < clock.today() or until < on or until - on >= LONGEST:
        raise Refused("trust-delegation-days", most=LONGEST.days)
    if on < row.starts_on or (row.ends_on is not None and until > row.ends_on):
        raise Refused("trust-delegation-longer")


def _part(row: RoleAssignment, code: str | None) -> Area | None:
    """Return the part of a role's area that is handed on; None: all of it. What lies outside does not exist."""
    if not code:
        return None
    part = area(code)
    if row.area is None or not row.area.number <= part.number <= part.last_number <= row.area.last_number:
        raise NotFound("trust-area-unknown", area=code)
    return part


@transaction.atomic
def end_delegation(id: int, *, by: Actor) -> None:
    """Take back what one handed on, give back what was handed to one, or end it as an administrator; at once."""
    row = Delegation.objects.select_for_update(of=("self",)).select_related("assignment").filter(id=id).first()
    if row is None:
        raise NotFound("trust-delegation-unknown")
    if by.id not in (row.assignment.account_id, row.to_id) and not by.has(Permission.OPEN_ACCOUNTS):
        raise NotPermitted("trust-not-permitted", permission=Permission.OPEN_ACCOUNTS.words)
    if row.ended_at is None:
        row.ended_at, row.ended_by = clock.now(), by.id
        row.save(update_fields=["ended_at", "ended_by"])
    record(Event.DELEGATION_ENDED, by=by, about_kind="account", about_id=row.to_id, role=row.assignment.role)
