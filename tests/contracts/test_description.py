"""The API answers as it describes itself, whatever it is asked and by whomever (H1): no fault, no answer that is not described.

AMPARO_SCHEMATHESIS: how many draws for each operation and caller; `make acceptance` sets 2,000.
"""

import os
from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events

from amparo.trust.actions.agreeing import suspend_agreement
from tests.lib import agreeing, country, machines
from tests.lib.agreeing import in_force, stop

DRAWS = int(os.environ.get("AMPARO_SCHEMATHESIS", "2"))
IS_LONG = DRAWS > 2
CALLERS = ("nobody", "forged", "own", "other", "suspended") if IS_LONG else ("nobody", "own")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
)


@pytest.fixture(scope="module")
def callers(database):
    agreeing.install()
    country.household("n1", {"given_name": "Yara", "family_name": "Haddad", "birth_date": date(1990, 1, 1)}, rooms=2)
    own, suspended = in_force("own"), in_force("suspended")
    programs = {"own": machines.program(own), "suspended": machines.program(suspended)}
    programs["other"] = machines.program(in_force("waters", consumer="water"))
    stop(suspended, suspend_agreement)
    with pytest.MonkeyPatch.context() as patch:  # the long run takes longer than a token holds
        patch.setattr("amparo.trust.machines.asking.TOKEN_HOLDS", timedelta(days=1))
        tokens = {name: each.headers()["Authorization"] for name, each in programs.items()}
    return {"nobody": {}, "forged": {"Authorization": "Bearer forged.token"}} | {
        name: {"Authorization": token} for name, token in tokens.items()
    }


def asked(headers: dict[str, str], *, draws: int, begun: dict[str, str], only: str = "", is_whole: bool = True):
    """Ask the whole API as somebody, and return what was answered how often, and what fell out of the description.

    `is_whole`: also ask each operation for whatever the description rules out.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": headers,
            "workers": 1,
            "continue-on-failure": True,
            "generation": {"max-examples": draws, "deterministic": True, "no-shrink": True},
            "phases": {"coverage": {"enabled": is_whole}},
            "checks": {"enabled": False, **{each: {"enabled": True} for each in CHECKS}},
            "parameters": {"code": "own", "exchange": begun["exchange"]} if begun else {},
        }
    )
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)
    schema = schema.include(path=only) if only else schema
    answers, faults = Counter(), []
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            answers.update(_answers(event))
            faults += _faults(event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            faults.append(str(event))
    return answers, faults


def _answers(event) -> list[tuple[str, int]]:
    rows = event.recorder.interactions.values()
    return [(event.label, each.response.status_code) for each in rows if each.response is not None]


def _faults(event) -> list[str]:
    found = []
    for case, checks in event.recorder.checks.items():
        for each in checks:
            if each.status is Status.FAILURE:
                failure = each.failure_info.failure
                request = event.recorder.interactions[case].request
                found.append(f"{event.label} {each.name}: {failure.title}: {failure.message} at {request.uri}")
    return found


@pytest.mark.parametrize("name", CALLERS)
def test_whatever_is_asked_is_answered_as_described(callers, name):
    begun = {}
    if name == "own":
        program = machines.Program(uuid4(), token=callers["own"]["Authorization"].removeprefix("Bearer "))
        wanted = {"about": "person", "purpose": "registration", "fields": ["person.birth_date"]}
        begun = program.post("agreements/own/exchanges", wanted).json()
    answers, faults = asked(callers[name], draws=DRAWS, begun=begun, is_whole=IS_LONG or name == "own")
    connections.close_all()
    assert faults == [], "\n".join(faults[:20])
    statuses = {status for _, status in answers}
    known = {"own": {201, 405, 415, 422}, "other": {404}, "suspended": {403}}
    assert statuses >= {200, 400} | known.get(name, {401})
    print(name, sum(answers.values()), sorted(Counter(status for _, status in answers.elements()).items()))


def test_an_answer_that_is_not_described_is_found(database, monkeypatch):
    """The description of one refusal is taken away: then it must be missed."""
    from amparo.interop.description import document

    paths = document()["paths"]["/api/v1/agreements"]["get"]["responses"]
    monkeypatch.delitem(paths, "401")
    _, faults = asked({}, draws=1, begun={}, only="/api/v1/agreements")
    assert any("GET /api/v1/agreements status_code_conformance" in each for each in faults)
