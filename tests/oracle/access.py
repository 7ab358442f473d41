"""Who may do what, told a second time as tables: nothing here comes from the product's policy.

A cell is one question to one door: an operation, asked by somebody, about something that lies in an area, belongs to a
programme and stands in a state, for a purpose, in a session that has proved so much. `verdict` gives the one answer that
is right. The tables are read by hand from what each office is for (docs/how-to), and widened when an
office, a page or a state is added; `test_access_matrix` says so when one is missing.
"""

from dataclasses import dataclass
from textwrap import dedent

# What can be answered.
SIGN_IN, DENIED, CONFIRM, PURPOSE = "sign-in", "denied", "confirm", "purpose"
HIDDEN = "hidden"  # as though it did not exist: 404, or a search that finds nobody
REFUSED = "refused"  # who asks may, but not as things stand
DONE = "done"
HEARD = "heard"  # let in; whether it is done is for what was sent, which other tests ask

# Parents in the tree of areas. What is registered at a parent is not its child's.
PARENT = {"land": None, "north": "land", "n1": "north", "n1a": "n1", "n2": "north", "south": "land", "s1": "south"}
# Where things lie, seen from an officer of n1: own, child, parent, sibling, none of theirs.
AREAS = ("n1", "n1a", "north", "n2", "s1")
PROGRAMMES = ("poor_home", "head_grant")  # one decides about households, the other about persons
PURPOSES = ("registration", "statistics", "", "unheard-of")  # two of the country's, none chosen, one that it has not
PROOFS = ("fresh", "factor", "password")
ASKED_FIRST = {"drafts", "consents"}  # told from the office alone, whoever it is about

# What each office is charged with.
MAY = {
    "officer": (
        "figures find record consents decision list notice enrol consent invite mandate register ask cases open-case work-case"
        " outbox"
    ),
    "supervisor": (
        "figures find record consents decision list export notice review erase cases open-case work-case judge-case"
        " outbox"
    ),
    "registry-manager": (
        "figures find record consents decision list export notice review consent register ask rounds connect deliveries deliver quarantine run approve"
        " agreements invite mandate erase retention impact sign-impact go-live cases open-case work-case judge-case outbox"
    ),
    "analyst": "figures",
    "author": "figures drafts author",
    "publisher": "figures drafts publish",
    "municipal-author": "figures drafts author",
    "municipal-publisher": "figures drafts publish",
    "auditor": "figures drafts deliveries audit agreements retention watch impact",
    "administrator": "figures accounts",
    "data-protection-officer": (
        "figures audit agreements agree stop sign let-in delay answer-erasure retention watch judge impact assess sign-impact"
    ),
    "protection-officer": (
        "figures find record consents decision list notice enrol register protect cases open-case work-case judge-case appeal"
        " outbox"
    ),
    "programme-manager": "figures find record decision list export enrol rounds outbox",
    "payments-officer": "figures payments pay-prepare pay-export pay-reconcile",
    "payments-approver": "figures payments pay-approve",
    "appeals-officer": "figures find record consents decision cases work-case appeal",
}
# For which of the country's purposes an office reads somebody's record; an office that stands in no line reads nobody's. Who
# has chosen one acts on pages of persons without those of their offices that stand in a line without it.
HELD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("officer", "registry-manager"), ("registration", "statistics")),
    **dict.fromkeys(
        (
            "supervisor",
            "protection-officer",
            "programme-manager",
            "payments-officer",
            "payments-approver",
            "appeals-officer",
        ),
        ("registration",),
    ),
}
# Which programmes' decisions an office is charged with; an office that stands in no line, all.
OF_PROGRAMMES: dict[str, tuple[str, ...]] = {"programme-manager": PROGRAMMES[:1]}
# Which classes of what is known of somebody an office sees; an office that stands in no line, none.
_OF_A_RECORD = ("identity", "contact", "sensitive", "situation")
CLASSES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("officer", "supervisor", "registry-manager", "appeals-officer"), _OF_A_RECORD),
    "protection-officer": (*_OF_A_RECORD, "protection"),
    "programme-manager": ("identity", "contact", "situation"),
}
# In which state something is as though it did not exist, to an office; what is of a home that was taken out of sight, to
# every office but one.
UNSEEN = {"programme-manager": {("decision", "superseded")}}
SEES_WHO_IS_IN_DANGER = {"protection-officer"}
# What is asked of a session before an act, where a second factor once given is not enough or not needed.
PASSWORD_IS_ENOUGH = {"figures", "drafts", "author", "agreements", "own", "retention", "impact"}
FACTOR_ANEW = {
    *("export", "approve", "publish", "accounts", "sign", "let-in", "invite", "mandate", "delay", "answer-erasure"),
    *("sign-impact", "go-live", "connect", "protect", "pay-approve", "pay-export"),
}


