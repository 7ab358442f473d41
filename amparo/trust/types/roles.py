"""Who may do what: permissions, roles, and what each role is charged with. Every route, command and job asks for one permission."""

from enum import StrEnum

from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message, message


class Permission(StrEnum):
    """What a page, command or job may ask for. Every route declares exactly one."""

    READ_FIGURES = "read-figures"  # counts and maps, nobody's record
    FIND = "find"
    READ_HOUSEHOLD = "read-household"
    ASK_SOURCES = "ask-sources"  # ask other institutions, under agreements, what they know of somebody now
    ASK_AREA = (
        "ask-area"  # the same about everybody who lives in an area, in a round: what they answer is kept, and not shown
    )
    CONNECT_SOURCE = (
        "connect-source"  # say how another institution's database is asked; a second person lets it go live
    )
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
    ENROL = "enrol"  # decide who takes part in a programme, waits, is suspended or leaves
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
    OPEN_MACHINE = "open-machine"  # let a partner's program in, and confirm what it is let in by
    INVITE_CITIZEN = "invite-citizen"  # let somebody see their own record, after seeing who they are
    RECORD_MANDATE = "record-mandate"  # take down that one person may act for another
    DELAY_TRACKER = "delay-tracker"  # propose or confirm that an act is shown to whom it concerns on a later day
    SEE_OWN = "see-own"  # held by citizens alone, of the one person their account is bound to
    DECIDE_OWN = "decide-own"
    PROPOSE_ERASURE = "propose-erasure"  # and hold somebody's record against it
    CONFIRM_ERASURE = "confirm-erasure"
    READ_RETENTION = "read-retention"  # what is kept how long, what is due, and certificates: nobody's record
    READ_ALERT = "read-alert"  # of unusual use of records, and breaches
    JUDGE_ALERT = "judge-alert"
    HANDLE_BREACH = "handle-breach"  # open one, say who was told, close it
    READ_IMPACT = "read-impact"  # the impact assessment
    ASSESS_IMPACT = "assess-impact"
    SIGN_IMPACT = "sign-impact"
    GO_LIVE = "go-live"
    READ_PAYMENTS = "read-payments"  # lists, what is held in them and why, and what came back
    PREPARE_PAYMENTS = "prepare-payments"  # make a list, settle what is held in it, propose or withdraw it
    APPROVE_PAYMENTS = "approve-payments"  # and say what a programme may spend
    EXPORT_PAYMENTS = "export-payments"  # take an approved list to who pays
    RECONCILE_PAYMENTS = "reconcile-payments"  # take in what who pays sends back
    RECORD_ACCOUNTS = "record-accounts"  # where somebody is paid
    READ_CASE = "read-case"
    OPEN_CASE = "open-case"  # take one down for somebody: at the counter, by telephone, from a letter
    WORK_CASE = "work-case"  # take it on, note, take evidence, resolve
    DECIDE_SUSPICION = "decide-suspicion"  # confirm or clear what another person flagged
    REVIEW_APPEAL = "review-appeal"  # as somebody who did not decide
    READ_NOTICES = "read-notices"  # what waits to be told or was given up: never where it goes
    SEND_NOTICES = (
        "send-notices"  # look up where somebody is reached: the job and the command that prints, no person's page
    )
    PROTECT = "protect"  # take somebody in danger out of everybody else's sight, and let them back

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
    PROTECTION = "protection"  # an area, with those in it whom no other kind but the last shows
    WHOLE = "whole"  # everybody: the system's own work, and no person's


