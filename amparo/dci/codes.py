"""The words of the standard, and what is raised where a message does not keep to it.

Source  Digital Convergence Initiative, interface specifications 1.0.0: social registry, integrated beneficiary registry
"""

from enum import StrEnum
from typing import Any

from amparo.kernel.errors import Refused

VERSION = "1.0.0"


class Registry(StrEnum):
    """Which registry is asked; the beginning of the short addresses."""

    SOCIAL = "sr"
    BENEFICIARY = "ibr"


class Action(StrEnum):
    SEARCH = "search"
    ON_SEARCH = "on-search"
    SUBSCRIBE = "subscribe"
    ON_SUBSCRIBE = "on-subscribe"
    UNSUBSCRIBE = "unsubscribe"
    ON_UNSUBSCRIBE = "on-unsubscribe"
    NOTIFY = "notify"
    STATUS = "txn-status"
    ON_STATUS = "txn-on-status"


class Status(StrEnum):
    """What became of a request, or of one part of it."""

    RECEIVED = "rcvd"
    PENDING = "pdng"
    DONE = "succ"
    REJECTED = "rjct"


class Ack(StrEnum):
    """What is said of a message at once: an answer follows, nothing follows, it is invalid."""

    YES = "ACK"
    NO = "NACK"
    ERROR = "ERR"


class RecordType(StrEnum):
    PERSON = "Person"
    MEMBER = "Member"
    GROUP = "Group"
    BENEFICIARY = "Beneficiary"


class QueryType(StrEnum):
    IDENTIFIER = "idtype-value"
    EXPRESSION = "expression"
    PREDICATE = "predicate"


class Error(StrEnum):
    """Why a whole message is refused."""

    BAD = "err.request.bad"
    UNAUTHORIZED = "err.request.unauthorized"
    FORBIDDEN = "err.request.forbidden"
    NOT_FOUND = "err.request.not_found"
    TIMEOUT = "err.request.timeout"
    VERSION = "err.version.not_supported"
    TOO_MANY = "err.request.too_many_requests"
    SENDER = "err.sender_id.invalid"
    SENDER_URI = "err.sender_uri.invalid"
    RECEIVER = "err.receiver_id.invalid"
    SIGNATURE_MISSING = "err.signature.missing"
    SIGNATURE = "err.signature.invalid"
    ENCRYPTION = "err.encryption.invalid"
    UNAVAILABLE = "err.service.unavailable"


class HeaderReason(StrEnum):
    """What of a header is refused."""

    VERSION = "rjct.version.invalid"
    MESSAGE_ID = "rjct.message_id.duplicate"
    MESSAGE_TS = "rjct.message_ts.invalid"
    ACTION = "rjct.action.invalid"
    ACTION_UNSUPPORTED = "rjct.action.not_supported"
    COUNT = "rjct.total_count.invalid"
    COUNT_LIMIT = "rjct.total_count.limit_exceeded"
    TOO_MANY_ERRORS = "rjct.errors.too_many"


class SearchReason(StrEnum):
    """Why one search of a message is refused."""

    REFERENCE = "rjct.reference_id.invalid"
    REFERENCE_TWICE = "rjct.reference_id.duplicate"
    TIMESTAMP = "rjct.timestamp.invalid"
    CRITERIA = "rjct.search_criteria.invalid"
    FILTER = "rjct.filter.invalid"
    SORT = "rjct.sort.invalid"
    PAGINATION = "rjct.pagination.invalid"
    TOO_MANY = "rjct.search.too_many_records_found"


class SubscribeReason(StrEnum):
    REFERENCE = "rjct.reference_id.invalid"
    REFERENCE_TWICE = "rjct.reference_id.duplicate"
    TIMESTAMP = "rjct.timestamp.invalid"
    TYPES = "rjct.notify_types.invalid"
    DETAILS = "rjct.notify_details.invalid"
    PERSON = "rjct.person_id.invalid"
    ALREADY = "rjct.event.already_subscribed"


class UnsubscribeReason(StrEnum):
    REFERENCE = "rjct.reference_id.invalid"
    REFERENCE_TWICE = "rjct.reference_id.duplicate"
    TIMESTAMP = "rjct.timestamp.invalid"
    CODE = "rjct.subscription_code.invalid"
    REQUESTER = "rjct.requester.invalid"
    ALREADY = "rjct.event.already_unsubscribed"


Code = Error | HeaderReason | SearchReason | SubscribeReason | UnsubscribeReason


class Wrong(Refused):
    """A message, or a part of one, that is refused with a code of the standard's."""

    def __init__(self, id: str, /, *, code: Code, **values: Any) -> None:
        super().__init__(id, **values)
        self.code = code
