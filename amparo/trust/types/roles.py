"""Who may do what: permissions, roles, and what each role is charged with. Every route, command and job asks for one permission."""

from enum import StrEnum

from amparo.kernel.errors import Refused
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
    PROPOSE_ERASURE = "propose-erasure"  # and hold somebody's record against it
    CONFIRM_ERASURE = "confirm-erasure"
    READ_RETENTION = "read-retention"  # what is kept how long, what is due, and certificates: nobody's record

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
        _READING
        | {
            Permission.EXPORT_DECISIONS,
            Permission.GIVE_NOTICE,
            Permission.REVIEW_DECISION,
            Permission.PROPOSE_ERASURE,
        }
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
            Permission.PROPOSE_ERASURE,
            Permission.READ_RETENTION,
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
            Permission.READ_RETENTION,
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
            Permission.CONFIRM_ERASURE,
            Permission.READ_RETENTION,
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
        Permission.CONFIRM_ERASURE,
        Permission.READ_RETENTION,
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
