"""What each operation of the DCI server takes and answers, in OpenAPI, made from the table of operations."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from amparo.dci.codes import (
    VERSION,
    Ack,
    Action,
    Error,
    HeaderReason,
    QueryType,
    RecordType,
    SearchReason,
    Status,
    SubscribeReason,
    UnsubscribeReason,
)
from amparo.dci.envelope import LONGEST

Schema = dict[str, Any]
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST}
INSTANT: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def _object(needed: Schema, **more: Any) -> Schema:
    """Return the schema of an object: members that must be there, and those that may."""
    return {"type": "object", "properties": {**needed, **more}, "required": list(needed)}


def _one_of(codes: Any) -> Schema:
    return {"type": "string", "enum": [each.value for each in codes]}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


LOCALE: Schema = {"type": "string", "pattern": "^[a-z]{3}$"}
PAGE = _object({"page_size": {"type": "integer", "minimum": 1}}, page_number={"type": "integer", "minimum": 1})
PAGE_TOLD = _object({"page_size": COUNT, "page_number": COUNT, "total_count": COUNT})
SORT = _list(_object({"attribute_name": {"type": "string"}}, sort_order={"enum": ["asc", "desc"]}))
CRITERIA = _object(
    {"query_type": _one_of(QueryType), "query": {"type": ["object", "array"]}},
    version={"type": "string"},
    reg_type={"type": "string"},
    reg_record_type={"type": "string"},
    response_entity={"type": "string"},
    sort=SORT,
    pagination=PAGE,
    consent={"type": ["object", "string"]},
    authorize={"type": ["object", "string"]},
)
SEARCH_REQUEST = _object({"reference_id": NAME, "timestamp": INSTANT, "search_criteria": CRITERIA}, locale=LOCALE)
RECORDS = _object(
    {"reg_records": _list({"type": "object"})},
    version={"const": VERSION},
    reg_type={"type": "string"},
    reg_record_type=_one_of(RecordType),
)
REASONS: Schema = {
    "status_reason_code": _one_of(SearchReason),
    "status_reason_message": {"type": "string", "maxLength": 999},
}
PART = {"reference_id": NAME, "timestamp": INSTANT, "status": _one_of(Status)}
ANSWERED = {"transaction_id": NAME, "correlation_id": NAME}
# What became of a request that was answered later is told in the form of a search's answer, whatever it was.
REASONS_OF_ANY: Schema = REASONS | {
    "status_reason_code": _one_of(dict.fromkeys((*SearchReason, *SubscribeReason, *UnsubscribeReason)))
}
BECAME = _object(ANSWERED | {"search_response": _list(_object(PART, **REASONS_OF_ANY))})
SEARCH_RESPONSE = _object(
    ANSWERED | {"search_response": _list(_object(PART, **REASONS, data=RECORDS, pagination=PAGE_TOLD, locale=LOCALE))}
)
ENROLLED_RESPONSE = _object(
    ANSWERED | {"enrolled_response": _list(_object(PART | {"enrolled_status": {"enum": ["yes", "no"]}}, **REASONS))}
)
UPDATES_RESPONSE = _object(ANSWERED | {"enrolled_response": _list(_object(PART, **REASONS))})
STATUS_ASKED = _object(
    {
        "reference_id": NAME,
        "txn_type": {"enum": ["search", "subscribe", "unsubscribe", "receipt"]},
        "attribute_type": {"enum": ["transaction_id", "reference_id_list", "correlation_id"]},
        "attribute_value": {"type": ["string", "array"]},
    }
)
STATUS_RESPONSE = _object(
    ANSWERED | {"txnstatus_response": _object({"txn_type": {"type": "string"}, "txn_status": BECAME})}
)
CRITERIA_OF_EVENTS = _object(
    {
        "reg_event_type": {"type": "string"},
        "filter_type": _one_of(QueryType),
        "filter": {"type": ["object", "array"]},
        "notify_record_type": {"type": "string"},
    },
    version={"type": "string"},
    reg_type={"type": "string"},
    consent={"type": ["object", "string"]},
    authorize={"type": ["object", "string"]},
)
SUBSCRIBED = _object(
    {"reference_id": NAME, "timestamp": INSTANT, "subscribe_criteria": CRITERIA_OF_EVENTS}, locale=LOCALE
)
# Path of an operation → the message that it takes, and the message that it answers with; None: an acknowledgement.
MESSAGES: dict[str, tuple[Schema, Schema | None]] = {
    "sync/search": (_object({"transaction_id": NAME, "search_request": _list(SEARCH_REQUEST)}), SEARCH_RESPONSE),
    "search": (_object({"transaction_id": NAME, "search_request": _list(SEARCH_REQUEST)}), None),
    "sync/txn/status": (_object({"transaction_id": NAME, "txnstatus_request": STATUS_ASKED}), STATUS_RESPONSE),
    "txn/status": (_object({"transaction_id": NAME, "txnstatus_request": STATUS_ASKED}), None),
    "sync/enrolled": (
        _object({"transaction_id": NAME, "enrolled_criteria": _object({"query": {"type": "object"}})}),
        ENROLLED_RESPONSE,
    ),
    "sync/enrollment/updates": (
        _object(
            {
                "transaction_id": NAME,
                "enrolled_updates": _object({"beneficiaries": _list({"type": "object"})}),
            }
        ),
        UPDATES_RESPONSE,
    ),
    "subscribe": (_object({"transaction_id": NAME, "subscribe_request": _list(SUBSCRIBED)}), None),
    "unsubscribe": (
        _object({"transaction_id": NAME, "timestamp": INSTANT, "subscription_codes": _list(NAME)}),
        None,
    ),
}
SEALED = _object(
    {each: {"type": "string"} for each in ("ciphertext", "encrypted_key", "tag", "iv")}
    | {"header": _object({each: {"type": "string"} for each in ("alg", "enc", "kid")})}
)
HEADER = _object(
    {
        "message_id": NAME,
        "message_ts": INSTANT,
        "action": _one_of(Action),
        "sender_id": {"type": "string"},
        "total_count": COUNT,
    },
    version={"const": VERSION},
    sender_uri={"type": "string"},
    receiver_id={"type": "string"},
    is_msg_encrypted={"type": "boolean"},
    meta={"type": ["object", "string"]},
)
HEADER_OF_ANSWER = _object(
    {"message_id": NAME, "message_ts": INSTANT, "action": _one_of(Action), "status": _one_of(Status)},
    version={"const": VERSION},
    status_reason_code=_one_of(HeaderReason),
    status_reason_message={"type": "string", "maxLength": 999},
    total_count=COUNT,
    completed_count=COUNT,
    sender_id={"type": "string"},
    receiver_id={"type": "string"},
    is_msg_encrypted={"type": "boolean"},
    meta={"type": "object"},
)
ERROR = _object({"code": _one_of(Error), "message": {"type": "string", "maxLength": 999}})
ACKNOWLEDGED = _object(
    {"message": _object({"ack_status": _one_of(Ack), "timestamp": INSTANT, "correlation_id": NAME}, error=ERROR)}
)
REFUSED = _object(
    {"errors": _list(_object({"code": {"type": "string"}, "message": {"type": "string"}}))}
    | ACKNOWLEDGED["properties"],
    header=HEADER_OF_ANSWER,
)
REFUSALS = (400, 401, 403, 404, 405, 413, 415, 429, 500, 503)


def request_of(path: str, *, is_event: bool = False) -> Schema:
    """Return what an operation takes."""
    header = HEADER_OF_ANSWER if is_event else HEADER
    message = {"anyOf": [MESSAGES[path][0], SEALED]}
    return _object({"header": header, "message": message}, signature={"type": "string"})


def answer_of(path: str) -> Schema:
    """Return what an operation answers where it refuses nothing."""
    message = MESSAGES[path][1]
    if message is None:
        return ACKNOWLEDGED
    told = {"signature": {"type": "string"}, "header": HEADER_OF_ANSWER, "message": {"anyOf": [message, SEALED]}}
    return _object(told)


@cache
def document(operations: tuple[Any, ...]) -> dict[str, Any]:
    """Return the description of the operations that are done."""
    paths = {
        f"/dci/v1/{registry.value}/registry/{each.path}": {"post": _told(each, registry.value)}
        for each in operations
        for registry in each.registries
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Amparo: DCI", "version": VERSION},
        "paths": paths,
        "components": {"securitySchemes": {"MachineToken": {"type": "http", "scheme": "bearer"}}},
    }


def _told(operation: Any, registry: str) -> dict[str, Any]:
    body = {"application/json": {"schema": request_of(operation.path, is_event=operation.is_event)}}
    done = {"application/json": {"schema": answer_of(operation.path)}}
    refused = {"application/json": {"schema": REFUSED}}
    answers = {"200": done} | {str(each): refused for each in REFUSALS}
    return {
        "operationId": f"{registry}-{operation.path.replace('/', '-')}",
        "security": [{"MachineToken": []}],
        "requestBody": {"required": True, "content": body},
        "responses": {
            status: {"description": "Done." if status == "200" else "Refused.", "content": content}
            for status, content in answers.items()
        },
    }


def described(operations: tuple[Any, ...]) -> Any:
    """Return the view that tells it to everybody."""

    def description(request: HttpRequest) -> HttpResponse:
        return JsonResponse(document(operations))

    return description
