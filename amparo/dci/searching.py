"""What a search asks for: the standard's three kinds of query as one small typed query.

Shape   the message of a search in, one `Asked` for each of its requests out; with the attributes that may be asked for, a
        `Query`, an order and a page
Nulls   a comparison with what is unknown is never true, nor is its opposite: whoever runs a query keeps to that
Errors  Wrong. A kind, attribute, operator, value or member that is not known is refused, and so is a query without any
        condition: nothing ever means everything
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any

from amparo.dci.codes import Code, QueryType, RecordType, SearchReason, Wrong
from amparo.dci.envelope import instant, locale, stamp, text
from amparo.dci.values import MOST_TESTS, Kind, Value, several, value_of

DEEPEST = 8


class Operator(StrEnum):
    EQUAL = "eq"
    UNEQUAL = "ne"
    ABOVE = "gt"
    AT_LEAST = "ge"
    BELOW = "lt"
    AT_MOST = "le"
    AMONG = "in"
    NOT_AMONG = "nin"
    CONTAINS = "contains"
    STARTS = "startsWith"
    ENDS = "endsWith"


_SAME = {Operator.EQUAL, Operator.UNEQUAL, Operator.AMONG, Operator.NOT_AMONG}
_ORDER = {Operator.ABOVE, Operator.AT_LEAST, Operator.BELOW, Operator.AT_MOST}
_PART = {Operator.CONTAINS, Operator.STARTS, Operator.ENDS}
FITS = {
    Kind.TEXT: _SAME | _PART,
    Kind.NUMBER: _SAME | _ORDER,
    Kind.DATE: _SAME | _ORDER,
    Kind.BOOLEAN: _SAME,
    Kind.CODE: _SAME,
}
# How each kind of query writes them.
IN_EXPRESSIONS = {f"${each.value}": each for each in Operator} | {
    "$neq": Operator.UNEQUAL,
    "$gte": Operator.AT_LEAST,
    "$lte": Operator.AT_MOST,
}
IN_PREDICATES = {
    each.value: each
    for each in (Operator.ABOVE, Operator.BELOW, Operator.EQUAL, Operator.AT_LEAST, Operator.AT_MOST, Operator.AMONG)
}


@dataclass(frozen=True)
class Identified:
    """Whoever has this number of this kind."""

    type: str
    value: str


@dataclass(frozen=True)
class Test:
    """One comparison. `value` is a tuple for AMONG and NOT_AMONG, else a single one of the attribute's kind."""

    attribute: str
    operator: Operator
    value: Value | tuple[Value, ...]


@dataclass(frozen=True)
class Every:
    """All of these hold."""

    parts: tuple["Query", ...]


@dataclass(frozen=True)
class Some:
    """At least one of these holds."""

    parts: tuple["Query", ...]


@dataclass(frozen=True)
class Not:
    """This does not hold; of what is unknown that is unknown too."""

    part: "Query"


Query = Identified | Test | Every | Some | Not
Attributes = Mapping[str, Kind]


@dataclass(frozen=True)
class Page:
    """Which part of what was found is wanted: records of `size`, counted from 1."""

    size: int
    number: int = 1


@dataclass(frozen=True)
class Asked:
    """One request of a search, its form checked; what it asks is read with the attributes that may be asked for.

    `record_type`  None: not said. `purpose`: its code, as the request's authorization or consent says it; "": not said
    `query`, `sort`  as they came
    """

    reference_id: str
    query_type: QueryType
    query: Any
    record_type: RecordType | None = None
    purpose: str = ""
    page: Page | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    locale: str = ""


# Names under which the same is asked for elsewhere.
_TYPES = {each.value.lower(): each for each in RecordType} | {
    "srperson": RecordType.PERSON,
    "household": RecordType.GROUP,
}
_CRITERIA = {
    *("version", "reg_type", "reg_record_type", "reg_event_type", "query_type", "response_entity"),
    *("query", "sort", "pagination", "consent", "authorize"),
}


def asked_in(message: Mapping[str, Any], *, most_on_a_page: int) -> list[Asked]:
    """Return the requests of a search. Raises Wrong where one does not have the form it must: then nothing is done."""
    text(message, "transaction_id", at="message")
    sent = message.get("search_request")
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise Wrong("dci-form-wrong", code=SearchReason.CRITERIA, at="message.search_request")
    found = [_asked(each, f"search_request.{place}", most_on_a_page) for place, each in enumerate(sent)]
    if len({each.reference_id for each in found}) < len(found):
        raise Wrong("dci-reference-twice", code=SearchReason.REFERENCE_TWICE)
    return found