class Role(StrEnum):
    """What a person is charged with. The words for each are in the catalogue under `trust-role-<role>`."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    REGISTRY_MANAGER = "registry-manager"
    ANALYST = "analyst"
    AUTHOR = "author"
    PUBLISHER = "publisher"
    MUNICIPAL_AUTHOR = "municipal-author"  # of what an area decides by itself: its local programmes and their figures
    MUNICIPAL_PUBLISHER = "municipal-publisher"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    PROTECTION_OFFICER = "protection-officer"  # of people in danger; not of data
    PROGRAMME_MANAGER = "programme-manager"
    PAYMENTS_OFFICER = "payments-officer"
    PAYMENTS_APPROVER = "payments-approver"
    APPEALS_OFFICER = "appeals-officer"  # decides nothing but appeals


_READING = {
    Permission.READ_FIGURES,
    Permission.FIND,
    Permission.READ_HOUSEHOLD,
    Permission.READ_DECISION,
    Permission.LIST_DECISIONS,
}

_NOTICES = {Permission.READ_NOTICES}
_AUTHORING = frozenset({Permission.READ_FIGURES, Permission.READ_DRAFT, Permission.AUTHOR_RULE})
_PUBLISHING = frozenset({Permission.READ_FIGURES, Permission.READ_DRAFT, Permission.PUBLISH_RULE})
_CASES = {Permission.READ_CASE, Permission.OPEN_CASE, Permission.WORK_CASE}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(
        _READING
        | _CASES
        | _NOTICES
        | {
            Permission.ASK_SOURCES,
            Permission.REGISTER,
            Permission.GIVE_NOTICE,
            Permission.ENROL,
            Permission.RECORD_CONSENT,
            Permission.INVITE_CITIZEN,
            Permission.RECORD_MANDATE,
        }
    ),
    Role.SUPERVISOR: frozenset(
        _READING
        | _CASES
        | _NOTICES
        | {
            Permission.EXPORT_DECISIONS,
            Permission.GIVE_NOTICE,
            Permission.REVIEW_DECISION,
            Permission.DECIDE_SUSPICION,
            Permission.PROPOSE_ERASURE,
        }
    ),
    Role.REGISTRY_MANAGER: frozenset(
        _READING
        | _CASES
        | _NOTICES
        | {
            Permission.ASK_SOURCES,
            Permission.ASK_AREA,
            Permission.CONNECT_SOURCE,
            Permission.EXPORT_DECISIONS,
            Permission.DECIDE_SUSPICION,
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
            Permission.INVITE_CITIZEN,
            Permission.RECORD_MANDATE,
            Permission.PROPOSE_ERASURE,
            Permission.READ_RETENTION,
            Permission.READ_IMPACT,
            Permission.SIGN_IMPACT,
            Permission.GO_LIVE,
        }
    ),
    Role.ANALYST: frozenset({Permission.READ_FIGURES}),
    Role.AUTHOR: _AUTHORING,
    Role.PUBLISHER: _PUBLISHING,
    # The same acts, within an area: `programmes.local` says of which things.
    Role.MUNICIPAL_AUTHOR: _AUTHORING,
    Role.MUNICIPAL_PUBLISHER: _PUBLISHING,
    Role.AUDITOR: frozenset(
        {
            Permission.READ_FIGURES,
            Permission.READ_DRAFT,
            Permission.READ_DELIVERIES,
            Permission.READ_AUDIT,
            Permission.READ_AGREEMENT,
            Permission.READ_RETENTION,
            Permission.READ_ALERT,
            Permission.READ_IMPACT,
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
            Permission.OPEN_MACHINE,
            Permission.DELAY_TRACKER,
            Permission.CONFIRM_ERASURE,
            Permission.READ_RETENTION,
            Permission.READ_ALERT,
            Permission.JUDGE_ALERT,
            Permission.HANDLE_BREACH,
            Permission.READ_IMPACT,
            Permission.ASSESS_IMPACT,
            Permission.SIGN_IMPACT,
        }
    ),
    # What is open about people in danger nobody else can see, and so nobody else can end.
    Role.PROTECTION_OFFICER: frozenset(
        _READING
        | _CASES
        | _NOTICES
        | {
            Permission.REGISTER,
            Permission.GIVE_NOTICE,
            Permission.ENROL,
            Permission.DECIDE_SUSPICION,
            Permission.REVIEW_APPEAL,
            Permission.PROTECT,
        }
    ),
    # Reads whom their programme decided about, decides who of them takes part, and changes nobody's record.
    Role.PROGRAMME_MANAGER: frozenset(
        _READING | _NOTICES | {Permission.ASK_AREA, Permission.EXPORT_DECISIONS, Permission.ENROL}
    ),
    # Neither finds anybody or reads a record: they see amounts, references and why something is held, and names
    # where they print a cash list.
    Role.PAYMENTS_OFFICER: frozenset(
        {
            Permission.READ_FIGURES,
            Permission.READ_PAYMENTS,
            Permission.PREPARE_PAYMENTS,
            Permission.EXPORT_PAYMENTS,
            Permission.RECONCILE_PAYMENTS,
            Permission.RECORD_ACCOUNTS,
        }
    ),
    Role.PAYMENTS_APPROVER: frozenset({Permission.READ_FIGURES, Permission.READ_PAYMENTS, Permission.APPROVE_PAYMENTS}),
    Role.APPEALS_OFFICER: frozenset(
        {
            Permission.READ_FIGURES,
            Permission.FIND,
            Permission.READ_HOUSEHOLD,
            Permission.READ_DECISION,
            Permission.READ_CASE,
            Permission.WORK_CASE,
            Permission.REVIEW_APPEAL,
        }
    ),
}

# What a citizen may do. It is no role: nobody is charged with being themselves, and no administrator can give it.
OF_CITIZENS = frozenset({Permission.SEE_OWN, Permission.DECIDE_OWN})


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
    # What these two see lies behind gates of its own: together with another role's there would be two at once.
    Role.PROTECTION_OFFICER: frozenset(set(Role) - {Role.PROTECTION_OFFICER, Role.ANALYST}),
    Role.PROGRAMME_MANAGER: frozenset(set(Role) - {Role.PROGRAMME_MANAGER, Role.ANALYST}),
    # Who prepares money approves none, and neither registers nor decides about those who get it.
    Role.PAYMENTS_OFFICER: frozenset(set(Role) - {Role.PAYMENTS_OFFICER, Role.ANALYST}),
    Role.PAYMENTS_APPROVER: frozenset(set(Role) - {Role.PAYMENTS_APPROVER, Role.ANALYST}),
    # Whoever hears appeals has no part in what is appealed.
    Role.APPEALS_OFFICER: frozenset(set(Role) - {Role.APPEALS_OFFICER, Role.ANALYST}),
}

# Roles that reach the nation's records or people in danger, decide what decides, or who does, or pay: one person alone
# gives none of them.
POWERFUL = frozenset(
    {
        Role.REGISTRY_MANAGER,
        Role.PUBLISHER,
        Role.MUNICIPAL_PUBLISHER,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
        Role.DATA_PROTECTION_OFFICER,
        Role.PROTECTION_OFFICER,
        Role.PROGRAMME_MANAGER,
        Role.PAYMENTS_OFFICER,
        Role.PAYMENTS_APPROVER,
        Role.APPEALS_OFFICER,
    }
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
        Permission.OPEN_MACHINE,
        Permission.CONFIRM_ERASURE,
        Permission.READ_RETENTION,
        Permission.READ_ALERT,
        Permission.JUDGE_ALERT,
        Permission.HANDLE_BREACH,
        Permission.READ_IMPACT,
        Permission.ASSESS_IMPACT,
        Permission.SIGN_IMPACT,
        Permission.GO_LIVE,
    }
)

# The kinds of scope that are over an area: a role of one is given with the area's code.
OF_AREAS = (ScopeKind.AREA, ScopeKind.PROTECTION)
SCOPE_KIND: dict[Role, ScopeKind] = {
    Role.OFFICER: ScopeKind.AREA,
    Role.SUPERVISOR: ScopeKind.AREA,
    Role.REGISTRY_MANAGER: ScopeKind.NATIONAL,
    Role.ANALYST: ScopeKind.NATIONAL,
    Role.AUTHOR: ScopeKind.NATIONAL,
    Role.PUBLISHER: ScopeKind.NATIONAL,
    Role.MUNICIPAL_AUTHOR: ScopeKind.AREA,
    Role.MUNICIPAL_PUBLISHER: ScopeKind.AREA,
    Role.AUDITOR: ScopeKind.NATIONAL,
    Role.ADMINISTRATOR: ScopeKind.NATIONAL,
    Role.DATA_PROTECTION_OFFICER: ScopeKind.NATIONAL,
    Role.PROTECTION_OFFICER: ScopeKind.PROTECTION,
    Role.PROGRAMME_MANAGER: ScopeKind.PROGRAMME,
    Role.PAYMENTS_OFFICER: ScopeKind.NATIONAL,
    Role.PAYMENTS_APPROVER: ScopeKind.NATIONAL,
    Role.APPEALS_OFFICER: ScopeKind.AREA,
}