@dataclass(frozen=True)
class Held:
    """One office, over an area where it is one of areas; `begins` and `is_confirmed` say whether it is held yet."""

    office: str
    area: str | None = None
    is_held: bool = True


@dataclass(frozen=True)
class Somebody:
    held: tuple[Held, ...] = ()
    enters: bool = True


def _one(office: str, area: str | None = None, **more: bool) -> Somebody:
    return Somebody((Held(office, area, **more),))


ACTORS = {
    "nobody": Somebody(enters=False),
    "closed": Somebody((Held("officer", "n1"),), enters=False),
    "roleless": Somebody(),
    "villager": _one("officer", "n1"),
    "hamlet": _one("officer", "n1a"),
    "regional": _one("officer", "north"),
    "southerner": _one("officer", "s1"),
    "reviewer": _one("supervisor", "n1"),
    "overseer": _one("supervisor", "land"),
    "keeper": _one("registry-manager"),
    "analyst": _one("analyst"),
    "author": _one("author"),
    "publisher": _one("publisher"),
    "town-author": _one("municipal-author", "n1"),
    "town-publisher": _one("municipal-publisher", "n1"),
    "town-pens": Somebody((Held("municipal-author", "n1"), Held("municipal-publisher", "s1"))),
    "town-officer": Somebody((Held("officer", "n1"), Held("municipal-author", "n1"))),
    "auditor": _one("auditor"),
    "administrator": _one("administrator"),
    "protector": _one("data-protection-officer"),
    "shelter": _one("protection-officer", "n1"),
    "refuge": _one("protection-officer", "land"),
    "steward": _one("programme-manager"),
    "payer": _one("payments-officer"),
    "approver": _one("payments-approver"),
    "hearer": _one("appeals-officer", "n1"),
    "both-pens": Somebody((Held("author"), Held("publisher"))),
    "writing-officer": Somebody((Held("officer", "n1"), Held("author"))),
    "counting-officer": Somebody((Held("officer", "n1"), Held("analyst"))),
    "two-places": Somebody((Held("officer", "n1a"), Held("supervisor", "s1"))),
    "ended": _one("officer", "n1", is_held=False),
    "not-yet": _one("supervisor", "north", is_held=False),
    "waiting": _one("registry-manager", is_held=False),
}


@dataclass(frozen=True)
class Operation:
    """A door: what one must be charged with, and what it is about.

    `also`  what the view asks for beside, once purpose and proof are given; `answers` state → verdict, else done
    """

    act: str
    about: str
    is_personal: bool
    also: str
    answers: dict[str, str]


