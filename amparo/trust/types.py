"""Words of trust that cross its border: permissions, roles, scopes, actors, grounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from amparo.kernel.errors import NotPermitted, Refused
from amparo.kernel.messages import Message, message


class Permission(StrEnum):
    """What a page, command or job may ask for. Every route declares exactly one."""

    READ_FIGURES = "read-figures"  # counts and maps, nobody's record
    FIND = "find"
    READ_HOUSEHOLD = "read-household"
    READ_DECISION = "read-decision"
    LIST_DECISIONS = "list-decisions"
    EXPORT_DECISIONS = "export-decisions"
    READ_DELIVERIES = "read-deliveries"
    DELIVER = "deliver"
    READ_QUARANTINE = "read-quarantine"
    REGISTER = "register"  # write observations, links and memberships
    DETERMINE = "determine"
    APPROVE_RUN = "approve-run"
    GIVE_NOTICE = "give-notice"  # make a decision for the worse known, and take down what is answered
    REVIEW_DECISION = "review-decision"
    READ_DRAFT = "read-draft"  # what somebody proposes to change in rules, figures and tables
    AUTHOR_RULE = "author-rule"
    PUBLISH_RULE = "publish-rule"
    TAKE_SNAPSHOT = "take-snapshot"
    OPEN_SNAPSHOT = "open-snapshot"
    INSTALL_PROFILE = "install-profile"
    READ_AUDIT = "read-audit"
    OPEN_ACCOUNTS = "open-accounts"
    READ_AGREEMENT = "read-agreement"
    DRAFT_AGREEMENT = "draft-agreement"
    SIGN_AGREEMENT = "sign-agreement"  # take down a signature, and let run again what was suspended
    SUSPEND_AGREEMENT = "suspend-agreement"  # suspend or end: to stop must never need two
    RECORD_CONSENT = "record-consent"

    @property
    def words(self) -> Message:
        return message(f"trust-permission-{self.value}")


class ScopeKind(StrEnum):
    """Over whom a role reaches; each kind is a database role with a policy of its own, never an OR of two."""

    AREA = "area"
    NATIONAL = "national"
    PROGRAMME = "programme"
    CITIZEN = "citizen"
    PARTNER = "partner"


class Role(StrEnum):
    """What a person is charged with. The words for each are in the catalogue under `trust-role-<role>`."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    REGISTRY_MANAGER = "registry-manager"
    ANALYST = "analyst"
    AUTHOR = "author"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    DATA_PROTECTION_OFFICER = "data-protection-officer"


_READING = {
    Permission.READ_FIGURES,
    Permission.FIND,
    Permission.READ_HOUSEHOLD,
    Permission.READ_DECISION,
    Permission.LIST_DECISIONS,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(_READING | {Permission.REGISTER, Permission.GIVE_NOTICE, Permission.RECORD_CONSENT}),
    Role.SUPERVISOR: frozenset(
        _READING | {Permission.EXPORT_DECISIONS, Permission.GIVE_NOTICE, Permission.REVIEW_DECISION}
    ),
    Role.REGISTRY_MANAGER: frozenset(
        _READING
        | {
            Permission.EXPORT_DECISIONS,
            Permission.READ_DELIVERIES,
            Permission.DELIVER,
            Permission.READ_QUARANTINE,
            Permission.REGISTER,
            Permission.DETERMINE,
            Permission.APPROVE_RUN,
            Permission.GIVE_NOTICE,
            Permission.REVIEW_DECISION,
            Permission.TAKE_SNAPSHOT,
            Permission.READ_AGREEMENT,
            Permission.RECORD_CONSENT,
        }
    ),
    Role.ANALYST: frozenset({Permission.READ_FIGURES}),
    Role.AUTHOR: frozenset({Permission.READ_FIGURES, Permission.READ_DRAFT, Permission.AUTHOR_RULE}),
    Role.PUBLISHER: frozenset({Permission.READ_FIGURES, Permission.READ_DRAFT, Permission.PUBLISH_RULE}),
    Role.AUDITOR: frozenset(
        {
            Permission.READ_FIGURES,
            Permission.READ_DRAFT,
            Permission.READ_DELIVERIES,
            Permission.READ_AUDIT,
            Permission.READ_AGREEMENT,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Permission.READ_FIGURES, Permission.OPEN_ACCOUNTS}),
    # Reads nobody's record: what flows, on what ground, and who looked.
    Role.DATA_PROTECTION_OFFICER: frozenset(
        {
            Permission.READ_FIGURES,
            Permission.READ_AUDIT,
            Permission.READ_AGREEMENT,
            Permission.DRAFT_AGREEMENT,
            Permission.SIGN_AGREEMENT,
            Permission.SUSPEND_AGREEMENT,
        }
    ),
}


def role_named(name: str) -> Role:
    """Return the role of this name. Raises Refused where there is none."""
    try:
        return Role(name)
    except ValueError:
        raise Refused("trust-role-unknown", role=name, known=[each.value for each in Role]) from None


