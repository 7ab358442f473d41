"""Every operation of the API, asked by everybody. The table is the oracle: written by hand, and importing no rule of the product."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver

from amparo.interop.declaring import Asks, operations
from amparo.interop.description import document
from amparo.interop.grounds import by_code, under
from amparo.interop.urls import urlpatterns
from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.trust.actions.agreeing import end_agreement, suspend_agreement
from amparo.trust.covering import FieldTerm
from tests.lib import agreeing, country, machines
from tests.lib.agreeing import TERMS, in_force, stop
from tests.views.conftest import signed_in

OK, MADE, NOT_IN, DENIED, GONE = 200, 201, 401, 403, 404
EVERYBODY = dict.fromkeys(("nobody", "staff", "forged", "other", "without", "suspended", "ended", "expired", "own"), OK)
# `other` is another partner's machine, `without` one of the same partner that was opened for another agreement. What an
# agreement is stands open to its own machine also where it holds no more: only what is asked under it is refused.
STRANGERS = dict.fromkeys(("nobody", "staff", "forged"), NOT_IN)
ORACLE = {
    "heartbeat": EVERYBODY,
    "keys": EVERYBODY,
    "token": EVERYBODY,
    "agreements": EVERYBODY | STRANGERS,
    "agreement": EVERYBODY | STRANGERS | {"other": GONE, "without": GONE},
    # What a programme is stands open as the agreement that names it does.
    "programmes": EVERYBODY | STRANGERS | {"other": GONE, "without": GONE},
    # No agreement of this world lists what these tell: tests/contracts/test_checking.py and test_lists.py ask under some that do.
    "check": dict.fromkeys(EVERYBODY, DENIED) | STRANGERS | {"other": GONE, "without": GONE},
    "programme_enrolments": dict.fromkeys(EVERYBODY, DENIED) | STRANGERS | {"other": GONE, "without": GONE},
    "programme_payments": dict.fromkeys(EVERYBODY, DENIED) | STRANGERS | {"other": GONE, "without": GONE},
    "begin": EVERYBODY
    | STRANGERS
    | {"other": GONE, "without": GONE, "own": MADE}
    | dict.fromkeys(("suspended", "ended", "expired"), DENIED),
    # No agreement of this world takes anything in: tests/contracts/test_feeds.py asks those that do.
    "deliver_feed": dict.fromkeys(EVERYBODY, DENIED) | STRANGERS | {"other": GONE, "without": GONE},
    "feed_delivery": dict.fromkeys(EVERYBODY, GONE) | STRANGERS,
    # As of feeds: tests/contracts/test_disbursing.py asks under one that does.
    "on_disburse": dict.fromkeys(EVERYBODY, DENIED) | STRANGERS | {"other": GONE, "without": GONE},
    "on_status": dict.fromkeys(EVERYBODY, DENIED) | STRANGERS | {"other": GONE, "without": GONE},
    # No token says who a source is, its signature does: tests/contracts/test_updates.py sends what is signed.
    "tell_updates": dict.fromkeys(EVERYBODY, NOT_IN),
    "records": EVERYBODY
    | STRANGERS
    | {"other": GONE, "without": GONE, "expired": GONE}  # an exchange is of one day
    | dict.fromkeys(("suspended", "ended"), DENIED),
}
NAMES = ("Yara", "Haddad")


@pytest.fixture(scope="module")
def world(database):
    """For each caller: a program or browser, and the agreement and exchange that it asks for."""
    agreeing.install()
    country.household("n1", {"given_name": NAMES[0], "family_name": NAMES[1], "birth_date": date(1990, 1, 1)}, rooms=2)
    held = {each: in_force(each) for each in ("own", "suspended", "ended")}
    held["expired"] = in_force("expired", ends_on=clock.today())
    programs = {each: machines.program(id) for each, id in held.items()}
    begun = {each: begin(program, each).json() for each, program in programs.items()}
    stop(held["suspended"], suspend_agreement)
    stop(held["ended"], end_agreement)
    programs["other"] = machines.program(in_force("waters", replace(TERMS, consumer="water")))
    programs["without"] = machines.program(in_force("elsewhere"))
    return {
        name: (programs.get(name), name if name in held else "own", begun[name if name in held else "own"])
        for name in EVERYBODY
    }


def begin(program, code: str, **changes):
    asked = {"about": "person", "purpose": "registration", "fields": ["person.birth_date"]}
    return program.post(f"agreements/{code}/exchanges", asked | changes)


class Stranger:
    """Somebody without a machine: nobody, a person signed in to the pages, or a token that is not ours."""

    def __init__(self, name: str) -> None:
        self.browser = signed_in("ines") if name == "staff" else Client()
        self.sent = {"Authorization": "Bearer forged.token"} if name == "forged" else {}

    def get(self, path, asked=None):
        return self.browser.get(f"/api/v1/{path}", asked, headers=self.sent)

    def post(self, path, body):
        sent = self.sent | {"Idempotency-Key": str(uuid4())}
        return self.browser.post(f"/api/v1/{path}", body, content_type="application/json", headers=sent)


def ask(operation: str, who, code: str, begun: dict):
    places = {
        "heartbeat": lambda: who.get("heartbeat"),
        "keys": lambda: who.get("keys"),
        "token": lambda: machines.program(agreeing_id("own")).let_in(),
        "agreements": lambda: who.get("agreements"),
        "agreement": lambda: who.get(f"agreements/{code}"),
        "programmes": lambda: who.get(f"agreements/{code}/programmes"),
        "check": lambda: who.post(
            f"agreements/{code}/checks/registered?purpose=registration",
            {"numbers": [{"scheme": "national_id", "number": "12345678901"}]},
        ),
        "programme_enrolments": lambda: who.get(f"agreements/{code}/enrolments", {"purpose": "registration"}),
        "programme_payments": lambda: who.get(f"agreements/{code}/payments/2026-11", {"purpose": "registration"}),
        "begin": lambda: begin(who, code),
        "deliver_feed": lambda: who.post(f"agreements/{code}/feeds/any/days/2026-04-10", {"no": "1"}),
        "on_disburse": lambda: who.post(f"agreements/{code}/on-disburse", {"header": {}}),
        "on_status": lambda: who.post(f"agreements/{code}/disburse/txn/on-status", {"header": {}}),
        "tell_updates": lambda: who.post("sources/civil/updates", {"events": []}),
        "feed_delivery": lambda: who.get(f"agreements/{code}/deliveries/{uuid4()}"),
        "records": lambda: who.get(f"exchanges/{begun['exchange']}/records", {"after": begun["next"]}),
    }
    return places[operation]()


def agreeing_id(code: str):
    from amparo.trust.models import Agreement

    return Agreement.objects.get(code=code).id


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_is_answered_what_they_may(world, name):
    program, code, begun = world[name]
    who = program or Stranger(name)
    wrong = []
    with clock.fixed(clock.now() + timedelta(days=1)) if name == "expired" else clock.fixed(clock.now()):
        if program:
            program.token = ""
        for operation, expected in ORACLE.items():
            answer = ask(operation, who, code, begun)
            if answer.status_code != expected[name]:
                wrong.append((operation, answer.status_code, expected[name], answer.content))
            if expected[name] >= 400:
                assert answer["Content-Type"] == "application/problem+json"
                assert answer.json().keys() >= {"type", "title", "status", "detail", "todo", "id"}
            assert answer["Cache-Control"] == "no-store"
            assert not [each for each in NAMES if each in answer.content.decode()]
    assert wrong == []


def test_the_table_names_every_operation_of_the_description():
    described = {told["operationId"] for methods in document()["paths"].values() for told in methods.values()}
    assert described == set(ORACLE)


def test_every_route_of_the_api_is_declared_and_stands_behind_the_door():
    for each in urlpatterns:
        assert hasattr(each.callback, "declared"), each
        assert all(isinstance(known.asks, Asks) for known in each.callback.declared.values())
        assert each.callback.declared or each.name in ("api-nowhere", "api-root")
    whole = {each.name for each in get_resolver("amparo.interop.urls").url_patterns}
    assert len(whole) == len(urlpatterns)


def test_only_what_tells_of_nobody_is_open_to_everybody():
    assert {path for (path, _), each in operations.declared.items() if each.asks is Asks.NOTHING} == {
        "v1/heartbeat",
        "v1/keys",
        "token",
    }
    signed = {path for (path, _), each in operations.declared.items() if each.asks is Asks.SIGNED}
    assert signed == {"v1/sources/{source}/updates"}


def test_an_operation_added_past_the_declaration_answers_nobody(database, monkeypatch):
    """The frame is given an operation behind our back; its route has no declaration, and is as if it were not there."""
    from django.test import RequestFactory
    from django.urls import path

    from amparo.interop.urls import _behind_the_door, _declared

    planted = path("v1/planted", lambda request: 1 / 0, name="api-planted")
    behind = _behind_the_door(planted, _declared("v1/planted"))
    answer = behind.callback(RequestFactory().get("/api/v1/planted"))
    assert answer.status_code == 404


def test_an_operation_cannot_be_declared_without_saying_whom_it_answers():
    from amparo.interop.declaring import operation

    with pytest.raises(TypeError, match="asks"):
        operation("GET", "v1/planted", answers={})
    for asks, named in ((Asks.AGREEMENT, None), (Asks.MACHINE, by_code)):
        with pytest.raises(AssertionError):
            operation("GET", "v1/planted", answers={}, asks=asks, named=named)


def test_an_operation_under_an_agreement_does_not_begin_without_one(world):
    """Whatever the operation itself asks: the frame finds the agreement first, and another's is none."""
    from django.test import RequestFactory

    from amparo.trust.machines.asking import caller_of

    program, *_ = world["other"]
    program.token = ""
    program.headers()
    request = RequestFactory().get("/")
    request.auth, begun = caller_of(program.token), []
    with pytest.raises(NotFound):
        under(by_code, lambda request, code: begun.append(code))(request, code="own")
    assert begun == []