# The states in which each kind of thing is met; one of "own" is the asker's own work, who may then not judge it.
STATES = {
    "household": ("in-sight", "in-danger"),
    "decision": ("standing", "proposed", "noticed", "superseded", "in-danger"),
    "notice": ("open", "own", "over", "in-danger"),
    "enrolment": ("enrolled", "suspended", "noticed", "own", "ended", "in-danger"),  # own: the notice is the asker's
    "consent": ("live", "withdrawn", "in-danger"),
    "run": ("unseen", "planned", "own", "approved", "running", "finished"),
    "draft": ("written", "proposed", "own", "over"),
    "agreement": ("drafted", "own", "signed", "in-force", "suspended", "ended"),
    "officer": ("another", "own"),
    "assignment": ("waiting", "own", "confirmed"),
    "batch": ("waiting", "working", "stopped", "refused", "done"),
    "hold": ("live", "ended", "in-danger"),
    "mandate": ("live", "revoked", "in-danger"),
    "payment-list": ("prepared", "proposed", "own", "approved", "exported"),
    "erasure": ("proposed", "own", "confirmed", "dismissed"),
    "delay": ("proposed", "own", "confirmed", "ended"),
    "machine": ("opened", "closed"),
    "credential": ("made", "own", "confirmed", "ended"),
    "peer": ("made", "own", "confirmed", "ended"),
    "case": ("open", "closed", "in-danger"),
    "transition": ("open", "closed", "in-danger"),
    "appeal": ("open", "review", "own", "upheld", "closed", "in-danger"),  # own: whoever asks decided
    "match": ("proposed", "settled", "in-danger"),  # settled: by an identifier it was found who it is
    "suspicion": ("open", "review", "own", "closed", "in-danger"),  # own: whoever asks flagged it
    "alert": ("open", "own", "closed"),  # own: about whoever asks
    # To be closed, as another proposed or whoever asks did; theirs: it is their own acts.
    "breach": ("open", "proposed", "own", "theirs", "closed"),
}
LIE_IN_AN_AREA = {
    "area",
    "household",
    "decision",
    "notice",
    "enrolment",
    "consent",
    "hold",
    "mandate",
    "case",
    "appeal",
    "suspicion",
    "transition",
    "match",
}
# What an area decides by itself, or (without one) the nation. What is not decided in somebody's areas is hidden from them,
# or, of a rule, which everybody reads, not theirs to change.
DECIDED = {"draft", "rule"}
OF_A_PROGRAMME = {"would-be", "decision", "notice", "enrolment", "list"}

