"""The same institutions asked by the DCI standard: a synchronous search by an identifier, answered in its envelope and signed.

Shape   a search in, and what the institution would answer by REST of each identifier; the answer to the search out
Nulls   what an institution does not know is left out of a record; of whom it keeps nothing there is no record
Errors  400 for what is no search by an identifier. Whether the question is signed by whom it names is not looked at: an
        invented institution knows nobody's keys, and the token has opened the door. It answers in the way it was asked
Source  SPDCI 1.0.0, SyncSearch

What misbehaves does so here too: a wrong word stands in a well-signed record, and what is no answer comes as it is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from joserfc.jwk import OKPKey

from amparo.cli.ministry.faults import Answer, said
from amparo.dci import records
from amparo.dci.codes import Action, Error, QueryType, RecordType, SearchReason, Status, Wrong
from amparo.dci.envelope import Header, Received, expect_count, expect_new, received
from amparo.dci.envelope import answer as enveloped
from amparo.dci.searching import Asked, Identified, asked_in, identified
from amparo.dci.signing import Profile, sign
from amparo.kernel import clock

DOOR = ("dci", "registry", "sync", "search")
MOST = 10
Of = Callable[[str], Answer]


def searched(institution: str, body: bytes, of: Of, *, key: OKPKey) -> Answer:
    """Answer a search. `of`: what the institution answers by REST about an identifier; `key`: what it signs with."""
    try:
        told = received(json.loads(body), actions=(Action.SEARCH,))
        expect_new(told.header, now=clock.now())
        asked = asked_in(told.message, most_on_a_page=MOST)
        expect_count(told.header, len(asked), most=1)
        profile, wanted = _profile(told.signature), _identified(asked[0])
    except (ValueError, Wrong, RecursionError):
        return Answer(said({"error": "form"}).body, 400)
    right = of(wanted.value)
    found = _records(right, wanted, asked[0].record_type or RecordType.PERSON)
    if found is None:
        return right
    content = _answered(institution, told, asked[0], found)
    signature = sign(content, key, profile=profile, sender=institution, now=clock.now())
    return replace(right, status=200, body=said({"signature": signature, **content}).body)


def _identified(asked: Asked) -> Identified:
    if asked.query_type is not QueryType.IDENTIFIER:
        raise Wrong("dci-query-type-unknown", code=SearchReason.CRITERIA, known=[QueryType.IDENTIFIER.value])
    return identified(asked.query)


def _profile(signature: str) -> Profile:
    """Return how a question is signed. Raises Wrong where it is not."""
    if signature.count(".") == 2:
        return Profile.DETACHED if ".." in signature else Profile.ATTACHED
    if 'namespace="dci"' in signature:
        return Profile.HTTP
    raise Wrong("dci-signature-missing", code=Error.SIGNATURE_MISSING)


def _records(right: Answer, wanted: Identified, type: RecordType) -> list[dict[str, Any]] | None:
    """Return what an answer by REST holds, as records of the standard; None where it is no answer that could be held in one."""
    if right.status == 404:
        return []
    try:
        content = right.told
        person, day = dict(content["person"]), date.fromisoformat(content["as_of"])
        number = records.Number(wanted.type, person.pop("identifier"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if right.status != 200:
        return None
    person.pop("identifier_scheme", None)
    return [_record(type, number, person, day)]


def _record(type: RecordType, number: records.Number, person: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Return a record: what has a place in the standard stands there, and all of it by the institution's own names as well."""
    rows = [
        records.Told("person", name, name, value)
        for name, value in person.items()
        if records.attribute_of("person", name, type=type)
    ]
    made = records.record(type, rows, [number], on=day)
    return made | {"last_updated": f"{day.isoformat()}T00:00:00Z", "held": dict(person)}


def _answered(institution: str, told: Received, asked: Asked, found: list[dict[str, Any]]) -> dict[str, Any]:
    now, type = clock.now(), asked.record_type or RecordType.PERSON
    header = Header(
        uuid4().hex, now, Action.ON_SEARCH, institution, told.header.sender_id, total_count=1, status=Status.DONE
    )
    item = records.search_item(asked.reference_id, found, now=now, registry=institution, type=type)
    transaction = told.message["transaction_id"]
    message = {"transaction_id": transaction, "correlation_id": uuid4().hex, "search_response": [item]}
    return enveloped(header, message)