# Roles that nobody holds together with others: who watches does not act, and who opens accounts reads nobody's record.
# An author may also publish, though never their own draft (`programmes.actions`).
APART: dict[Role, frozenset[Role]] = {
    Role.AUDITOR: frozenset(set(Role) - {Role.AUDITOR, Role.ANALYST}),
    Role.ADMINISTRATOR: frozenset(set(Role) - {Role.ADMINISTRATOR, Role.ANALYST}),
    Role.DATA_PROTECTION_OFFICER: frozenset(set(Role) - {Role.DATA_PROTECTION_OFFICER, Role.ANALYST}),
}

# Roles that reach the nation's records, decide what decides, or decide who does: one person alone gives none of them.
POWERFUL = frozenset(
    {Role.REGISTRY_MANAGER, Role.PUBLISHER, Role.AUDITOR, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER}
)


def stand_apart(one: Role, other: Role) -> bool:
    return other in APART.get(one, ()) or one in APART.get(other, ())


# What opens nobody's record, and goes on where nothing of anybody may be served (`trust.serving`). All else does.
IMPERSONAL = frozenset(
    {
        Permission.READ_FIGURES,
        Permission.READ_DELIVERIES,
        Permission.DELIVER,
        Permission.APPROVE_RUN,
        Permission.READ_DRAFT,
        Permission.AUTHOR_RULE,
        Permission.PUBLISH_RULE,
        Permission.INSTALL_PROFILE,
        Permission.READ_AUDIT,
        Permission.OPEN_ACCOUNTS,
        Permission.READ_AGREEMENT,
        Permission.DRAFT_AGREEMENT,
        Permission.SIGN_AGREEMENT,
        Permission.SUSPEND_AGREEMENT,
    }
)

SCOPE_KIND: dict[Role, ScopeKind] = {
    Role.OFFICER: ScopeKind.AREA,
    Role.SUPERVISOR: ScopeKind.AREA,
    Role.REGISTRY_MANAGER: ScopeKind.NATIONAL,
    Role.ANALYST: ScopeKind.NATIONAL,
    Role.AUTHOR: ScopeKind.NATIONAL,
    Role.PUBLISHER: ScopeKind.NATIONAL,
    Role.AUDITOR: ScopeKind.NATIONAL,
    Role.ADMINISTRATOR: ScopeKind.NATIONAL,
    Role.DATA_PROTECTION_OFFICER: ScopeKind.NATIONAL,
}