# Every home that is asked about has a notice that can still be appealed, so that nobody there may be erased.
_DOORS = """
    GET home                     | figures    |            |          |
    GET area                     | figures    | area       |          |
    GET purpose                  | find       |            |          |
    POST purpose                 | find       |            |          |
    GET find                     | find       |            | personal |
    POST find                    | find       | household  | personal |
    GET find-in-area             | find       | area       | personal |
    GET household                | record     | household  | personal |
    GET household-file           | ask        | household  | personal |
    POST household-file          | ask        | household  | personal |
    GET household-register       | register   | area       | personal |
    POST household-register      | register   | area       | personal |
    GET household-registration   | register   | household  | personal |
    POST household-registration  | register   | household  | personal |
    POST household-registration-ask | ask     | household  | personal |
    GET sources                  | agreements |            |          |
    GET source-connect           | connect    |            |          |
    POST source-connect          | connect    |            |          | - heard
    GET connection               | connect    |            | personal | - hidden
    POST connection              | connect    |            | personal | - hidden
    POST connection-confirm      | connect    |            |          | - hidden
    POST connection-end          | connect    |            |          | - hidden
    GET household-history        | record     | household  | personal |
    GET person                   | record     | household  | personal |
    GET would-be                 | decision   | household  | personal |
    GET decisions                | list       | area       | personal |
    GET decisions-export         | export     | area       | personal |
    GET decision                 | decision   | decision   | personal |
    GET explanation              | decision   | decision   | personal |
    GET explanation-pdf          | decision   | decision   | personal |
    POST decision-notice         | notice     | decision   | personal | standing refused, noticed refused, superseded refused, in-danger refused
    GET notice                   | decision   | notice     | personal |
    GET notice-reply             | notice     | notice     | personal |
    POST notice-reply            | notice     | notice     | personal | over refused
    GET notice-review            | review     | notice     | personal |
    POST notice-review           | review     | notice     | personal | own refused, over refused
    GET gaps                     | figures    |            |          |
    GET gaps-list                | list       | area       | personal |
    GET performance              | figures    |            |          |
    GET performance-export       | figures    |            |          |
    GET suspensions-proposed     | list       | area       | personal |
    GET coverage                 | figures    |            |          |
    GET coverage-export          | figures    |            |          |
    GET overlaps                 | figures    |            |          |
    GET enrolments               | list       | area       | personal |
    POST enrolments-enrol        | enrol      | area       | personal |
    GET enrolment                | decision   | enrolment  | personal |
    POST enrolment-suspend       | enrol      | enrolment  | personal | suspended refused, noticed refused, own refused, ended refused
    POST enrolment-end           | enrol      | enrolment  | personal | noticed refused, own refused, ended refused
    POST enrolment-reinstate     | enrol      | enrolment  | personal | enrolled refused, noticed refused, own refused, ended refused, in-danger refused
    POST enrolment-confirm       | review     | enrolment  | personal | enrolled refused, suspended refused, own refused, ended refused, in-danger refused
    POST enrolment-withdraw      | enrol      | enrolment  | personal | enrolled refused, suspended refused, ended refused, in-danger refused
    GET enrolment-collector      | enrol      | enrolment  | personal |
    POST enrolment-collector     | enrol      | enrolment  | personal | enrolled heard, suspended heard, noticed heard, own heard, ended heard, in-danger heard
    POST enrolment-collector-confirm | enrol  | enrolment  | personal | enrolled refused, suspended refused, noticed refused, own refused, ended refused, in-danger refused
    POST enrolment-collector-withdraw | enrol | enrolment  | personal | enrolled refused, suspended refused, noticed refused, own refused, ended refused, in-danger refused
    GET consents                 | record     | household  | personal also consents |
    POST consents                | record     | household  | personal also consents consent |
    POST consent-withdraw        | consent    | consent    | personal | withdrawn refused
    GET person-leave             | register   | household  | personal |
    POST person-leave            | register   | household  | personal |
    POST person-protect          | protect    | household  | personal | in-danger refused
    POST person-protect-end      | protect    | household  | personal | in-sight refused
    GET household-protection     | protect    | household  | personal |
    POST household-protection    | protect    | household  | personal |
    POST household-protection-end | protect   | household  | personal |
    GET person-erasure           | erase      | household  | personal |
    POST person-erasure          | erase      | household  | personal | in-sight refused, in-danger refused
    POST person-hold             | erase      | household  | personal |
    POST person-hold-end         | erase      | hold       | personal | ended hidden
    GET citizen-invite           | invite     | household  | personal |
    POST citizen-invite          | invite     | household  | personal |
    POST citizen-end             | invite     | household  | personal |
    GET mandates                 | mandate    | household  | personal |
    POST mandates                | mandate    | household  | personal | in-sight heard, in-danger heard
    POST mandate-end             | mandate    | mandate    | personal | revoked refused
    GET matches                  | register   |            | personal |
    POST match-decide            | register   | match      | personal | settled refused
    GET outbox                   | outbox     |            | personal |
    GET outbox-tell              | notice     |            | personal | - hidden
    POST outbox-tell             | notice     |            | personal | - hidden
    GET cases                    | cases      |            | personal |
    GET case                     | cases      | case       | personal |
    POST case-work               | work-case  | case       | personal | closed refused
    POST case-judge              | judge-case | suspicion  | personal | open refused, own refused, closed refused, in-danger refused
    POST case-review             | appeal     | appeal     | personal | review refused, own refused, upheld refused, closed refused
    POST case-execute            | appeal     | appeal     | personal | open refused, review refused, own refused, upheld refused, closed refused, in-danger refused
    GET case-figures             | figures    |            |          |
    GET transitions              | figures    |            |          |
    GET case-apply               | work-case  | transition | personal |
    POST case-apply              | work-case  | transition | personal | open heard, closed refused, in-danger heard
    GET case-new                 | open-case  |            | personal |
    GET case-new-file            | open-case  |            | personal |
    POST case-new-file           | open-case  | area       | personal |
    GET case-choose              | open-case  | household  | personal |
    GET case-file                | open-case  | household  | personal |
    POST case-file               | open-case  | household  | personal |
    GET decision-appeal          | open-case  | decision   | personal |
    POST decision-appeal         | open-case  | decision   | personal |
    GET runs                     | figures    |            |          |
    GET rounds                   | rounds     |            |          |
    GET round-start              | rounds     |            | personal |
    POST round-start             | rounds     |            | personal | - heard
    GET round                    | rounds     |            |          | - hidden
    GET round-progress           | rounds     |            |          | - hidden
    POST round-stop              | rounds     |            |          | - hidden
    POST round-resume            | rounds     |            |          | - hidden
    GET run-plan                 | run        |            |          |
    POST run-plan                | run        |            |          | - heard
    GET run                      | figures    | run        |          |
    GET run-progress             | figures    | run        |          |
    POST run-approve             | approve    | run        |          | unseen refused, own refused, running refused, finished refused
    POST run-start               | run        | run        |          | unseen refused, planned refused, own refused, finished refused
    POST run-stop                | run        | run        |          | unseen refused, planned refused, own refused, approved refused, finished refused
    GET payments                 | payments   |            |          |
    POST payment-prepare         | pay-prepare |           |          | - heard
    GET payment-list             | payments   | payment-list |        |
    POST payment-propose         | pay-prepare | payment-list |       | prepared heard, proposed refused, own refused, approved refused, exported refused
    POST payment-withdraw        | pay-prepare | payment-list |       | approved refused, exported refused
    POST payment-approve         | pay-approve | payment-list |       | prepared refused, own refused, approved refused, exported refused
    POST payment-send            | pay-export | payment-list |        | prepared refused, proposed refused, own refused, approved refused, exported refused
    POST payment-send-again      | pay-export | payment-list |        | prepared refused, proposed refused, own refused, approved refused, exported refused
    POST payment-files           | pay-export | payment-list |        | prepared refused, proposed refused, own refused, approved heard, exported heard
    POST payment-return          | pay-reconcile | payment-list |     | prepared heard, proposed heard, own heard, approved heard, exported heard
    POST payment-override        | pay-reconcile | payment-list |     | prepared refused, proposed refused, own refused, approved refused, exported refused
    GET payment-sheets           | pay-export | payment-list | personal | prepared refused, proposed refused, own refused
    POST payment-sheets          | pay-export | payment-list | personal | prepared refused, proposed refused, own refused, approved heard, exported heard
    GET payment-held             | payments   | payment-list | personal |
    POST payment-decide          | pay-prepare | payment-list | personal | prepared heard, proposed heard, own heard, approved heard, exported heard
    GET payment-unpaid           | payments   | payment-list | personal |
    GET rules                    | figures    |            |          |
    GET rule                     | figures    |            |          |
    GET rule-version             | figures    |            |          |
    GET rule-export              | figures    |            |          |
    POST draft-begin             | author     | rule       |          |
    GET draft                    | drafts     | draft      |          |
    GET draft-edit               | author     | draft      |          | written refused, proposed refused, over refused
    POST draft-edit              | author     | draft      |          | written refused, proposed refused, over refused, own heard
    GET draft-try                | drafts     | draft      |          |
    POST draft-try               | drafts     | draft      |          | written heard, proposed heard, own heard, over heard
    GET draft-try-household      | record     | draft      | personal also drafts |
    POST draft-try-household     | record     | household  | personal also drafts |
    POST draft-measure           | author     | draft      |          | written refused, proposed refused, over refused
    POST draft-propose           | author     | draft      |          | written refused, proposed refused, over refused, own heard
    POST draft-discard           | author     | draft      |          | written refused, proposed refused, over refused
    POST draft-publish           | publish    | draft      |          | written refused, own refused, over refused, proposed heard
    GET deliveries               | deliveries |            |          |
    GET deliver                  | deliver    |            |          |
    POST deliver                 | deliver    |            |          | - heard
    GET delivery                 | deliveries | batch      |          |
    GET delivery-progress        | deliveries | batch      |          |
    POST delivery-stop           | deliver    | batch      |          | waiting heard, working heard, stopped heard, refused heard, done heard
    POST delivery-resume         | deliver    | batch      |          | waiting heard, working heard, stopped heard, refused heard, done heard
    GET delivery-receipt         | deliveries | batch      |          | waiting refused, working refused, stopped refused, refused refused
    GET quarantine               | quarantine | batch      | personal |
    POST quarantine-let-in       | quarantine | batch      | personal also erase | waiting hidden, working hidden, stopped hidden, refused hidden, done hidden
    GET audit                    | audit      |            |          |
    GET alerts                   | watch      |            |          |
    GET alert                    | watch      | alert      |          | own hidden
    POST alert-looked-at         | judge      | alert      |          | own hidden, closed refused
    POST alert-close             | judge      | alert      |          | own hidden, closed refused
    GET breaches                 | watch      |            |          |
    GET breach-open              | judge      |            |          |
    POST breach-open             | judge      |            |          |
    GET breach                   | watch      | breach     |          | theirs hidden
    POST breach-step             | judge      | breach     |          | theirs hidden, closed refused
    POST breach-close            | judge      | breach     |          | own denied, theirs hidden, closed refused
    GET breach-concerned         | judge      | breach     |          | theirs hidden
    GET impact                   | impact     |            |          |
    POST impact-answer           | assess     |            |          |
    POST impact-lay-down         | assess     |            |          | - refused
    POST impact-sign             | sign-impact |            |          | - refused
    POST impact-go-live          | go-live    |            |          | - refused
    GET retention                | retention  |            |          |
    GET erasure                  | retention  | erasure    |          | dismissed hidden
    POST erasure-confirm         | answer-erasure | erasure    |          | own refused, confirmed refused, dismissed refused
    POST erasure-dismiss         | answer-erasure | erasure    |          | own refused, confirmed refused, dismissed refused
    GET certificate              | retention  |            |          |
    GET delays                   | delay      |            |          |
    POST delays                  | delay      |            |          |
    POST delay-confirm           | delay      | delay      |          | own refused, confirmed refused, ended refused
    POST delay-end               | delay      | delay      |          | ended refused
    GET agreements               | agreements |            |          |
    GET capability               | agreements |            |          |
    GET agreement                | agreements | agreement  |          |
    GET agreement-draft          | agree      |            |          |
    POST agreement-draft         | agree      |            |          | - heard
    GET agreement-redraft        | agree      | agreement  |          |
    POST agreement-redraft       | agree      | agreement  |          | drafted heard, own heard, signed heard, in-force heard, suspended heard, ended heard
    POST organisation-add        | agree      |            |          |
    POST agreement-sign          | sign       | agreement  |          | own denied, in-force refused, suspended refused, ended refused
    POST agreement-suspend       | stop       | agreement  |          | drafted refused, own refused, signed refused, suspended refused, ended refused
    POST agreement-resume        | sign       | agreement  |          | drafted refused, own refused, signed refused, in-force refused, ended refused
    POST agreement-end           | stop       | agreement  |          | ended refused
    GET machines                 | agreements | agreement  |          |
    POST machine-open            | let-in     | agreement  |          |
    POST machine-secret          | let-in     | machine    |          | closed refused
    POST machine-key             | let-in     | machine    |          | closed refused
    POST machine-close           | stop       | machine    |          | closed refused
    POST credential-confirm      | let-in     | credential |          | own refused, confirmed refused, ended refused
    POST credential-end          | stop       | credential |          | ended refused
    POST machine-peer            | let-in     | machine    |          | closed refused
    POST peer-confirm            | let-in     | peer       |          | own refused, confirmed refused, ended refused
    POST peer-end                | stop       | peer       |          | ended refused
    GET officers                 | accounts   |            |          |
    GET officer-open             | accounts   |            |          |
    POST officer-open            | accounts   |            |          |
    GET officer                  | accounts   | officer    |          |
    GET officer-grant            | accounts   | officer    |          |
    POST officer-grant           | accounts   | officer    |          | own refused
    POST officer-person          | accounts   | officer    |          | own refused
    GET officer-identity         | accounts   | officer    |          | another hidden, own hidden
    POST officer-identity-remove | accounts   | officer    |          | own refused
    POST officer-confirm         | accounts   | assignment |          | own refused, confirmed hidden
    POST officer-end             | accounts   | assignment |          |
    POST officer-password        | accounts   | officer    |          | own refused
    POST officer-factors         | accounts   | officer    |          | own refused
    POST officer-sign-out        | accounts   | officer    |          |
    POST officer-close           | accounts   | officer    |          | own refused
    POST officer-bind            | accounts   | officer    |          | own refused
    POST officer-part            | accounts   | officer    |          | another refused, own refused
    POST officer-delegation-end  | accounts   | officer    |          | another hidden, own hidden
    GET account                  | own        |            |          |
    GET account-password         | own        |            |          |
    GET account-email            | own        |            |          | - confirm
    GET account-confirm          | own        |            |          |
    POST account-sign-out-everywhere | own    |            |          |
    GET factors                  | own        |            |          |
    GET factor-app               | own        |            |          | - confirm
    GET factor-passkey           | own        |            |          | - confirm
    GET factor-codes             | own        |            |          | - confirm
    GET factor-remove            | own        |            |          | - confirm
    GET delegations              | own        |            |          | - confirm
    POST delegation-end          | own        |            |          | - confirm
"""
# Open to whoever comes, with the reason in tests/structure/test_routes.py; nothing of anybody is on them.
OPEN = {
    *("account_login", "account_logout", "mfa_authenticate", "passkey-sign-in"),
    *("provider-begin", "provider-return", "language", "invitation", "report", "report-file", "report-code"),
}
# Pages of citizens, who hold no office and see one person's record by what that person is to them: `tests/views/citizen`,
# `tests/unit/registry/test_own.py` and `tests/views/test_every_route.py` ask these, of citizens and of every office.
OF_CITIZENS = {
    *("mine", "mine-whom", "mine-held", "mine-home", "mine-looked", "mine-looked-file", "mine-consents", "mine-acting"),
    *(
        "mine-consent-withdraw",
        "mine-decisions",
        "mine-decision",
        "mine-decision-pdf",
        "mine-mandate-revoke",
        "mine-copy",
    ),
    *("mine-cases", "mine-case", "mine-case-say", "mine-case-choose", "mine-case-file", "mine-appeal"),
    *("mine-usage-find", "mine-usage-period", "mine-usage-heartbeat"),
}


