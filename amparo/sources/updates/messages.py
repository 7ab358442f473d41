"""Believes and reads a notification of the DCI standard, as answers of sources are believed (`connectors.dci`).

Shape   a body of JSON as it came in; its updates out
Nulls   what a record does not hold is no value: the standard leaves it out
Errors  Unread: `SIGNATURE`, `OLD` or `MALFORMED`
Source  SPDCI 1.0.0, NotifyEvent

An event's id is the record's own where the settings say where it stands, and else its transaction with its reference in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from amparo.dci.codes import Action, Error, HeaderReason, Wrong
from amparo.dci.envelope import Received, expect_new, received
from amparo.dci.records import flat, numbers_in
from amparo.dci.signing import Profile, expect_signed
from amparo.registry.schemes import normalised_identifier
from amparo.sources.types import ConnectionConfig, Update, UpdateConfig, UpdateReason
from amparo.sources.updates.reading import MOST, Unread, digest, instant


def believed(body: Any, config: ConnectionConfig, *, now: datetime) -> Mapping[str, Any]:
    """Return what a message says that the institution signed, to us, just now. Raises Unread."""
    settings = config.settings
    try:
        told = received(body, actions=(Action.NOTIFY,), is_answer=True)
        _expect_theirs(told, settings, now)
    except Wrong as wrong:
        raise Unread(_why(wrong)) from None
    if told.header.is_encrypted:
        raise Unread(UpdateReason.MALFORMED)
    return told.message


def _expect_theirs(told: Received, settings: Mapping[str, Any], now: datetime) -> None:
    expect_signed(
        told.signature,
        told.signed,
        profile=Profile(settings["signs"]),
        sender=settings["receiver"],
        keys=settings["keys"],
        now=now,
    )
    expect_new(told.header, now=now)
    # A message signed for somebody else is not for us.
    if told.header.sender_id != settings["receiver"] or told.header.receiver_id != settings["sender"]:
        raise Wrong("dci-signature-invalid", code=Error.SIGNATURE)


def _why(wrong: Wrong) -> UpdateReason:
    if wrong.code in (Error.SIGNATURE, Error.SIGNATURE_MISSING):
        return UpdateReason.SIGNATURE
    return UpdateReason.OLD if wrong.code is HeaderReason.MESSAGE_TS else UpdateReason.MALFORMED


def events(message: Mapping[str, Any], config: ConnectionConfig) -> list[Update | Unread]:
    """Return what each event of a message says, or why it says nothing. Raises Unread where there is no list of them."""
    found, transaction = message.get("notify_event"), message.get("transaction_id")
    if not isinstance(found, list) or not 0 < len(found) <= MOST or not isinstance(transaction, str):
        raise Unread(UpdateReason.MALFORMED)
    return [_one(each, transaction, config) for each in found]


def _one(event: Any, transaction: str, config: ConnectionConfig) -> Update | Unread:
    assert config.updates is not None
    try:
        record, name, reference = event["data"]["reg_records"], event["data"]["reg_event_type"], event["reference_id"]
        held = flat(record)
        numbers = [each.value for each in numbers_in(record) if each.type == config.settings["identifier"]]
        return _update(event, held, numbers, f"{transaction}/{reference}", name, config.source, config.updates)
    except (KeyError, TypeError, AttributeError, IndexError):
        return Unread(UpdateReason.MALFORMED)
    except Unread as unread:
        return unread


def _update(
    event: Mapping[str, Any],
    held: Mapping[str, Any],
    numbers: list[str],
    reference: str,
    name: Any,
    source: str,
    config: UpdateConfig,
) -> Update:
    id = held.get(config.settings["id"]) if "id" in config.settings else reference
    if not isinstance(id, str) or not id:
        raise Unread(UpdateReason.MALFORMED)
    told = digest(source, id)
    kind = config.kind(name) if isinstance(name, str) else None
    if kind is None:
        raise Unread(UpdateReason.KIND, told)
    happened = instant(held.get(config.settings["at"]) if "at" in config.settings else event.get("timestamp"))
    if happened is None or len(set(numbers)) != 1:
        raise Unread(UpdateReason.MALFORMED, told)
    values = {each.name: held.get(each.at) for each in kind.attributes}
    return Update(id, kind.name, happened, normalised_identifier(numbers[0]), values)
