"""Asks by the DCI standard: one synchronous search by an identifier.

Units   as `connectors.calling`; an answer is new for five minutes
Nulls   what a record does not hold is no value: the standard leaves it out
Errors  none is raised: each failure is a reason. What is not signed by the institution, or answers another question, is malformed
Source  SPDCI 1.0.0, SyncSearch
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from amparo.dci.codes import Action, QueryType, Status, Wrong
from amparo.dci.envelope import Header, Received, expect_new, received, request
from amparo.dci.records import flat, numbers_in
from amparo.dci.searching import search_message
from amparo.dci.signing import Profile, expect_signed, sign
from amparo.kernel import clock
from amparo.registry.schemes import normalised_identifier
from amparo.sources.connectors.calling import bearer, called, document
from amparo.sources.connectors.raw import Raw
from amparo.sources.types import Question, Reason
from amparo.trust.machines.message_key import message_key


def ask(settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Ask about one person."""
    transaction, reference = uuid4().hex, uuid4().hex
    sent = _signed(_search(settings, question, transaction, reference), settings)
    content = json.dumps(sent).encode()
    body = called(settings["address"], question, method="POST", headers=bearer(settings), content=content)
    if isinstance(body, Reason):
        return body
    try:
        told = _believed(document(body, number=float), settings)
        records = _records(told.message, transaction, reference)
    except (ValueError, Wrong, KeyError, TypeError):
        return Reason.MALFORMED
    return _understood(records, settings, question)


def _search(settings: Mapping[str, Any], question: Question, transaction: str, reference: str) -> dict[str, Any]:
    criteria = {
        "version": "1.0.0",
        "reg_type": settings["registry"],
        "reg_record_type": settings["record"],
        "query_type": QueryType.IDENTIFIER.value,
        "query": {"type": settings["identifier"], "value": question.number},
        "pagination": {"page_size": 2, "page_number": 1},
    }
    now = clock.now()
    wanted = [{"reference_id": reference, "search_criteria": criteria}]
    header = Header(
        message_id=uuid4().hex,
        message_ts=now,
        action=Action.SEARCH,
        sender_id=settings["sender"],
        receiver_id=settings["receiver"],
    )
    return request(header, search_message(transaction, wanted, now=now))


def _signed(message: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    profile = Profile(settings["signs"])
    made = sign(message, message_key(), profile=profile, sender=settings["sender"], now=clock.now())
    return {"signature": made, **message}


def _believed(body: dict[str, Any], settings: Mapping[str, Any]) -> Received:
    """Return a message that the institution signed, to us, just now. Raises Wrong."""
    told = received(body, actions=(Action.ON_SEARCH,), is_answer=True)
    expect_new(told.header, now=clock.now())
    expect_signed(
        told.signature,
        told.signed,
        profile=Profile(settings["signs"]),
        sender=settings["receiver"],
        keys=settings["keys"],
        now=clock.now(),
    )
    if told.header.sender_id != settings["receiver"] or told.header.receiver_id not in ("", settings["sender"]):
        raise ValueError("of or to somebody else")
    return told


def _records(message: Mapping[str, Any], transaction: str, reference: str) -> list[Mapping[str, Any]]:
    """Return the records that answer our question. Raises ValueError where it answers another, or none."""
    [item] = message["search_response"]
    if message["transaction_id"] != transaction or item["reference_id"] != reference:
        raise ValueError("another question's")
    if item["status"] != Status.DONE:
        raise ValueError("not done")
    records = item.get("data", {}).get("reg_records", [])
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise ValueError("no records")
    return records


def _understood(records: list[Mapping[str, Any]], settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    if len(records) != 1:
        return Reason.MALFORMED if records else Reason.NOBODY
    [record] = records
    numbers = [each for each in numbers_in(record) if each.type == settings["identifier"]]
    if not any(normalised_identifier(each.value) == question.number for each in numbers):
        return Reason.WRONG_PERSON
    held = flat(record)
    values = {each.name: held.get(each.at) for each in question.attributes}
    day = held.get(settings.get("as_of", ""))
    # The standard writes instants; the day of one is what counts here.
    return Raw(values, "as_of" in settings, day.partition("T")[0] if isinstance(day, str) else day)