@dataclass(frozen=True)
class Scope:
    """The rows an actor may reach: a kind, and for areas the ranges of area numbers, both ends included.

    An area scope without ranges reaches nobody, and so does a partner's without an agreement in force.
    """

    kind: ScopeKind
    ranges: tuple[tuple[int, int], ...] = ()
    agreement: UUID | None = None

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
    """

    id: UUID
    kind: ActorKind
    grants: tuple[Grant, ...] = ()
    permission: Permission | None = None
    job: str = ""
    agreement: UUID | None = None

    def has(self, permission: Permission) -> bool:
        return self.kind is ActorKind.SYSTEM or any(permission in PERMISSIONS[each.role] for each in self.grants)

    def narrowed(self, permission: Permission) -> "Actor":
        """Return this actor acting under one permission. Raises NotPermitted when it holds none."""
        if not self.has(permission):
            raise NotPermitted("trust-not-permitted", permission=permission.words)
        return replace(self, permission=permission)

    @property
    def scope(self) -> Scope:
        """The rows reached under the permission acted on; without one, refused."""
        if self.kind is ActorKind.SYSTEM:
            return Scope(ScopeKind.NATIONAL)
        if self.kind is ActorKind.PARTNER:
            return Scope(ScopeKind.PARTNER, agreement=self.agreement)
        if self.permission is None:
            raise NotPermitted("trust-no-permission-named")
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


def partner(organisation: UUID, *, agreement: UUID) -> Actor:
    """Return the actor for another institution that acts under one agreement, and may do nothing else."""
    return Actor(id=organisation, kind=ActorKind.PARTNER, agreement=agreement)


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


class Side(StrEnum):
    """A party to an agreement: who gives, and who gets."""

    PROVIDER = "provider"
    CONSUMER = "consumer"


class ConsentKind(StrEnum):
    """How a consent was given."""

    SIGNED = "signed"
    SPOKEN = "spoken"  # read out, and answered before the officer who records it
    REPRESENTED = "represented"  # by a parent, guardian or holder of a mandate


class Event(StrEnum):
    """What the audit log records. The catalogue has the words under `trust-event-<event>`."""

    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    SESSION_EXPIRED = "session-expired"
    SESSIONS_SWEPT = "sessions-swept"
    SESSIONS_ENDED = "sessions-ended"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 (an event)
    IDENTITY_LINKED = "identity-linked"
    IDENTITY_UNLINKED = "identity-unlinked"
    FACTOR_ADDED = "factor-added"
    FACTOR_REMOVED = "factor-removed"
    FACTOR_GIVEN = "factor-given"
    RECOVERY_CODES_MADE = "recovery-codes-made"
    DENIED = "denied"
    ACCOUNT_OPENED = "account-opened"
    ACCOUNT_CLOSED = "account-closed"
    ROLE_GRANTED = "role-granted"
    ROLE_CONFIRMED = "role-confirmed"
    ROLE_WAITS = "role-waits"
    ROLE_ENDED = "role-ended"
    AREAS_INSTALLED = "areas-installed"
    PURPOSES_INSTALLED = "purposes-installed"
    BOUNDARIES_INSTALLED = "boundaries-installed"
    ATTRIBUTES_INSTALLED = "attributes-installed"
    SOURCES_INSTALLED = "sources-installed"
    PROFILE_INSTALLED = "profile-installed"
    DICTIONARY_INSTALLED = "dictionary-installed"
    PROGRAMMES_INSTALLED = "programmes-installed"
    DRAFT_WRITTEN = "draft-written"
    DRAFT_PROPOSED = "draft-proposed"
    DRAFT_MEASURED = "draft-measured"
    DRAFT_DISCARDED = "draft-discarded"
    DRAFT_PUBLISHED = "draft-published"
    HOUSEHOLDS_FOUND = "households-found"
    HOUSEHOLD_READ = "household-read"
    PERSON_READ = "person-read"
    DECISION_READ = "decision-read"
    DECISIONS_LISTED = "decisions-listed"
    DECISIONS_EXPORTED = "decisions-exported"
    BATCH_RECEIVED = "batch-received"
    BATCH_STOPPED = "batch-stopped"
    BATCH_REFUSED = "batch-refused"
    BATCH_RECORDED = "batch-recorded"
    QUARANTINE_READ = "quarantine-read"
    OBSERVATION_RECORDED = "observation-recorded"
    HOUSEHOLD_MOVED = "household-moved"
    GROUP_FORMED = "group-formed"
    GROUP_ENDED = "group-ended"
    LINK_REVOKED = "link-revoked"
    SNAPSHOT_TAKEN = "snapshot-taken"
    SNAPSHOT_OPENED = "snapshot-opened"
    SNAPSHOT_EXPIRED = "snapshot-expired"
    DETERMINATION_RUN = "determination-run"
    HOUSEHOLD_DETERMINED = "household-determined"
    RUN_PLANNED = "run-planned"
    RUN_PREVIEWED = "run-previewed"
    RUN_APPROVED = "run-approved"
    RUN_STOPPED = "run-stopped"
    NOTICE_GIVEN = "notice-given"
    NOTICES_GIVEN = "notices-given"
    NOTICE_READ = "notice-read"
    REPLY_RECORDED = "reply-recorded"
    DECISION_REVIEWED = "decision-reviewed"
    DECISIONS_TOOK_EFFECT = "decisions-took-effect"
    SNAPSHOT_KEPT = "snapshot-kept"
    SNAPSHOTS_SWEPT = "snapshots-swept"
    DECISIONS_RECOMPUTED = "decisions-recomputed"
    KEY_ADDED = "key-added"
    ROTATION_BEGUN = "rotation-begun"
    KEYS_ROTATED = "keys-rotated"
    KEY_RETIRED = "key-retired"
    AUDIT_READ = "audit-read"
    AUDIT_REPORTED = "audit-reported"
    AUDIT_EXPORTED = "audit-exported"
    AUDIT_VERIFIED = "audit-verified"
    AUDIT_KEY_MADE = "audit-key-made"
    ORGANISATIONS_INSTALLED = "organisations-installed"
    ORGANISATION_ADDED = "organisation-added"
    AGREEMENT_DRAFTED = "agreement-drafted"
    AGREEMENT_AMENDED = "agreement-amended"
    AGREEMENT_SIGNED = "agreement-signed"
    AGREEMENT_SUSPENDED = "agreement-suspended"
    AGREEMENT_RESUMED = "agreement-resumed"
    AGREEMENT_ENDED = "agreement-ended"
    RECORDS_EXCHANGED = "records-exchanged"
    EXCHANGE_REFUSED = "exchange-refused"
    CONSENT_GIVEN = "consent-given"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENTS_READ = "consents-read"


@dataclass(frozen=True)
class AreaConfig:
    """One area of the country as its profile gives it: codes name the parent and the successor.

    `name` is in the country's first language, `names` holds others: language → name.
    """

    code: str
    parent: str | None
    level: str
    name: str
    valid_from: date | None = None
    valid_until: date | None = None
    successor: str | None = None
    names: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class PurposeConfig:
    code: str
    legal_basis: str


@dataclass(frozen=True)
class OrganisationConfig:
    """An institution; `name` is a message id of the profile's catalogue, or the name itself."""

    code: str
    name: str
    is_own: bool = False


@dataclass(frozen=True)
class Signatory:
    """Who signs for a side, in what position, and which term of confidentiality they signed with it."""

    name: str
    position: str
    confidentiality: str
