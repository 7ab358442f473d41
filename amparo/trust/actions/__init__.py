"""Every write of trust: audit rows, accounts, roles, areas, purposes."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.trust import area_tree, first_password
from amparo.trust.models import Account, Area, Audit, Purpose, RoleAssignment
from amparo.trust.purposes import ENDS, expect_live
from amparo.trust.queries import area
from amparo.trust.types import (
    POWERFUL,
    SCOPE_KIND,
    Actor,
    ActorKind,
    AreaConfig,
    Event,
    Ground,
    PurposeConfig,
    Role,
    ScopeKind,
    stand_apart,
)


def record(
    event: Event,
    *,
    by: Actor,
    under: Ground | None = None,
    about_kind: str = "",
    about_id: object = "",
    area_number: int | None = None,
    using: str = "default",
    **details: Any,
) -> None:
    """Write one audit row in the transaction of the act itself. `details` holds codes and counts, nobody's data.

    Raises NotPermitted where the act is under a purpose that is over: then it is not done.
    """
    if under and event not in ENDS:
        expect_live(under.purpose, on=clock.today(), using=using)
    Audit.objects.using(using).create(
        at=clock.now(),
        event=event.value,
        by_id=by.id,
        by_kind=by.kind.value,
        permission=by.permission.value if by.permission else by.job,
        purpose=under.purpose if under else "",
        agreement=(under.agreement or "") if under else "",
        about_kind=about_kind,
        about_id=str(about_id),
        area_number=area_number,
        details=details,
    )


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


@transaction.atomic
def open_account(
    username: str,
    password: str,
    *,
    display_name: str,
    by: Actor,
    language: str = "",
    is_demo: bool = False,
    is_first: bool = False,
) -> Account:
    """Open an account that may sign in and, so far, do nothing. A username that differs by case alone is refused.

    `is_first` says that the password is one to hand over: it holds for three days, and only for being changed.
    """
    if Account.objects.filter(username__iexact=username).exists():
        raise Refused("trust-account-exists")
    account = Account(
        username=username, display_name=display_name, language=language, is_demo=is_demo, opened_at=clock.now()
    )
    account.password_until = clock.now() + first_password.HOLDS if is_first else None
    account.set_password(password)
    account.save()
    record(Event.ACCOUNT_OPENED, by=by, about_kind="account", about_id=account.id, demo=is_demo)
    return account


@transaction.atomic
def grant_role(
    account_id: UUID, role: Role, *, area_code: str | None, by: Actor, on: date, until: date | None = None
) -> RoleAssignment:
    """Give an account a role from a day on, `until` included. A role over areas needs an area; a national one takes none.

    Nobody gives a role to themselves, nor one that does not go with what somebody holds. A powerful role is held once a
    second person has confirmed it (`actions.accounts.confirm_role`); an operator's command needs no second one.
    """
    if account_id == by.id:
        raise Refused("trust-own-account")
    if until is not None and until < on:
        raise Refused("trust-role-ends-before")
    needs_area = SCOPE_KIND[role] is ScopeKind.AREA
    if needs_area != (area_code is not None):
        raise Refused("trust-role-and-area", role=role.value)
    _refuse_apart(account_id, role, on, until)
    assignment = RoleAssignment.objects.create(
        account_id=account_id,
        role=role.value,
        area=area(area_code) if area_code else None,
        starts_on=on,
        ends_on=until,
        granted_by=by.id,
        is_confirmed=by.kind is ActorKind.SYSTEM or role not in POWERFUL,
    )
    record(Event.ROLE_GRANTED, by=by, about_kind="account", about_id=account_id, role=role.value, area=area_code or "")
    return assignment


def _refuse_apart(account_id: UUID, role: Role, on: date, until: date | None) -> None:
    """Refuse a role that would at some time be held together with one it must stand apart from."""
    # Held for this transaction, so that two administrators at once do not give what neither would give alone.
    Account.objects.select_for_update().get(id=account_id)
    held = RoleAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), account_id=account_id)
    for each in held if until is None else held.filter(starts_on__lte=until):
        if stand_apart(role, Role(each.role)):
            words = [message(f"trust-role-{name}") for name in (role.value, each.role)]
            raise Refused("trust-roles-apart", role=words[0], held=words[1])


@transaction.atomic(using="owner")
def install_areas(areas: Sequence[AreaConfig], *, by: Actor) -> int:
    """Add and rename areas of the profile; return how many are new.

    Areas already numbered keep their number, new ones take one in the gap after their siblings. An area that is
    absent from the profile stays: people may live there. Returns without writing where nothing changed.
    """
    known = {each.code: each for each in Area.objects.using("owner").select_related("parent", "successor")}
    changed = [each for each in areas if _differs(known.get(each.code), each)]
    if not changed:
        return 0
    ranges = area_tree.numbered(
        [(each.code, each.parent) for each in areas],
        taken={code: (each.number, each.last_number) for code, each in known.items()},
    )
    area_tree.write(areas, ranges)
    added = sum(each.code not in known for each in areas)
    record(Event.AREAS_INSTALLED, by=by, using="owner", areas=len(areas), added=added)
    return added


def _differs(known: Area | None, given: AreaConfig) -> bool:
    if known is None:
        return True
    held = (known.name, known.names, known.level, known.valid_from, known.valid_until)
    parent, successor = known.parent and known.parent.code, known.successor and known.successor.code
    return (*held, parent, successor) != (
        given.name,
        dict(given.names),
        given.level,
        given.valid_from,
        given.valid_until,
        given.parent,
        given.successor,
    )


@transaction.atomic(using="owner")
def install_purposes(purposes: Sequence[PurposeConfig], *, by: Actor) -> None:
    """Write the profile's purposes with their legal basis; those no longer named stay, for the audit log's sake."""
    rows = Purpose.objects.using("owner").values_list("code", "legal_basis", "last_day")
    held = {code: (basis, last_day) for code, basis, last_day in rows}
    if all(held.get(each.code) == (each.legal_basis, each.last_day) for each in purposes):
        return
    Purpose.objects.using("owner").bulk_create(
        [Purpose(**vars(each)) for each in purposes],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["legal_basis", "last_day"],
    )
    record(Event.PURPOSES_INSTALLED, by=by, using="owner", purposes=len(purposes))
