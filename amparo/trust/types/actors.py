"""Who acts, over whom, and on what ground."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from amparo.kernel.errors import NotPermitted
from amparo.trust.types.charged import is_charged_with, is_charged_with_nothing
from amparo.trust.types.roles import OF_CITIZENS, PERMISSIONS, Permission, Role, ScopeKind


@dataclass(frozen=True)
class Scope:
    """The rows an actor may reach: a kind, and for areas the ranges of area numbers, both ends included.

    An area scope without ranges reaches nobody, and so does a partner's without an agreement in force, and a citizen's
    without the person whose record is asked for.
    """

    kind: ScopeKind
    ranges: tuple[tuple[int, int], ...] = ()
    agreement: UUID | None = None
    person: UUID | None = None

    @property
    def multirange(self) -> str:
        """The ranges in PostgreSQL's text form of an int8multirange."""
        return "{" + ",".join(f"[{first},{last}]" for first, last in self.ranges) + "}"

    def covers(self, area_number: int) -> bool:
        if self.kind is ScopeKind.NATIONAL:
            return True
        return self.kind is ScopeKind.AREA and any(first <= area_number <= last for first, last in self.ranges)


class ActorKind(StrEnum):
    OFFICER = "officer"
    SYSTEM = "system"  # an operator's command or a background job
    PARTNER = "partner"  # another institution, under one agreement
    CITIZEN = "citizen"  # a person of the registry, before their own record or that of whom they may act for


@dataclass(frozen=True)
class Grant:
    """One role held over one scope."""

    role: Role
    scope: Scope


@dataclass(frozen=True)
class Actor:
    """Who acts: an account with what it was granted today, or the system itself.

    `permission` narrows the actor to one permission; only then is there a scope, made of just the grants that hold it,
    so that an auditor who is also an officer of one village does not read the nation as an officer.
    `person`      whom the registry knows the account's owner as: of a citizen always, of an officer where an administrator
                  has said so
    `concerning`  whose record a citizen looks at: their own, unless they act for somebody
    """

    id: UUID
    kind: ActorKind
    grants: tuple[Grant, ...] = ()
    permission: Permission | None = None
    job: str = ""
    agreement: UUID | None = None
    person: UUID | None = None
    concerning: UUID | None = None

    def has(self, permission: Permission) -> bool:
        """Whether the actor holds a permission, and what runs now was declared to act under it (`trust.types.charged`)."""
        return self._holds(permission) and is_charged_with(permission)

    def _holds(self, permission: Permission) -> bool:
        if self.kind is ActorKind.CITIZEN:
            return permission in OF_CITIZENS
        return self.kind is ActorKind.SYSTEM or any(permission in PERMISSIONS[each.role] for each in self.grants)

    def narrowed(self, permission: Permission) -> "Actor":
        """Return this actor acting under one permission. Raises NotPermitted when it holds none."""
        if not is_charged_with(permission):
            raise NotPermitted("trust-not-charged", permission=permission.words)
        if not self.has(permission):
            raise NotPermitted("trust-not-permitted", permission=permission.words)
        return replace(self, permission=permission)

    @property
    def scope(self) -> Scope:
        """The rows reached under the permission acted on; without one, refused."""
        if is_charged_with_nothing():
            raise NotPermitted("trust-charged-with-nothing")
        if self.kind is ActorKind.SYSTEM:
            return Scope(ScopeKind.NATIONAL)
        if self.kind is ActorKind.PARTNER:
            return Scope(ScopeKind.PARTNER, agreement=self.agreement)
        if self.permission is None:
            raise NotPermitted("trust-no-permission-named")
        if self.kind is ActorKind.CITIZEN:
            return Scope(ScopeKind.CITIZEN, person=self.concerning)
        scopes = [each.scope for each in self.grants if self.permission in PERMISSIONS[each.role]]
        if not scopes:
            raise NotPermitted("trust-not-permitted", permission=self.permission.words)
        if any(each.kind is ScopeKind.NATIONAL for each in scopes):
            return Scope(ScopeKind.NATIONAL)
        return Scope(ScopeKind.AREA, tuple(sorted({pair for each in scopes for pair in each.ranges})))


SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000001")


def system(job: str) -> Actor:
    """Return the actor for an operator's command or a background job, named for the audit log."""
    return Actor(id=SYSTEM_ID, kind=ActorKind.SYSTEM, job=job)


def partner(organisation: UUID, *, agreement: UUID | None, machine: UUID | None = None) -> Actor:
    """Return the actor for another institution that acts under one agreement, and may do nothing else.

    `machine`  the program of theirs that asks: the audit log names it as it names a job. Without an agreement nothing of
               anybody can be reached.
    """
    return Actor(id=organisation, kind=ActorKind.PARTNER, agreement=agreement, job=str(machine or ""))


def citizen(account: UUID, *, person: UUID, concerning: UUID | None = None) -> Actor:
    """Return the actor for somebody's account: before their own record, or that of somebody whom they say they act for."""
    return Actor(id=account, kind=ActorKind.CITIZEN, person=person, concerning=concerning or person)


class GroundKind(StrEnum):
    STATUTE = "statute"
    AGREEMENT = "agreement"
    CONSENT = "consent"


@dataclass(frozen=True)
class Ground:
    """On what ground personal data is used: a purpose with its legal basis, an agreement under one, or a consent to one.

    `agreement`  its code; `on_consent` where it hands over only what each person agreed to
    """

    purpose: str
    agreement: str | None = None
    on_consent: bool = False

    @property
    def kind(self) -> GroundKind:
        if self.on_consent:
            return GroundKind.CONSENT
        return GroundKind.AGREEMENT if self.agreement else GroundKind.STATUTE


# On what a person looks at their own record: no purpose of anybody's, and no law of the profile's has to allow it.
OWN_RIGHT = Ground(purpose="own-right")
