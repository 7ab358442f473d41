"""Every operation of the DCI server, by every address, asked by everybody; its descriptions, ours and the published ones (H1)."""

import json
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from joserfc.jwk import KeySet
from jsonschema import Draft202012Validator

from amparo.dci import sealing
from amparo.dci.codes import Registry
from amparo.dci.envelope import stamp
from amparo.interop.dci import description
from amparo.interop.dci.addresses import OPERATIONS
from amparo.kernel import clock
from amparo.programmes.actions import determine_household
from amparo.registry.actions import install_dictionary
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib import agreeing, country, kin, paying
from tests.lib.agreeing import in_force
from tests.lib.dci import (
    FIELDS,
    WORDS,
    by_expression,
    by_number,
    code,
    member_of,
    number,
    partner,
    parts,
    peer,
    records,
    searching,
)
from tests.unit.programmes.country import POOR_HOME, installed

PUBLISHED = Path(__file__).parents[3] / "shared/reference/dci/openapi-2025-12-openspp-fixed"
FILES = {Registry.SOCIAL: "social_api_v1.0.0.yaml", Registry.BENEFICIARY: "ibr_api_v1.0.0.yaml"}
PROGRAMME = "poor_home"


@pytest.fixture(scope="module")
def world(database):
    """Three in the north: enrolled, suspended, and granted without taking part. A partner of each registry."""
    install_dictionary(WORDS, by=system("test"))
    installed(POOR_HOME)
    agreeing.install()
    homes = [
        country.household(
            "n1", {"given_name": f"Ada{each}", "birth_date": date(1990, 1, 2), "is_head": True}, income=each
        )
        for each in range(3)
    ]
    for place, home in enumerate(homes):
        kin.number(member_of(home), number(place))
        with acting(system("test").narrowed(Permission.DETERMINE)) as by:
            determine_household(home, by=by, under=country.GROUND, on=clock.today())
    paying.enrolled(100, units=[homes[0]], recipients=[None], programme=PROGRAMME)
    paying.enrolled(100, units=[homes[1]], recipients=[None], programme=PROGRAMME, state="suspended")
    terms = {"fields": FIELDS, "identifiers": ("national_id",)}
    return {
        Registry.SOCIAL: partner(in_force("dci_sr", **terms)),
        Registry.BENEFICIARY: partner(in_force("dci_ibr", programme=PROGRAMME, **terms)),
    }


def enrolled_question(each: int, programme: str = PROGRAMME):
    query = {
        "person_identifier": {"eq": number(each)},
        "programme_identifier.program.programme_identifier": {"eq": programme},
    }
    criteria = {"query_type": "expression", "response_entity": "Member", "query": query}
    return {"transaction_id": str(uuid4()), "enrolled_criteria": criteria}


def status_question(value: str = "nothing"):
    asked = {"reference_id": "r-1", "txn_type": "search", "attribute_type": "transaction_id", "attribute_value": value}
    return {"transaction_id": str(uuid4()), "txnstatus_request": asked}


BENEFICIARY = {
    "member": {"member_identifier": [{"identifier_type": "UIN", "identifier_value": number(1)}]},
    "programme_identifier": [{"programme_identifier": PROGRAMME}],
    "enrollment_status": "1",
}
MESSAGES = {
    "sync/search": lambda: searching(by_number(number(0))),
    "search": lambda: searching(by_number(number(0))),
    "sync/txn/status": status_question,
    "txn/status": status_question,
    "sync/enrolled": lambda: enrolled_question(0),
    "sync/enrollment/updates": lambda: {
        "transaction_id": str(uuid4()),
        "enrolled_updates": {"beneficiaries": [BENEFICIARY]},
    },
    "subscribe": lambda: {
        "transaction_id": str(uuid4()),
        "subscribe_request": [
            {
                "reference_id": "r-1",
                "timestamp": stamp(clock.now()),
                "subscribe_criteria": {
                    "reg_event_type": "REGISTER",
                    "filter_type": "idtype-value",
                    "filter": {"type": "UIN", "value": number(0)},
                    "notify_record_type": "Member",
                },
            }
        ],
    },
    "unsubscribe": lambda: {
        "transaction_id": str(uuid4()),
        "timestamp": stamp(clock.now()),
        "subscription_codes": ["none"],
    },
}
EVERY = [(registry, each) for each in OPERATIONS for registry in each.registries]
# What is answered to a partner that has said nowhere to call back to, and what one may not that gives nothing.
LATER = {"search", "txn/status", "subscribe", "unsubscribe"}
INWARD = {"sync/enrollment/updates"}


def ask(asking, registry, operation, *, short: bool = False):
    path = f"{registry.value}/{operation.path}" if short else f"{registry.value}/registry/{operation.path}"
    more = {"status": "succ", "total_count": None} if operation.is_event else {}
    sent = asking.envelope(MESSAGES[operation.path](), action=operation.action.value, **more)
    return sent, asking.post(path, sent)


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize(("registry", "operation"), EVERY, ids=lambda each: getattr(each, "path", each))
def test_every_operation_answers_as_it_is_described(world, registry, operation, short):
    sent, answer = ask(world[registry], registry, operation, short=short)
    valid(sent, description.request_of(operation.path, is_event=operation.is_event))
    if operation.path in INWARD:
        assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
        return valid(answer.json(), description.REFUSED)
    if operation.path in LATER:
        assert (answer.status_code, code(answer)) == (400, "err.sender_uri.invalid")
        return valid(answer.json(), description.REFUSED)
    assert answer.status_code == 200, answer.content
    return valid(answer.json(), description.answer_of(operation.path))


