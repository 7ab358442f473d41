"""Asks a door what a cell says, and tells what was answered, what was shown, and what was written."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from amparo.kernel import clock
from amparo.trust.queries import account_with_id
from amparo.trust.types import QUESTIONS
from tests.lib.access_world import BRING, CANARIES, CLASSES, World
from tests.lib.pdf_text import text_of
from tests.oracle import access
from tests.oracle.access import Cell

# What may be written although somebody was sent away: that they were, how often they asked, and their session.
NOT_OF_THE_ACT = ("trust_audit", "trust_bucket", "django_session", "trust_key")


@dataclass(frozen=True)
class Answer:
    """`verdict` in the oracle's words; `shown` the canaries in it; `written` the tables with other rows than before.

    `audited`  the rows that were written into the audit log
    """

    verdict: str | int
    shown: set[tuple[str, str]] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    audited: list[str] = field(default_factory=list)


def ask(world: World, cell: Cell, *, reads_log: bool = False) -> Answer:
    """Ask one question. Nothing of it stays. What it left in the audit log is told where it is asked for."""
    place = world.place(cell)
    with undone():
        bring(cell, place)
        browser = browser_of(world, cell)
        before = touched()
        response = sent(browser, cell, place)
        return Answer(
            answered(cell, place, response),
            canaries_in(whole(response)),
            set(touched() - before),
            [str(each) for each in read("SELECT * FROM trust_audit WHERE at >= now()")] if reads_log else [],
        )


def newest_row(world: World, cell: Cell, table: str, **more: str) -> dict[str, Any]:
    """Send a form with more in it than it asks for, and return the row that was written last. Nothing of it stays."""
    place = world.place(cell)
    with undone():
        bring(cell, place)
        sent(browser_of(world, cell), cell, place, **more)
        return read(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1")[0]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


OF_AN_AREA = "UPDATE programmes_draft SET code = '{decided}' WHERE id = '{draft}'"


def bring(cell: Cell, place: dict[str, Any]) -> None:
    """Bring about the state that a cell asks about."""
    about = access.OPERATIONS[cell.operation].about
    statements = [BRING.get((about, cell.state)), OF_AN_AREA if about == "draft" and cell.area else None]
    for statement in filter(None, statements):
        with connection.cursor() as cursor:
            cursor.execute("SELECT test_bring(%s)", [statement.format(**place)])


@cache
def _browser() -> Client:
    """Return the one browser of all: each new one would load every middleware anew, and read all static files."""
    return Client(raise_request_exception=False)


def browser_of(world: World, cell: Cell) -> Client:
    """Return a browser with a session of somebody's, which has a purpose and proved so much."""
    browser = _browser()
    browser.cookies.clear()
    if cell.actor == "nobody":
        return browser
    account = account_with_id(world.things["accounts"][cell.actor])
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(account.id), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session["proofs"] = proofs(cell.proof)
    if cell.purpose:
        session["purpose"] = cell.purpose
    session.create()
    browser.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return browser


def proofs(proof: str) -> dict[str, str]:
    ages = {"fresh": timedelta(), "factor": timedelta(minutes=6)}
    return {"totp": (clock.now() - ages[proof]).isoformat()} if proof in ages else {}


# As pg_stat_xact_all_tables, which counts what was read as well, of indexes too, and takes long for that.
_WRITTEN = """
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')
"""


def touched() -> Counter[str]:
    """Return table → how many rows this transaction has written, also in what was undone of it."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        return Counter({name: rows for name, rows in cursor.fetchall() if not name.startswith(NOT_OF_THE_ACT)})


def read(statement: str) -> list[dict[str, Any]]:
    """Return rows past every gate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT test_read(%s)", [statement])
        return [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]


def canaries_in(text: str) -> set[tuple[str, str]]:
    """Return (area, class) of each field of somebody's whose word stands in a text."""
    return {at for at, word in CANARIES.items() if word in text}


def sent(browser: Client, cell: Cell, place: dict[str, Any], **more: str) -> HttpResponse:
    method, route = cell.operation.split()
    address = reverse(route, kwargs=arguments(route, place))
    if method == "GET":
        return browser.get(address, query(route, place))
    return browser.post(address, FORMS.get(route, lambda place: {})(place) | more)


OF_A_MEMBER = {
    *(
        "person",
        "consents",
        "consent-withdraw",
        "person-protect",
        "person-protect-end",
        "person-leave",
        "person-erasure",
        "person-hold",
        "case-choose",
        "case-file",
    ),
    *("person-hold-end", "citizen-invite", "citizen-end", "mandates", "mandate-end"),
}
ABOUT_A_HOME = {
    *(
        "household",
        "household-history",
        "household-file",
        "household-registration",
        "household-registration-ask",
        "household-protection",
        "household-protection-end",
        "would-be",
    ),
    *OF_A_MEMBER,
}