def test_every_operation_of_a_machine_documents_that_it_may_be_refused():
    for path, methods in document()["paths"].items():
        for method, told in methods.items():
            known = operations.declared[path.removeprefix("/api/"), method.upper()]
            who = {Asks.NOTHING: set(), Asks.SIGNED: {"401"}}.get(known.asks, {"401", "403"})
            wanted = {"405", "429", "500", "503"} | who
            wanted |= {"400", "413", "415", "422"} if known.takes else set()
            wanted |= {"404", "422"} if "{" in path else set()
            assert wanted <= told["responses"].keys(), path
            assert ("security" in told) == (known.asks in (Asks.MACHINE, Asks.AGREEMENT))


def test_the_description_is_served(database):
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == document()


@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/agreements", "/api/docs"])
def test_elsewhere_there_is_nothing(database, address):
    answer = Client().get(address)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post", "options"])
def test_a_method_that_is_not_declared_is_refused_and_told_which_is(database, method):
    answer = getattr(Client(), method)("/api/v1/agreements")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")


def test_refusals_speak_the_language_that_is_asked_for(database):
    for language, pattern in (("en", r"[a-z]"), ("ar", r"[\u0600-\u06ff]")):
        answer = Client().get("/api/v1/agreements", headers={"Accept-Language": language})
        told = answer.json()
        assert (answer.status_code, told["id"], told["type"]) == (
            401,
            "trust-machine-not-believed",
            "urn:amparo:problem:trust-machine-not-believed",
        )
        assert all(re.search(pattern, told[each]) for each in ("title", "detail", "todo"))


def test_nothing_of_anybody_is_served_while_the_audit_log_is_not_sealed(world, monkeypatch):
    from django.conf import settings

    program, code, begun = world["own"]
    program.token = ""
    program.headers()
    monkeypatch.setattr(settings, "AUDIT_HOURS", 0)
    for operation in ("records", "heartbeat"):
        answer = ask(operation, program, code, begun)
        assert (answer.status_code, answer.json()["id"]) == (503, "trust-audit-not-sealed")
        assert int(answer["Retry-After"]) > 0


def test_a_field_that_is_only_a_known_value_is_told_as_agreed(world):
    program, *_ = world["own"]
    told = program.get("agreements/own").json()
    assert told["fields"][0] == {"field": "person.birth_date", "given": "value", "limits": [], "comparison": None}
    assert told["state"] == "in-force"
    assert told["records_left"] <= TERMS.volume
    assert FieldTerm("person", "birth_date") in TERMS.fields