def _operation(line: str) -> tuple[str, Operation]:
    name, act, about, personal, answers = (each.strip() for each in line.split("|"))
    is_personal, _, also = personal.partition("also")
    told = dict(each.split() for each in answers.split(",") if each)
    return name, Operation(act, about, bool(is_personal), also.strip(), told)


OPERATIONS = dict(_operation(line) for line in dedent(_DOORS).strip().splitlines())


@dataclass(frozen=True)
class Cell:
    operation: str
    actor: str
    proof: str
    purpose: str = ""
    area: str = ""
    programme: str = ""
    state: str = ""


def verdict(cell: Cell) -> str:
    """Return the one right answer: the first that stands in the way, in the order in which a door asks."""
    somebody, door = ACTORS[cell.actor], OPERATIONS[cell.operation]
    if not somebody.enters:
        return SIGN_IN
    if door.act != "own" and not holding(cell, door.act):
        return DENIED
    if not is_proved(door.act, cell.proof):
        return CONFIRM
    if door.is_personal and not purpose_of(cell):
        return PURPOSE
    return _within(cell, door)


def _within(cell: Cell, door: Operation) -> str:
    # Some of `also` is asked before anything is looked up; of what lies elsewhere one learns nothing before the rest.
    also = door.also.split()
    if any(each in ASKED_FIRST and not holding(cell, each) for each in also):
        return DENIED
    if not is_decided(cell, door):
        return DENIED if door.about == "rule" else HIDDEN
    if not is_seen(cell, door):
        return REFUSED if cell.operation == "POST draft-try-household" else HIDDEN
    if not all(holding(cell, each) for each in also):
        return DENIED
    if not all(any(reaches(held, cell.area or AREAS[0]) for held in holding(cell, each)) for each in also):
        return HIDDEN
    return door.answers.get(cell.state or "-", DONE)