def arguments(route: str, place: dict[str, Any]) -> dict[str, Any]:
    """Return what an address of a route names."""
    if route in ("area", "find-in-area", "household-register"):
        return {"code": place["area"]}
    if route in ("rule", "rule-export", "rule-version", "draft-begin"):
        more = {"id": place["version"]} if route == "rule-version" else {}
        return {"kind": "rule", "code": place["decided"] if route == "draft-begin" else "poor_home"} | more
    if route in ("case-new", "case-new-file", "case-figures", "transitions", "cases", "outbox"):
        return {"category": "unpaid"} if route == "case-new-file" else {}
    if route == "outbox-tell":
        return {"id": _NOBODY}
    if route == "case-apply":
        return {"id": place["case"], "programme": access.PROGRAMMES[0]}
    if route in ABOUT_A_HOME:
        return {"id": place["household"]} | _of_home(route, place)
    if route in ("factor-remove", "delegation-end"):
        return {"id": 1}
    if route == "impact-sign":
        return {"number": 0}
    if (route.startswith("round-") and route != "round-start") or route == "round":
        return {"id": _NOBODY}
    if route.startswith("connection"):
        return {"source": "nobody"}
    if route.startswith("payment"):
        return _of_payments(route, place)
    if route.startswith(("machine", "credential", "peer-")):
        return {"id": place["agreement"]} | _of_machine(route, place)
    if route == "quarantine-let-in":
        return {"id": place["batch"], "position": 0}
    named = {"explanation": "decision", "explanation-pdf": "decision", "quarantine": "batch"}
    thing = named.get(route) or _thing(route)
    more = {"assignment": place["assignment"]} if route in ("officer-confirm", "officer-end") else {}
    more |= {"delegation": 1} if route == "officer-delegation-end" else {}
    return ({"id": place[thing]} if thing else {}) | more


def _of_home(route: str, place: dict[str, Any]) -> dict[str, Any]:
    if route == "would-be":
        unit = place["household"] if place["programme"] == access.PROGRAMMES[0] else place["person"]
        return {"programme": place["programme"], "unit_id": unit}
    named = {"consent-withdraw": "consent", "person-hold-end": "hold", "mandate-end": "mandate"}.get(route)
    found = {"person_id": place["person"]} if route in OF_A_MEMBER else {}
    found |= {"category": "unpaid"} if route == "case-file" else {}
    return found | ({named: place[named]} if named else {})


def _of_payments(route: str, place: dict[str, Any]) -> dict[str, Any]:
    if route in ("payments", "payment-prepare"):
        return {}
    named = {"payment-override": {"returned": _NOBODY}, "payment-decide": {"payment": _NOBODY}}
    more = (named | {"payment-send-again": {"part": 1}}).get(route, {})
    return {"id": place["payment-list"]} | more


def _of_machine(route: str, place: dict[str, Any]) -> dict[str, Any]:
    if route in ("machines", "machine-open"):
        return {}
    named = next((each for each in ("credential", "peer") if route.startswith(each)), "machine")
    return {named: place[named]}


_NOBODY = "00000000-0000-4000-8000-000000000009"
_WITHOUT_ONE = {"decisions-export", "run-plan", "draft-begin", "agreement-draft", "officer-open", "breach-open"}


def _thing(route: str) -> str:
    """Return the kind of thing whose id stands in an address; empty where none does."""
    kinds = {"decision", "notice", "enrolment", "run", "draft", "agreement", "officer", "delivery"}
    kinds |= {"alert", "breach", "erasure", "certificate", "delay", "case", "match"}
    kind = route.split("-")[0]
    if route in _WITHOUT_ONE or kind not in kinds:
        return ""
    return "batch" if kind == "delivery" else kind


def query(route: str, place: dict[str, Any]) -> dict[str, str]:
    if route in ("decisions", "decisions-export"):
        return {"programme": place["programme"], "area": place["area"], "state": "proposed"}
    if route in ("gaps-list", "suspensions-proposed"):
        return {"programme": place["programme"], "area": place["area"]}
    if route == "enrolments":
        return {"programme": place["programme"], "area": place["area"], "state": "enrolled"}
    return {}


