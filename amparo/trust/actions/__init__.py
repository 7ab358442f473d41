"""Every write of trust: audit rows, accounts, roles, areas, purposes."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust import area_tree
from amparo.trust.apart import refuse_apart
from amparo.trust.eyes import is_same_human
from amparo.trust.identity import first_password
from amparo.trust.identity.warning import expect_address
from amparo.trust.log.recording import record
from amparo.trust.models import Account, Area, Purpose, RoleAssignment, Setting
from amparo.trust.queries import area
from amparo.trust.types import (
    OF_AREAS,
    POWERFUL,
    SCOPE_KIND,
    Actor,
    ActorKind,
    AreaConfig,
    BreachConfig,
    Event,
    PurposeConfig,
    Role,
    ScopeKind,
    WatchConfig,
)


@transaction.atomic
def open_account(
    username: str,
    password: str,
    *,
    display_name: str,
    by: Actor,
    language: str = "",
    email: str = "",
    is_demo: bool = False,
    is_first: bool = False,
) -> Account:
    """Open an account that may sign in and, so far, do nothing. A username that differs by case alone is refused.

    `email` is where its owner is warned of what happens to it. `is_first` says that the password is one to hand over: it holds for three days, and only for being changed.
    """
    if Account.objects.filter(username__iexact=username).exists():
        raise Refused("trust-account-exists")
    expect_address(email)
    account = Account(username=username, display_name=display_name, email=email, language=language)
    account.is_demo, account.opened_at = is_demo, clock.now()
    account.password_until = clock.now() + first_password.HOLDS if is_first else None
    account.set_password(password)
    account.save()
    record(Event.ACCOUNT_OPENED, by=by, about_kind="account", about_id=account.id, demo=is_demo)
    return account


@transaction.atomic
def grant_role(
    account_id: UUID,
    role: Role,
    *,
    area_code: str | None = None,
    programme: str = "",
    by: Actor,
    on: date,
    until: date | None = None,
) -> RoleAssignment:
    """Give an account a role from a day on, `until` included.

    A role over areas needs an area, one of a programme the programme's code; a national one takes neither.

    Nobody gives a role to themselves, nor one that does not go with what somebody holds. A powerful role is held once a
    second person has confirmed it (`actions.accounts.confirm_role`); an operator's command needs no second one.
    """
    if is_same_human(by, account_id):
        raise Refused("trust-own-account")
    if until is not None and until < on:
        raise Refused("trust-role-ends-before")
    _expect_reach(role, area_code, programme)
    refuse_apart(account_id, role, on, until)
    assignment = RoleAssignment.objects.create(
        account_id=account_id,
        role=role.value,
        area=area(area_code) if area_code else None,
        programme=programme,
        starts_on=on,
        ends_on=until,
        granted_by=by.id,
        is_confirmed=by.kind is ActorKind.SYSTEM or role not in POWERFUL,
    )
    told = {"role": role.value, "area": area_code or "", "programme": programme}
    record(Event.ROLE_GRANTED, by=by, about_kind="account", about_id=account_id, **told)
    return assignment


def _expect_reach(role: Role, area_code: str | None, programme: str) -> None:
    """Refuse a role whose kind of scope is not what was given for it."""
    kind = SCOPE_KIND[role]
    if (kind in OF_AREAS) != (area_code is not None):
        raise Refused("trust-role-and-area", role=role.value)
    if (kind is ScopeKind.PROGRAMME) != bool(programme):
        raise Refused("trust-role-and-programme", role=role.value)


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
    """Write the profile's purposes with their legal basis, roles and last day.

    Those no longer named stay, for the audit log's sake, and nobody reads for them.
    """
    rows = Purpose.objects.using("owner").values_list("code", "legal_basis", "roles", "last_day")
    held = {code: tuple(stated) for code, *stated in rows}
    wanted = {each.code: (each.legal_basis, [role.value for role in each.roles], each.last_day) for each in purposes}
    dropped = {code: (basis, [], day) for code, (basis, _, day) in held.items() if code not in wanted}
    if all(held.get(code) == stated for code, stated in (wanted | dropped).items()):
        return
    Purpose.objects.using("owner").bulk_create(
        [
            Purpose(code=code, legal_basis=basis, roles=roles, last_day=day)
            for code, (basis, roles, day) in (wanted | dropped).items()
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["legal_basis", "roles", "last_day"],
    )
    record(Event.PURPOSES_INSTALLED, by=by, using="owner", purposes=len(purposes))


@transaction.atomic(using="owner")
def install_watch(watch: WatchConfig, breach: BreachConfig, *, by: Actor) -> None:
    """Write from how much on use is unusual, and the law on breaches, where the profile says something new."""
    wanted = {"watch": asdict(watch) | {"weekdays": list(watch.weekdays)}, "breach": asdict(breach)}
    held = dict(Setting.objects.using("owner").filter(name__in=wanted).values_list("name", "value"))
    if held == wanted:
        return
    for name, value in wanted.items():
        Setting.objects.using("owner").update_or_create(name=name, defaults={"value": value})
    record(Event.WATCH_INSTALLED, by=by, using="owner", most_a_day=watch.most_a_day, hours=breach.hours)
