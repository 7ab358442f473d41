"""Who acts, over whom, and on what ground."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from amparo.kernel.errors import NotPermitted, Refused
from amparo.trust.types.charged import is_charged_with, is_charged_with_nothing
from amparo.trust.types.classes import READS, FieldClass
from amparo.trust.types.roles import OF_AREAS, OF_CITIZENS, PERMISSIONS, Permission, Role, ScopeKind
from amparo.trust.types.states import SEES, Standing


@dataclass(frozen=True)
class Scope:
    """The rows an actor may reach: a kind, and for areas the ranges of area numbers, both ends included.

    Whoever is protected lies where their home's area is, below zero: outside every range that is an area's.

    An area scope without ranges reaches nobody, and so does a partner's without an agreement in force, one of programmes
    without a programme, by code, and a citizen's without the person whose record is asked for.
    """

    kind: ScopeKind
    ranges: tuple[tuple[int, int], ...] = ()
    agreement: UUID | None = None
    programmes: tuple[str, ...] = ()
    person: UUID | None = None

    @property
    def is_of_programmes(self) -> bool:
        return self.kind is ScopeKind.PROGRAMME

    @property
    def is_of_areas(self) -> bool:
        return self.kind in OF_AREAS

    @property
    def is_of_nation(self) -> bool:
        return self.kind in (ScopeKind.NATIONAL, ScopeKind.WHOLE)

    @property
    def shows_protected(self) -> bool:
        return self.kind in (ScopeKind.PROTECTION, ScopeKind.WHOLE)

    @property
    def reached(self) -> tuple[tuple[int, int], ...]:
        """The ranges of rows: of areas, and for whoever protects those below zero too."""
        mirrored = tuple((-last, -first) for first, last in self.ranges) if self.shows_protected else ()
        return (*mirrored, *self.ranges)

    @property
    def multirange(self) -> str:
        """What is reached in PostgreSQL's text form of an int8multirange."""
        return "{" + ",".join(f"[{first},{last}]" for first, last in self.reached) + "}"

    def reaches(self, programme: str) -> bool:
        """Whether what a programme decided may be in the scope: only a scope of programmes leaves some out."""
        return not self.is_of_programmes or programme in self.programmes

    def covers(self, area_number: int) -> bool:
        """Whether a record that lies here is in the scope; one of somebody who is protected lies below zero."""
        if self.is_of_nation:
            return area_number >= 0 or self.shows_protected
        return self.is_of_areas and any(first <= area_number <= last for first, last in self.reached)


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

    def deciding(self, for_others: Permission) -> "Actor":
        """Return this actor as deciding about what is somebody's own: a citizen about nobody's but theirs, others by a permission.

        Raises NotPermitted, and Refused to a citizen who looks at another's record.
        """
        if self.kind is not ActorKind.CITIZEN:
            return self.narrowed(for_others)
        if self.concerning != self.person:
            raise Refused("trust-only-oneself")
        return self.narrowed(Permission.DECIDE_OWN)

    def reading_for(self, roles: Collection[str]) -> "Actor":
        """Return this actor without the roles that read records and may not read for a purpose, which names those that may."""
        kept = tuple(each for each in self.grants if each.role not in READS or each.role in roles)
        return replace(self, grants=kept)

    @property
    def scope(self) -> Scope:
        """The rows reached under the permission acted on; without one, refused."""
        if is_charged_with_nothing():
            raise NotPermitted("trust-charged-with-nothing")
        if self.kind is ActorKind.SYSTEM:
            return Scope(ScopeKind.WHOLE)
        if self.kind is ActorKind.PARTNER:
            return Scope(ScopeKind.PARTNER, agreement=self.agreement)
        if self.kind is ActorKind.CITIZEN and self.permission is not None:
            return Scope(ScopeKind.CITIZEN, person=self.concerning)
        scopes = [each.scope for each in self._acting_grants]
        kinds = {each.kind for each in scopes}
        if ScopeKind.NATIONAL in kinds:
            return Scope(ScopeKind.NATIONAL)
        if len(kinds) > 1:
            raise NotPermitted("trust-scopes-mixed")  # one database role at a time; roles that stand apart see to it
        if ScopeKind.PROGRAMME in kinds:
            codes = {code for each in scopes for code in each.programmes}
            return Scope(ScopeKind.PROGRAMME, programmes=tuple(sorted(codes)))
        (kind,) = kinds
        return Scope(kind, tuple(sorted({pair for each in scopes for pair in each.ranges})))

    @property
    def _acting_grants(self) -> tuple[Grant, ...]:
        """The grants that hold the permission acted on; without one, refused."""
        if self.permission is None:
            raise NotPermitted("trust-no-permission-named")
        found = tuple(each for each in self.grants if self.permission in PERMISSIONS[each.role])
        if not found:
            raise NotPermitted("trust-not-permitted", permission=self.permission.words)
        return found

    def classes_at(self, area_number: int) -> frozenset[FieldClass]:
        """Return the classes of fields that may be read of a record that lies in an area."""
        return self._at(area_number, READS, FieldClass)

    @property
    def classes(self) -> frozenset[FieldClass]:
        """The classes that may be read of every record in reach: by no others may anything be searched, filtered or sorted."""
        return self._everywhere(READS, FieldClass)

    def standings_at(self, area_number: int) -> frozenset[Standing]:
        """Return how a record that lies in an area may stand to be read."""
        return self._at(area_number, SEES, Standing)

    @property
    def standings(self) -> frozenset[Standing]:
        """How a record may stand to be found, wherever it lies."""
        return self._everywhere(SEES, Standing)

    def _at(self, area_number: int, of: Mapping[Role, frozenset[Any]], every: type[StrEnum]) -> frozenset[Any]:
        """Return what the grants that reach an area may: two roles over two places do not lend each other what they may.

        A partner reads nothing here: what it is handed is in its agreement (`registry.lent`).
        """
        if self.kind is not ActorKind.OFFICER:
            return frozenset(every) if self.kind is ActorKind.SYSTEM else frozenset()
        reaching = [
            each for each in self._acting_grants if each.scope.is_of_programmes or each.scope.covers(area_number)
        ]
        return frozenset().union(*(of.get(each.role, frozenset()) for each in reaching))

    def _everywhere(self, of: Mapping[Role, frozenset[Any]], every: type[StrEnum]) -> frozenset[Any]:
        if self.kind is not ActorKind.OFFICER:
            return frozenset(every) if self.kind is ActorKind.SYSTEM else frozenset()
        return frozenset.intersection(*(of.get(each.role, frozenset()) for each in self._acting_grants))


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
