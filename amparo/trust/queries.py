"""Reads of trust."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from amparo.kernel.errors import NotFound
from amparo.trust.models import (
    Account,
    Area,
    Audit,
    Citizen,
    Delegation,
    Identity,
    Organisation,
    Purpose,
    RoleAssignment,
)
from amparo.trust.types import (
    SCOPE_KIND,
    SYSTEM_ID,
    Actor,
    ActorKind,
    Grant,
    Permission,
    Role,
    Scope,
    ScopeKind,
    citizen,
    system,
)

# Read for every page, so in one statement. What was handed on holds on its own days and while the assignment it is of does.
_HELD = """
    SELECT held.role, held.programme, area.number, area.last_number
    FROM trust_roleassignment held LEFT JOIN trust_area area ON area.id = held.area_id
    WHERE held.account_id = %(account)s AND held.is_confirmed
        AND held.starts_on <= %(on)s AND (held.ends_on IS NULL OR held.ends_on >= %(on)s)
    UNION ALL
    SELECT held.role, held.programme, area.number, area.last_number
    FROM trust_delegation lent JOIN trust_roleassignment held ON held.id = lent.assignment_id
        JOIN trust_account lender ON lender.id = held.account_id
        LEFT JOIN trust_area area ON area.id = coalesce(lent.area_id, held.area_id)
    WHERE lent.to_id = %(account)s AND lent.ended_at IS NULL AND lent.starts_on <= %(on)s AND lent.ends_on >= %(on)s
        AND lender.is_active AND held.is_confirmed
        AND held.starts_on <= %(on)s AND (held.ends_on IS NULL OR held.ends_on >= %(on)s)
"""


def actor_of(account: Account, *, on: date) -> Actor:
    """Return the account as an actor: with the roles it holds on the day and those handed to it, or as the citizen whose it is.

    An inactive account holds none, and what it handed on is held by nobody.
    """
    if not account.is_active:
        return Actor(account.id, ActorKind.OFFICER, person=account.person_id)
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"account": account.id, "on": on})
        grants = tuple(_grant(*row) for row in cursor.fetchall())
    if not grants and (person := own_person(account.id)):
        return citizen(account.id, person=person)
    return Actor(account.id, ActorKind.OFFICER, grants, person=account.person_id)


def own_person(account_id: UUID) -> UUID | None:
    """Return the person whose own account this is; None of an officer's."""
    return Citizen.objects.filter(account_id=account_id).values_list("person_id", flat=True).first()


def delegations_of(account_id: UUID, *, on: date) -> QuerySet[Delegation]:
    """Return what an account handed on or was handed, that holds on a day or will hold after it; by its first day."""
    rows = Delegation.objects.filter(
        Q(assignment__account=account_id) | Q(to=account_id), ended_at=None, ends_on__gte=on
    )
    return rows.select_related("assignment__account", "assignment__area", "to", "area").order_by("starts_on", "id")


def _grant(role: str, programme: str, first: int | None, last: int | None) -> Grant:
    """An area role without an area reaches nobody, nor does a programme's without a programme."""
    kind = SCOPE_KIND[Role(role)]
    if kind is ScopeKind.NATIONAL:
        return Grant(Role(role), Scope(ScopeKind.NATIONAL))
    if kind is ScopeKind.PROGRAMME:
        return Grant(Role(role), Scope(ScopeKind.PROGRAMME, programmes=(programme,) if programme else ()))
    return Grant(Role(role), Scope(kind, () if first is None else ((first, last),)))


def roles_of(account_id: UUID, *, on: date) -> QuerySet[RoleAssignment]:
    """Return the roles an account holds on a day or will hold after it, those that wait for a second person too."""
    rows = RoleAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), account_id=account_id)
    return rows.select_related("area").order_by("starts_on", "id")


def accounts(*, asked: str = "") -> QuerySet[Account]:
    """Return the officers' accounts, by name; only those in whose names `asked` stands."""
    rows = Account.objects.filter(citizen=None).order_by("display_name", "username")
    return rows.filter(Q(username__icontains=asked) | Q(display_name__icontains=asked)) if asked else rows


@dataclass(frozen=True)
class Owner:
    """Where an account's owner is warned of what happens to it, and in what language; empty where nobody said."""

    email: str = field(repr=False)
    language: str = ""


def owner_of(account_id: UUID, *, using: str = "default") -> Owner:
    """Return where an account's owner is warned. An account that is not there has no address."""
    found = Account.objects.using(using).filter(id=account_id).values_list("email", "language").first()
    return Owner(*(found or ("", "")))


def account_with_id(id: UUID) -> Account:
    found = Account.objects.filter(id=id).first()
    if found is None:
        raise NotFound("trust-account-unknown")
    return found


def identities_of(account_id: UUID) -> list[tuple[str, str]]:
    """Return issuer and subject of every identity that may enter an account."""
    return list(Identity.objects.filter(account_id=account_id).values_list("issuer", "subject").order_by("id"))


