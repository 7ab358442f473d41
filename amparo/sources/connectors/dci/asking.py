"""Asks by the DCI standard: synchronous searches by an identifier, one or many in a message.

Units   as `connectors.calling`; an answer is new for five minutes
Nulls   what a record does not hold is no value: the standard leaves it out
Errors  none is raised: each failure is a reason. What is not signed by the institution, or answers another question, is malformed
Source  SPDCI 1.0.0, SyncSearch
"""

import json
from collections.abc import Mapping, Sequence
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

TOGETHER = 20  # questions in one message; its answer must come in the time of one, and in 1 MiB


def ask(settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Ask about one person."""
    [answer] = ask_together(settings, [question])
    return answer


def together(settings: Mapping[str, Any]) -> int:
    """Return of how many persons the institution is asked in one message at most."""
    return int(settings.get("together", TOGETHER))


def ask_together(settings: Mapping[str, Any], questions: Sequence[Question]) -> list[Raw | Reason]:
    """Ask about several persons in one message; return an answer to each, in their order.

    What is wrong with the message is wrong with each answer. One that is missing, or given twice, is malformed by itself.
    """
    transaction, references = uuid4().hex, [uuid4().hex for _ in questions]
    sent = _signed(_search(settings, dict(zip(references, questions, strict=True)), transaction), settings)
    content = json.dumps(sent).encode()
    body = called(settings["address"], questions[0], method="POST", headers=bearer(settings), content=content)
    if isinstance(body, Reason):
        return [body] * len(questions)
    try:
        told = _believed(document(body, number=float), settings)
        items = _items(told.message, transaction, references)
    except (ValueError, Wrong, KeyError, TypeError):
        return [Reason.MALFORMED] * len(questions)
    return [_answer(items[each], settings, question) for each, question in zip(references, questions, strict=True)]


def _search(settings: Mapping[str, Any], questions: Mapping[str, Question], transaction: str) -> dict[str, Any]:
    now = clock.now()
    wanted = [
        {"reference_id": reference, "search_criteria": _criteria(settings, each)}
        for reference, each in questions.items()
    ]
    header = Header(
        message_id=uuid4().hex,
        message_ts=now,
        action=Action.SEARCH,
        sender_id=settings["sender"],
        receiver_id=settings["receiver"],
        total_count=len(wanted),
    )
    return request(header, search_message(transaction, wanted, now=now))


def _criteria(settings: Mapping[str, Any], question: Question) -> dict[str, Any]:
    return {
        "version": "1.0.0",
        "reg_type": settings["registry"],
        "reg_record_type": settings["record"],
        "query_type": QueryType.IDENTIFIER.value,
        "query": {"type": settings["identifier"], "value": question.number},
        "pagination": {"page_size": 2, "page_number": 1},
    }


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


def _items(message: Mapping[str, Any], transaction: str, references: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return reference → what answers it. Raises ValueError where the message answers another, or what nobody asked."""
    found: dict[str, list[dict[str, Any]]] = {each: [] for each in references}
    if message["transaction_id"] != transaction:
        raise ValueError("another question's")
    for item in message["search_response"]:
        if item["reference_id"] not in found:
            raise ValueError("of a question that was not asked")
        found[item["reference_id"]].append(item)
    return found


def _answer(items: Sequence[Mapping[str, Any]], settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    try:
        return _understood(_records(items), settings, question)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Reason.MALFORMED


def _records(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the records that answer a question. Raises ValueError where nothing does, or more than one."""
    [item] = items
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