def valid(told, schema) -> None:
    faults = [f"{list(each.path)}: {each.message}" for each in Draft202012Validator(schema).iter_errors(told)]
    assert faults == []


@pytest.mark.parametrize(("registry", "operation"), EVERY, ids=lambda each: getattr(each, "path", each))
def test_every_operation_keeps_to_the_published_schemas(world, registry, operation):
    spec = published(registry)
    sent, answer = ask(world[registry], registry, operation)
    told = spec["paths"][f"/registry/{operation.path}"]["post"]
    valid(sent, inlined(told["requestBody"]["content"]["application/json"]["schema"], spec))
    if answer.status_code == 200 and "$ref" not in told["responses"]["default"]:
        valid(answer.json(), inlined(told["responses"]["default"]["content"]["application/json"]["schema"], spec))
    if operation.path == "sync/enrolled":
        valid(answer.json()["message"], inlined({"$ref": "#/components/schemas/EnrolledResponse"}, spec))


def published(registry):
    """Return the published description, with what is known to be broken in it left as it is."""
    if not PUBLISHED.exists():
        pytest.skip("the published schemas of the standard are not here")
    import yaml

    return yaml.safe_load((PUBLISHED / FILES[registry]).read_text())


def inlined(schema, spec, depth: int = 0):
    """Return a schema of OpenAPI with what it points at put in its place."""
    if isinstance(schema, list):
        return [inlined(each, spec, depth) for each in schema]
    if not isinstance(schema, dict) or depth > 40:
        return schema
    if "$ref" in schema and isinstance(schema["$ref"], str):
        found = spec
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return inlined(found, spec, depth + 1)
    kept = {name: each for name, each in schema.items() if name not in ("example", "description", "default")}
    return {name: inlined(each, spec, depth + 1) for name, each in kept.items()}


@pytest.mark.parametrize(("registry", "operation"), EVERY, ids=lambda each: getattr(each, "path", each))
def test_no_operation_answers_whoever_was_not_let_in(world, registry, operation):
    for headers in ({}, {"Authorization": "Bearer forged.token"}, {"Authorization": "Basic eDp5"}):
        answer = Client().post(
            f"/dci/v1/{registry.value}/{operation.path}", "{}", content_type="application/json", headers=headers
        )
        assert (answer.status_code, code(answer)) == (401, "err.request.unauthorized")
        valid(answer.json(), description.REFUSED)


def test_another_method_or_kind_of_body_is_refused_in_the_standards_form(world):
    answer = Client().get("/dci/v1/sr/sync/search")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    valid(answer.json(), description.REFUSED)
    answer = Client().post("/dci/v1/sr/sync/search", "<a/>", content_type="text/xml")
    assert answer.status_code == 415
    valid(answer.json(), description.REFUSED)