def purpose_of(cell: Cell) -> str:
    """Return for what somebody reads: what they chose, or the only purpose that their offices may read for; else empty."""
    offered = {code for each in ACTORS[cell.actor].held if each.is_held for code in HELD.get(each.office, ())}
    chosen = cell.purpose or (next(iter(offered)) if len(offered) == 1 else "")
    return chosen if chosen in offered else ""


def acting_in(cell: Cell) -> list[Held]:
    """Return the offices in which somebody acts: those held today, without those that read records, but not for the purpose."""
    held = [each for each in ACTORS[cell.actor].held if each.is_held]
    if not OPERATIONS[cell.operation].is_personal or not (purpose := purpose_of(cell)):
        return held
    return [each for each in held if purpose in HELD.get(each.office, (purpose,))]


def holding(cell: Cell, act: str) -> list[Held]:
    """Return the offices in which somebody acts that are charged with an act."""
    return [each for each in acting_in(cell) if act in MAY[each.office].split()]


def is_proved(act: str, proof: str) -> bool:
    return act in PASSWORD_IS_ENOUGH or proof == "fresh" or (proof == "factor" and act not in FACTOR_ANEW)


def is_seen(cell: Cell, door: Operation) -> bool:
    """Whether one of the offices charged with the act reaches the area and the programme, and is shown the state."""
    if door.act == "own" or door.about not in LIE_IN_AN_AREA | OF_A_PROGRAMME:
        return True
    return any(
        (door.about not in LIE_IN_AN_AREA or reaches(each, cell.area))
        and (not cell.programme or cell.programme in OF_PROGRAMMES.get(each.office, PROGRAMMES))
        and (door.about, cell.state) not in UNSEEN.get(each.office, ())
        and (cell.state != "in-danger" or each.office in SEES_WHO_IS_IN_DANGER)
        for each in holding(cell, door.act)
    )