def _asked(sent: Mapping[str, Any], at: str, most: int) -> Asked:
    reference = text(sent, "reference_id", at=at, code=SearchReason.REFERENCE)
    instant(sent.get("timestamp"), at=f"{at}.timestamp", code=SearchReason.TIMESTAMP)
    criteria, place = sent.get("search_criteria"), f"{at}.search_criteria"
    if not isinstance(criteria, dict) or criteria.keys() - _CRITERIA:
        raise Wrong("dci-form-wrong", code=SearchReason.CRITERIA, at=place)
    if criteria.get("query_type") not in list(QueryType):
        raise Wrong("dci-query-type-unknown", code=SearchReason.CRITERIA, known=[each.value for each in QueryType])
    # Some senders write the page beside the criteria.
    pages = [_page(each["pagination"], most) for each in (criteria, sent) if each.get("pagination") not in (None, "")]
    return Asked(
        reference_id=reference,
        query_type=QueryType(criteria["query_type"]),
        query=criteria.get("query"),
        record_type=record_type_in(criteria),
        purpose=purpose_in(criteria),
        page=pages[0] if pages else None,
        sort=_sort(criteria.get("sort")),
        locale=locale(sent, at=at),
    )


def record_type_in(criteria: Mapping[str, Any]) -> RecordType | None:
    """Return what records are wanted, said in one or two places; two that differ are refused."""
    said = [criteria.get(each) for each in ("reg_record_type", "response_entity")]
    query = criteria.get("query")
    said.append(_collection(query) if isinstance(query, dict) else None)
    known = {_type_named(each) for each in said if each not in (None, "")}
    if len(known) > 1:
        raise Wrong("dci-record-type-unknown", code=SearchReason.CRITERIA, known=[each.value for each in RecordType])
    return next(iter(known), None)


def _collection(query: Mapping[str, Any]) -> Any:
    value = query.get("value")
    expression = value.get("expression") if isinstance(value, dict) else None
    return expression.get("collection") if isinstance(expression, dict) else None


def _type_named(name: Any) -> RecordType:
    """Return a type of record by its name, with or without a name space before it."""
    found = _TYPES.get(re.split(r"[:/]", name)[-1].lower()) if isinstance(name, str) else None
    if found is None:
        raise Wrong("dci-record-type-unknown", code=SearchReason.CRITERIA, known=[each.value for each in RecordType])
    return found


def purpose_in(criteria: Mapping[str, Any]) -> str:
    """Return the code of the purpose that authorization or consent name; "" where neither does."""
    for each in ("authorize", "consent"):
        held = criteria.get(each)
        purpose = held.get("purpose") if isinstance(held, dict) else None
        code = purpose.get("code") if isinstance(purpose, dict) else None
        if code not in (None, ""):
            return text(purpose, "code", at=f"search_criteria.{each}.purpose", code=SearchReason.CRITERIA)
    return ""


def _page(sent: Any, most: int) -> Page:
    known = isinstance(sent, dict) and not sent.keys() - {"page_size", "page_number"}
    size, number = (sent.get("page_size"), sent.get("page_number", 1)) if known else (None, None)
    if not (_is_place(size) and _is_place(number)) or size > most:
        raise Wrong("dci-page-wrong", code=SearchReason.PAGINATION, most=most)
    return Page(int(size), int(number))