def test_what_fails_on_our_side_says_so_in_the_standards_form_and_nothing_of_what(world, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("the inside of it")

    monkeypatch.setattr("amparo.interop.dci.looking.answered", broken)
    answer = world[Registry.SOCIAL].search(by_number(number(0)))
    assert (answer.status_code, code(answer)) == (500, "err.service.unavailable")
    assert b"inside" not in answer.content


# The registry of beneficiaries.


def test_a_beneficiary_has_a_programme_and_a_state(world):
    asking = world[Registry.BENEFICIARY]
    answer = asking.search(*(by_number(number(each)) for each in range(2)), path="ibr/sync/search")
    first, second = (records(answer, place)[0] for place in range(2))
    assert first["@type"] == "Beneficiary"
    assert first["programme_identifier"][0]["programme_identifier"] == PROGRAMME
    assert (first["enrollment_status"], first["enrollment_date"]) == ("1", "2026-01-01")
    assert second["enrollment_status"] == "4"
    assert first["member"]["demographic_info"]["birth_date"] == "1990-01-02"
    assert first["meta"]["completeness"]


def test_beneficiaries_are_found_by_what_stands_in_their_records(world):
    answer = world[Registry.BENEFICIARY].search(
        by_expression(
            {"household.income": {"$lt": 1}, "member.demographic_info.birth_date": "1990-01-02"},
            collection="Beneficiary",
        ),
        path="ibr/sync/search",
    )
    assert [each["enrollment_status"] for each in records(answer)] == ["1"]


def test_a_registry_of_beneficiaries_is_asked_under_an_agreement_about_a_programme(world):
    answer = world[Registry.SOCIAL].search(by_number(number(0)), path="ibr/sync/search")
    assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")


def enrolled(world, question):
    return world[Registry.BENEFICIARY].ask("ibr/registry/sync/enrolled", question)


@pytest.mark.parametrize(("each", "told"), [(0, "yes"), (1, "yes"), (2, "no")])
def test_whether_somebody_is_enrolled_is_yes_or_no_and_nothing_else(world, each, told):
    answer = enrolled(world, enrolled_question(each))
    [item] = answer.json()["message"]["enrolled_response"]
    assert (item["status"], item["enrolled_status"]) == ("succ", told)
    assert item.keys() == {"reference_id", "timestamp", "status", "enrolled_status"}
    assert "Ada" not in answer.content.decode()
    assert number(each) not in answer.content.decode()


def test_of_somebody_whom_nobody_knows_the_answer_is_not_no(world):
    [item] = enrolled(world, enrolled_question(77)).json()["message"]["enrolled_response"]
    assert item["status"] == "rjct"
    assert item["status_reason_code"] == "rjct.search_criteria.invalid"


def test_asking_of_all_programmes_or_of_another_is_refused_and_written_down(world):
    from amparo.trust.models import Audit

    without = enrolled_question(0)
    del without["enrolled_criteria"]["query"]["programme_identifier.program.programme_identifier"]
    for question in (without, enrolled_question(0, "old_age")):
        before = Audit.objects.using("bulk").filter(event="denied").count()
        answer = enrolled(world, question)
        assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
        assert Audit.objects.using("bulk").filter(event="denied").count() == before + 1


# What became of a request.


def test_a_request_that_is_not_known_is_answered_and_rejected(world):
    answer = world[Registry.SOCIAL].ask("sr/sync/txn/status", status_question(), action="txn-status")
    told = answer.json()["message"]["txnstatus_response"]
    assert told["txn_type"] == "search"
    [part] = told["txn_status"]["search_response"]
    assert (part["status"], part["status_reason_code"]) == ("rjct", "rjct.reference_id.invalid")


# Beside the messages.


@pytest.mark.parametrize("before", ["/", "/dci/v1/", "/dci/v1/sr/", "/dci/v1/ibr/"])
def test_everybody_may_see_our_keys_and_the_places(database, before):
    keys = Client().get(f"{before}.well-known/jwks.json").json()
    assert [(each["kty"], each["use"]) for each in keys["keys"]] == [("OKP", "sig"), ("RSA", "enc")]
    assert not any({"d", "p", "q"} & each.keys() for each in keys["keys"])
    assert [each.kid for each in KeySet.import_key_set(keys).keys] == [each["kid"] for each in keys["keys"]]
    places = Client().get(f"{before}.well-known/locations.json").json()
    assert places["@type"] == "LocationHierarchy"
    told = {each["identifier"][0]["identifier"]: each["contained_in_place"] for each in places["locations"]}
    assert (told["land"], told["north"], told["n1"]) == (None, "land", "north")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json"])
def test_a_token_is_given_in_the_standards_form(world, kind):
    from urllib.parse import urlencode

    program = world[Registry.SOCIAL].program
    sent = {"grant_type": "client_credentials", "client_id": str(program.machine), "client_secret": program.secret}
    for path in ("/dci/v1/oauth2/client/token", "/dci/v1/sr/oauth2/client/token"):
        body = json.dumps(sent) if kind.endswith("json") else urlencode(sent)
        told = Client().post(path, body, content_type=kind).json()
        assert (told["token_type"], told["expires_in"]) == ("bearer", "300")
        assert told["access_token"]
    wrong = Client().post(
        "/dci/v1/oauth2/client/token", json.dumps(sent | {"client_secret": "no"}), content_type="application/json"
    )
    assert (wrong.status_code, code(wrong)) == (401, "err.request.unauthorized")


def test_the_description_is_served(database):
    told = Client().get("/dci/v1/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    assert len(told["paths"]) == len(EVERY)


def test_an_encrypted_message_is_opened_with_our_key_and_answered(world):
    from joserfc.jwk import RSAKey

    asking = world[Registry.SOCIAL]
    keys = Client().get("/dci/v1/.well-known/jwks.json").json()["keys"]
    key = RSAKey.import_key(next(each for each in keys if each["use"] == "enc"))
    sealed = sealing.seal(searching(by_number(number(0))), key)
    answer = asking.ask("sr/sync/search", sealed, is_msg_encrypted=True, total_count=1)
    assert answer.status_code == 200, answer.content
    assert parts(answer)[0]["pagination"]["total_count"] == 1


def test_who_registered_a_key_for_encryption_is_answered_sealed_for_it(world):
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048)
    key = RSAKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})
    asking = partner(in_force("dci_sealed", fields=FIELDS, identifiers=("national_id",)))
    public = json.dumps(key.as_dict(private=False))
    peer(asking.program.machine, sender=asking.sender, sealing=public)
    answer = asking.search(by_number(number(0)))
    told = answer.json()
    assert told["header"]["is_msg_encrypted"] is True
    assert "Ada" not in answer.content.decode()
    opened = sealing.opened(told["message"], key)
    assert opened["search_response"][0]["pagination"]["total_count"] == 1
    valid(told, description.answer_of("sync/search"))