_TODAY = clock.today().isoformat
FORMS = {
    "purpose": lambda place: {"purpose": "registration"},
    "find": lambda place: {"kind": "number", "asked": str(place["number"])},
    "enrolments-enrol": lambda place: {"programme": place["programme"], "area": place["area"], "act": "everybody"},
    "enrolment-suspend": lambda place: {"ground": "unreached", "until": ""},
    "enrolment-end": lambda place: {"reason": "abuse", "on": _TODAY()},
    "notice-reply": lambda place: {"received_on": _TODAY(), "words": "We were counted twice."},
    "notice-review": lambda place: {"confirms": "yes", "reason": "It was counted once."},
    "consents": lambda place: {"agreement": place["asks"], "kind": "spoken"},
    "run-plan": lambda place: {"on": _TODAY(), "programmes": ["poor_home"]},
    "draft-edit": lambda place: {"act": "check"},
    "draft-try": lambda place: {"record": "{}"},
    "draft-try-household": lambda place: {"number": str(place["number"])},
    "organisation-add": lambda place: {"organisation": "roads", "called": "Roads Board"},
    "agreement-sign": lambda place: {
        "side": "consumer",
        "name": "Pavel Orr",
        "position": "Director general",
        "confidentiality": "Confidentiality term 13/2026",
    },
    **dict.fromkeys(
        ("agreement-suspend", "agreement-resume", "agreement-end"), lambda place: {"reason": "A leak was found."}
    ),
    "household-register": lambda place: {"rows": "1", "act": "register", "0_given_name": "Zoe"},
    "person-leave": lambda place: {"why": "left", "on": _TODAY()},
    "quarantine-let-in": lambda place: {"ground": "A court's order"},
    "household-protection": lambda place: {
        "whom": place["person"],
        "source": "office",
        "on": _TODAY(),
        CLASSES["protection"]: "elsewhere",
    },
    "household-protection-end": lambda place: {
        "whom": place["person"],
        "source": "office",
        "field": CLASSES["protection"],
    },
    "person-erasure": lambda place: {"ground": "Data Protection Act, section 17", "reference": "2026/117"},
    "person-hold": lambda place: {"reason": "Order 12 of the court", "until": ""},
    "citizen-invite": lambda place: {"proof": "passport", "proof_number": "P-1/26"},
    "mandates": lambda place: {
        "holder": str(place["holder"]),
        "on": _TODAY(),
        "until": _TODAY(),
        "proof": "power-of-attorney",
        "proof_number": "B-7",
    },
    "delays": lambda place: {
        "person": str(place["member"]),
        "actor": "villager",
        "authority": "Court",
        "reference": "12/2026",
        "on": _TODAY(),
        "reveal_on": (clock.today() + timedelta(days=30)).isoformat(),
    },
    **dict.fromkeys(("alert-looked-at", "alert-close"), lambda place: {"reason": "It was the night shift."}),
    "match-decide": lambda place: {"verdict": "later", "state": "proposed"},
    "case-work": lambda place: {"act": "note", "words": "Looked into."},
    "case-judge": lambda place: {"act": "clear", "words": "It was another's."},
    "case-review": lambda place: {"act": "begin-review"},
    "case-file": lambda place: {"channel": "counter", "words": "Nothing came."},
    "case-new-file": lambda place: {"channel": "phone", "words": "Nothing came.", "area": place["area"]},
    "decision-appeal": lambda place: {"channel": "counter", "words": "We earn less.", "person": place["person"]},
    "breach-open": lambda place: {
        "what": "A list was lost.",
        "officer": "villager",
        "found_at": "2026-03-05T08:00",
        "since": "2026-03-01T08:00",
        "until": "2026-03-04T08:00",
    },
    "breach-step": lambda place: {"kind": "told-authority", "whom": "The authority", "words": "A list was lost."},
    "breach-close": lambda place: {"words": "The list was found."},
    "impact-answer": lambda place: {each: "It was looked into." for each in QUESTIONS[:1]},
    "machine-open": lambda place: {"called": "Nightly check", "also": "", "must_sign": "no"},
    "machine-key": lambda place: {"jwk": place["jwk"]},
    "machine-peer": lambda place: {"sender": "night.example.org", "profile": "", "callback": "", "sealing": ""},
    "officer-person": lambda place: {"kind": "number", "asked": str(place["member"])},
    "officer-bind": lambda place: {"username": "analyst"},
    "officer-open": lambda place: {"display_name": "Petra", "username": "petra"},
    "officer-grant": lambda place: {"role": "analyst", "area": "", "on": _TODAY()},
}


def answered(cell: Cell, place: dict[str, Any], response: HttpResponse) -> str | int:
    """Return what was answered, in the oracle's words; a number where it has no word for it."""
    if response.status_code == 302:
        return _sent_on(response["Location"])
    if cell.operation == "POST find" and response.status_code == 200:
        return access.DONE if place["household"] in response.content.decode() else access.HIDDEN
    words = {200: access.DONE, 400: access.REFUSED, 403: access.DENIED, 404: access.HIDDEN}
    return words.get(response.status_code, response.status_code)


def _sent_on(location: str) -> str:
    way, comes_back = urlsplit(location).path, "next=" in location
    ways = {
        reverse("account_login"): access.SIGN_IN,
        reverse("account-confirm"): access.CONFIRM,
        reverse("purpose"): access.PURPOSE,
    }
    return ways.get(way, access.DONE) if comes_back else access.DONE


def whole(response: HttpResponse) -> str:
    """Return all that leaves with an answer, headers and file name too; what a PDF says in letters."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = text_of(content) if response.headers.get("Content-Type") == "application/pdf" else content.decode()
    return text + "\n".join(f"{name}: {value}" for name, value in response.headers.items())