def _is_place(value: Any) -> bool:
    """Whether a value counts something, from 1 on. JSON has no whole numbers: 10.0 is one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 1 <= value < 2**31 and value == int(value)


def _sort(sent: Any) -> tuple[tuple[str, bool], ...]:
    """Return (attribute, whether the highest comes first), in the order that counts."""
    if sent in (None, "", []):
        return ()
    if not isinstance(sent, list) or len(sent) > 10 or not all(_is_sort(each) for each in sent):
        raise Wrong("dci-sort-wrong", code=SearchReason.SORT)
    return tuple((each["attribute_name"], each.get("sort_order") == "desc") for each in sent)


def _is_sort(sent: Any) -> bool:
    return (
        isinstance(sent, dict)
        and not sent.keys() - {"attribute_name", "sort_order"}
        and isinstance(sent.get("attribute_name"), str)
        and sent.get("sort_order", "asc") in ("asc", "desc")
    )


def sort_of(asked: Asked, attributes: Attributes) -> tuple[tuple[str, bool], ...]:
    """Return in which order what is found is wanted. Raises Wrong for an attribute that may not be asked for."""
    for name, _ in asked.sort:
        if name not in attributes:
            raise Wrong("dci-sort-wrong", code=SearchReason.SORT)
    return asked.sort


def query_of(asked: Asked, attributes: Attributes) -> Query:
    """Return what a request looks for. `attributes`: those that may be asked for, and what each holds. Raises Wrong."""
    # Which kind it is the request says; its shape is never guessed at, but for a list, which older senders call an expression.
    if asked.query_type is QueryType.IDENTIFIER:
        return identified(asked.query)
    if isinstance(asked.query, list):
        return _Reading(attributes, IN_PREDICATES).predicates(asked.query)
    if asked.query_type is QueryType.PREDICATE:
        raise _filter("query")
    return _Reading(attributes, IN_EXPRESSIONS).expression(_expression(asked.query))


def identified(sent: Any) -> Identified:
    """Return the number that somebody is asked for by. Raises Wrong for what is no number of somebody."""
    kind, value = (sent.get("type"), sent.get("value")) if isinstance(sent, dict) else (None, None)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not (isinstance(kind, str) and isinstance(value, str) and 0 < len(kind) <= 99 and 0 < len(value.strip()) <= 99):
        raise _filter("query")
    return Identified(kind, value.strip())


def _expression(sent: Any) -> Any:
    value = sent.get("value") if isinstance(sent, dict) else None
    found = value.get("expression") if isinstance(value, dict) else None
    if not isinstance(found, dict) or found.keys() - {"collection", "query"}:
        raise _filter("query.value.expression")
    return found.get("query")


def _filter(at: str, code: Code = SearchReason.FILTER) -> Wrong:
    return Wrong("dci-filter-wrong", code=code, at=at)


class _Reading:
    """Reads one query: which attributes it may name, how its operators are written, and how many comparisons it made."""

    def __init__(self, attributes: Attributes, operators: Mapping[str, Operator]) -> None:
        self.attributes, self.operators, self.made = attributes, operators, count(1)

    def expression(self, sent: Any, depth: int = 1) -> Query:
        """Return an object of conditions, all of which hold."""
        if not isinstance(sent, dict) or not sent or depth > DEEPEST:
            raise _filter("query")
        return _every([self._member(name, held, depth) for name, held in sent.items()])

    def _member(self, name: str, held: Any, depth: int) -> Query:
        if name in ("$and", "$or"):
            if not isinstance(held, list) or not held:
                raise _filter(name)
            parts = [self.expression(each, depth + 1) for each in held]
            return _every(parts) if name == "$and" else Some(tuple(parts))
        if name == "$not":
            return Not(self.expression(held, depth + 1))
        if name.startswith("$"):
            raise Wrong("dci-operator-unknown", code=SearchReason.FILTER, known=sorted(self.operators))
        if not isinstance(held, dict):
            return self.test(name, "$eq", held)
        if not held:
            raise _filter("query")
        return _every([self.test(name, operator, value) for operator, value in held.items()])

    def predicates(self, sent: list[Any]) -> Query:
        """Return rows of one or two comparisons, all of which hold."""
        if not sent or not all(isinstance(each, dict) for each in sent):
            raise _filter("query")
        return _every([self._predicate(each) for each in sent])

    def _predicate(self, sent: Mapping[str, Any]) -> Query:
        if sent.keys() - {"seq_num", "expression1", "condition", "expression2"}:
            raise _filter("query")
        first, second = self._compared(sent.get("expression1")), sent.get("expression2")
        condition = sent.get("condition") or None
        if condition in (None, "not"):
            if second not in (None, "", {}):
                raise _filter("query.condition")
            return Not(first) if condition else first
        if condition not in ("and", "or"):
            raise _filter("query.condition")
        both = (first, self._compared(second))
        return Every(both) if condition == "and" else Some(both)

    def _compared(self, sent: Any) -> Query:
        names = {"attribute_name", "operator", "attribute_value"}
        if not isinstance(sent, dict) or sent.keys() != names:
            raise _filter("query.expression")
        return self.test(sent["attribute_name"], sent["operator"], sent["attribute_value"])

    def test(self, name: Any, operator: Any, value: Any) -> Test:
        if next(self.made) > MOST_TESTS:
            raise _filter("query")
        if not isinstance(name, str) or name not in self.attributes:
            raise Wrong("dci-attribute-unknown", code=SearchReason.FILTER)
        kind = self.attributes[name]
        known = {written: each for written, each in self.operators.items() if each in FITS[kind]}
        if not isinstance(operator, str) or operator not in known:
            raise Wrong("dci-operator-unknown", code=SearchReason.FILTER, known=sorted(known))
        used = known[operator]
        if used in (Operator.AMONG, Operator.NOT_AMONG):
            return Test(name, used, tuple(value_of(kind, each) for each in several(value)))
        return Test(name, used, value_of(kind, value))


def _every(parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def search_message(transaction_id: str, wanted: list[dict[str, Any]], *, now: datetime) -> dict[str, Any]:
    """Return the message of a search. `wanted`: for each request its reference and criteria, as the standard writes them."""
    requests = [
        {"reference_id": each["reference_id"], "timestamp": stamp(now), "search_criteria": each["search_criteria"]}
        for each in wanted
    ]
    return {"transaction_id": transaction_id, "search_request": requests}