def is_decided(cell: Cell, door: Operation) -> bool:
    """Whether one of the offices charged with drafts decides what a draft or rule is of. A household is asked of the nation's."""
    if door.about not in DECIDED and "drafts" not in door.also:
        return True
    act = door.act if door.act in ("drafts", "author", "publish") else "drafts"
    area = cell.area if door.about in DECIDED else ""
    return any(held.area is None or (area and reaches(held, area)) for held in holding(cell, act))


def reaches(held: Held, area: str) -> bool:
    """Whether an area is an office's own or lies within it."""
    above = [area]
    while PARENT[above[-1]]:
        above.append(PARENT[above[-1]])
    return held.area is None or held.area in above


def may_show(cell: Cell) -> set[tuple[str, str]]:
    """Return (area, class) of what an answer may hold of somebody: nothing where a door is about nobody."""
    door = OPERATIONS[cell.operation]
    if not door.is_personal or verdict(cell) not in (DONE, HEARD, REFUSED):
        return set()
    return {
        (area, each)
        for held in holding(cell, door.act)
        for area in AREAS
        for each in CLASSES.get(held.office, ())
        if reaches(held, area)
    }


def cells(operation: str) -> list[Cell]:
    """Return every question to a door: all of each with a fresh proof, and for each other proof one per asker and place."""
    door = OPERATIONS[operation]
    areas = AREAS if door.about in LIE_IN_AN_AREA else ("", *AREAS) if door.about in DECIDED else ("",)
    programmes = PROGRAMMES if door.about in OF_A_PROGRAMME else ("",)
    states, purposes = STATES.get(door.about, ("",)), PURPOSES if door.is_personal else ("registration",)
    asked = [
        Cell(operation, actor, "fresh", purpose, area, programme, state)
        for actor in ACTORS
        for purpose in purposes
        for area in areas
        for programme in programmes
        for state in states
    ]
    weaker = [
        Cell(operation, actor, proof, purposes[0], area, programmes[0], states[0])
        for actor in ACTORS
        for proof in PROOFS[1:]
        for area in areas
    ]
    return asked + weaker