def account_named(username: str) -> Account:
    try:
        return Account.objects.get(username=username)
    except Account.DoesNotExist:
        raise NotFound("trust-account-unknown") from None


def actor_with_id(id: UUID, *, on: date, job: str) -> Actor:
    """Return whoever a job was begun by, with what they may do on the day; the system for a job of its own."""
    if id == SYSTEM_ID:
        return system(job)
    try:
        return actor_of(Account.objects.get(id=id), on=on)
    except Account.DoesNotExist:
        raise NotFound("trust-account-unknown") from None


def own_code() -> str:
    """Return the code of the registry's own institution; "" before a profile names one."""
    return Organisation.objects.filter(is_own=True).values_list("code", flat=True).first() or ""


def area(code: str) -> Area:
    try:
        return Area.objects.get(code=code)
    except Area.DoesNotExist:
        raise NotFound("trust-area-unknown", area=code) from None


def is_area(code: str) -> bool:
    return Area.objects.filter(code=code).exists()


def all_areas() -> list[Area]:
    """Return every area, in the order of the tree."""
    return list(Area.objects.order_by("number"))


def root_areas() -> QuerySet[Area]:
    return Area.objects.filter(parent=None).order_by("number")


def areas_below(parent: Area | None) -> QuerySet[Area]:
    """Return the direct children of an area, or the top level."""
    return Area.objects.filter(parent=parent).order_by("number")


def areas_above(place: Area) -> QuerySet[Area]:
    """Return the areas that contain this one, the largest first, this one last."""
    return Area.objects.filter(number__lte=place.number, last_number__gte=place.last_number).order_by("number")


def area_of_number(number: int) -> Area | None:
    """Return the smallest area whose range holds the number; of whoever is protected, which lies below zero, the same."""
    number = abs(number)
    return Area.objects.filter(number__lte=number, last_number__gte=number).order_by("-number").first()


def area_numbers() -> dict[str, tuple[int, int, str]]:
    """Return code → (id, number, name) of every area."""
    return {
        code: (id, number, name) for code, id, number, name in Area.objects.values_list("code", "id", "number", "name")
    }


def area_ranges(*, using: str = "default") -> list[tuple[int, int]]:
    """Return the first and last number of every area, in the order of the tree."""
    return list(Area.objects.using(using).order_by("number").values_list("number", "last_number"))


def area_words() -> list[tuple[int, str, str, str, int]]:
    """Return (id, code, name, level, number) of every area and each different name it has in some language."""
    rows = Area.objects.values_list("id", "code", "name", "names", "level", "number")
    return [
        (id, code, each, level, number)
        for id, code, name, names, level, number in rows
        for each in dict.fromkeys([name, *names.values()])
    ]


def areas_of_level(level: str, *, on: date, using: str = "default") -> dict[str, tuple[int, int]]:
    """Return code → (first number, last number) of the areas of a level that exist on a day."""
    rows = Area.objects.using(using).filter(level=level).exclude(valid_from__gt=on).exclude(valid_until__lt=on)
    return {
        code: (first, last) for code, first, last in rows.order_by("code").values_list("code", "number", "last_number")
    }


def areas_numbered(numbers: Iterable[int]) -> dict[int, Area]:
    """Return number → area, for the numbers that are an area's own, or that mirrored below zero."""
    asked = set(numbers)
    found = {each.number: each for each in Area.objects.filter(number__in={abs(each) for each in asked})}
    return {each: found[abs(each)] for each in asked if abs(each) in found}


def areas_by_id(ids: Iterable[int]) -> dict[int, Area]:
    """Return id → area."""
    return Area.objects.in_bulk(set(ids))


def areas_coded(codes: Iterable[str], *, using: str = "default") -> list[Area]:
    """Return the areas with these codes, in the order of the tree."""
    return list(Area.objects.using(using).filter(code__in=list(codes)).order_by("number"))


def live_purposes(*, on: date) -> QuerySet[Purpose]:
    """Return the purposes that are not over before a day."""
    return Purpose.objects.exclude(last_day__lt=on).order_by("code")


def purposes_of(by: Actor, *, on: date) -> QuerySet[Purpose]:
    """Return the purposes for which an account may read records on a day: live ones that the profile gives to a role it holds."""
    return live_purposes(on=on).filter(roles__overlap=[each.role.value for each in by.grants])


def audit_of(by: Actor, *, about_kind: str = "", about_id: str = "", since: datetime | None = None) -> QuerySet[Audit]:
    """Return audit rows, newest first, to whoever may read the audit log."""
    rows = Audit.objects.order_by("-at")
    by.narrowed(Permission.READ_AUDIT)
    wanted: dict[str, Any] = {"about_kind": about_kind, "about_id": about_id, "at__gte": since}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def display_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names by which officers know each other, of the accounts among these ids; the system has none."""
    return dict(Account.objects.filter(id__in=set(ids)).values_list("id", "display_name"))


def usernames(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names by which these accounts sign in."""
    return dict(Account.objects.filter(id__in=set(ids)).values_list("id", "username"))
