"""What a search asks: three kinds of query as one; what is not understood is refused, and never means everybody."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.dci.codes import QueryType, RecordType, SearchReason, Wrong
from amparo.dci.searching import (
    Asked,
    Every,
    Identified,
    Kind,
    Not,
    Operator,
    Page,
    Some,
    Test,
    asked_in,
    identified,
    query_of,
    search_message,
    sort_of,
)

Test.__test__ = False  # a comparison, and none of pytest's
ATTRIBUTES = {
    "poverty_score": Kind.NUMBER,
    "demographic_info.sex": Kind.CODE,
    "demographic_info.birth_date": Kind.DATE,
    "place": Kind.TEXT,
    "is_disabled": Kind.BOOLEAN,
}
NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
IDENTIFIED = {"query_type": "idtype-value", "query": {"type": "UIN", "value": "847951632"}}


def item(**changes):
    return {"reference_id": "r-1", "timestamp": "2026-06-15T12:00:00Z", "search_criteria": IDENTIFIED} | changes


def message(*items):
    return {"transaction_id": "t-1", "search_request": list(items)}


def asked(**criteria):
    return asked_in(message(item(search_criteria=IDENTIFIED | criteria)), most_on_a_page=100)[0]


def query(kind, sent):
    return query_of(Asked("r-1", QueryType(kind), sent), ATTRIBUTES)


def expression(sent):
    return query("expression", {"type": "ns:org:QueryType:expression", "value": {"expression": {"query": sent}}})


def predicate(*rows):
    return query("predicate", list(rows))


def compare(name, operator, value):
    return {"attribute_name": name, "operator": operator, "attribute_value": value}


def test_an_identifier_is_asked_for_by_its_kind_and_value():
    assert query("idtype-value", IDENTIFIED["query"]) == Identified("UIN", "847951632")
    assert identified({"type": "NIN", "value": 5}) == Identified("NIN", "5")


@pytest.mark.parametrize("value", ["", " ", None, True, {"like": "%"}, ["1"], 1.5, "x" * 100])
def test_what_is_no_number_of_somebody_is_refused(value):
    with pytest.raises(Wrong) as refused:
        query("idtype-value", {"type": "UIN", "value": value})
    assert refused.value.code == SearchReason.FILTER


LOW = Test("poverty_score", Operator.BELOW, 5)
WOMAN = Test("demographic_info.sex", Operator.EQUAL, "female")
EXPRESSIONS = [
    ({"poverty_score": {"$lt": 5}}, LOW),
    ({"demographic_info.sex": "female"}, WOMAN),
    ({"$and": [{"poverty_score": {"$lt": "5"}}, {"demographic_info.sex": {"$eq": "female"}}]}, Every((LOW, WOMAN))),
    ({"$or": [{"poverty_score": {"$lt": 5}}, {"demographic_info.sex": "female"}]}, Some((LOW, WOMAN))),
    ({"$not": {"poverty_score": {"$lt": 5}}}, Not(LOW)),
    ({"poverty_score": {"$lt": 5, "$gte": 1}}, Every((LOW, Test("poverty_score", Operator.AT_LEAST, 1)))),
    ({"place": {"$in": ["a", "b"]}}, Test("place", Operator.AMONG, ("a", "b"))),
    ({"place": {"$startsWith": "cen"}}, Test("place", Operator.STARTS, "cen")),
    ({"is_disabled": {"$neq": True}}, Test("is_disabled", Operator.UNEQUAL, True)),
    (
        {"demographic_info.birth_date": {"$lte": "1961-06-15"}},
        Test("demographic_info.birth_date", Operator.AT_MOST, date(1961, 6, 15)),
    ),
]


@pytest.mark.parametrize(("sent", "wanted"), EXPRESSIONS)
def test_an_expression_is_read(sent, wanted):
    assert expression(sent) == wanted


def test_predicates_are_read_and_all_hold():
    first = {"seq_num": 1, "expression1": compare("poverty_score", "lt", "5")}
    assert predicate(first) == LOW
    assert predicate(first | {"condition": "not"}) == Not(LOW)
    both = first | {"condition": "or", "expression2": compare("demographic_info.sex", "eq", "female")}
    assert predicate(both) == Some((LOW, WOMAN))
    assert predicate(first, both | {"condition": "and"}) == Every((LOW, Every((LOW, WOMAN))))
    among = {"expression1": compare("place", "in", "north, south")}
    assert predicate(among) == Test("place", Operator.AMONG, ("north", "south"))


def test_a_list_of_predicates_that_is_called_an_expression_is_read_as_what_it_is():
    assert query("expression", [{"expression1": compare("poverty_score", "lt", 5)}]) == LOW


REFUSED = [
    {},
    [],
    None,
    "x",
    {"$and": []},
    {"$or": {}},
    {"$and": [{}]},
    {"unknown": 1},
    {"poverty_score": {}},
    {"poverty_score": {"$regex": ".*"}},
    {"poverty_score": {"lt": 5}},
    {"poverty_score": {"$lt": "many"}},
    {"poverty_score": {"$lt": None}},
    {"poverty_score": {"$lt": True}},
    {"poverty_score": {"$contains": 5}},
    {"poverty_score": {"$in": []}},
    {"demographic_info.sex": {"$gt": "female"}},
    {"demographic_info.birth_date": {"$lt": "yesterday"}},
    {"demographic_info.birth_date": {"$lt": "2026-02-31"}},
    {"is_disabled": "yes"},
    {"$where": "1 == 1"},
    {"$nor": [{"poverty_score": 1}]},
    {"$or": [{"poverty_score": 1}, {"unknown": 2}]},
]


@pytest.mark.parametrize("sent", REFUSED)
def test_an_expression_that_is_not_understood_matches_nobody(sent):
    with pytest.raises(Wrong) as refused:
        expression(sent)
    assert refused.value.code == SearchReason.FILTER


BROKEN = [
    [],
    [None],
    [{}],
    [{"expression1": {}}],
    [{"expression1": compare("poverty_score", "gte", 5)}],
    [{"expression1": compare("unknown", "eq", 5)}],
    [{"expression1": compare("poverty_score", "lt", 5), "condition": "and"}],
    [{"expression1": compare("poverty_score", "lt", 5), "condition": "xor"}],
    [{"expression1": compare("poverty_score", "lt", 5), "expression2": compare("poverty_score", "gt", 1)}],
    [{"expression1": compare("poverty_score", "lt", 5), "expression3": compare("poverty_score", "gt", 1)}],
    [{"expression1": compare("poverty_score", "lt", 5) | {"or": 1}}],
]


@pytest.mark.parametrize("sent", BROKEN)
def test_predicates_that_are_not_understood_match_nobody(sent):
    with pytest.raises(Wrong) as refused:
        query("predicate", sent)
    assert refused.value.code == SearchReason.FILTER


def test_a_query_is_neither_deep_nor_long_without_end():
    deep = {"poverty_score": 1}
    for _ in range(20):
        deep = {"$not": deep}
    for sent in (deep, {"$or": [{"poverty_score": 1}] * 101}):
        with pytest.raises(Wrong):
            expression(sent)


leaves = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "female", "$and", "poverty_score"])
names = st.sampled_from(["$and", "$or", "$not", "$lt", "$eq", "poverty_score", "place", "nothing", ""])
anything = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))


@given(anything, st.sampled_from(list(QueryType)))
def test_whatever_is_sent_is_a_query_with_a_condition_or_refused(sent, kind):
    try:
        found = query(kind, sent)
    except Wrong:
        return
    assert conditions(found) > 0


def conditions(found) -> int:
    match found:
        case Every(parts) | Some(parts):
            assert parts
            return min(map(conditions, parts))
        case Not(part):
            return conditions(part)
    return 1


def test_the_form_of_a_request_is_checked():
    found = asked(
        reg_record_type="spdci-extensions-sr:SRPerson",
        reg_event_type="REGISTER",
        pagination={"page_size": 10.0, "page_number": 2},
        sort=[{"attribute_name": "poverty_score", "sort_order": "desc"}],
        authorize={"purpose": {"code": "eligibility"}},
        consent="",
    )
    assert found == Asked(
        "r-1",
        QueryType.IDENTIFIER,
        IDENTIFIED["query"],
        RecordType.PERSON,
        "eligibility",
        Page(10, 2),
        (("poverty_score", True),),
    )


def test_the_page_may_stand_beside_the_criteria():
    assert asked_in(message(item(pagination={"page_size": 5})), most_on_a_page=9)[0].page == Page(5, 1)


FORMS = {
    "a reference that is none": (item(reference_id=""), SearchReason.REFERENCE),
    "a time without offset": (item(timestamp="2024-01-15T10:30:00"), SearchReason.TIMESTAMP),
    "no criteria": (item(search_criteria=None), SearchReason.CRITERIA),
    "a member that is not the standard's": (item(search_criteria=IDENTIFIED | {"limit": 1}), SearchReason.CRITERIA),
    "a kind that is not answered": (
        item(search_criteria=IDENTIFIED | {"query_type": "graphql"}),
        SearchReason.CRITERIA,
    ),
    "records that are none": (item(search_criteria=IDENTIFIED | {"reg_record_type": "Farmer"}), SearchReason.CRITERIA),
    "records of two kinds": (
        item(search_criteria=IDENTIFIED | {"reg_record_type": "Member", "response_entity": "Group"}),
        SearchReason.CRITERIA,
    ),
    "page 0": (item(pagination={"page_size": 5, "page_number": 0}), SearchReason.PAGINATION),
    "a page of nothing": (item(pagination={"page_size": 0}), SearchReason.PAGINATION),
    "a page of everything": (item(pagination={"page_size": 101}), SearchReason.PAGINATION),
    "half a record": (item(pagination={"page_size": 1.5}), SearchReason.PAGINATION),
    "an order that is none": (item(search_criteria=IDENTIFIED | {"sort": [{"attribute_name": 1}]}), SearchReason.SORT),
    "no list": (None, SearchReason.CRITERIA),
}


@pytest.mark.parametrize("what", FORMS)
def test_what_does_not_have_the_form_is_refused_with_its_code(what):
    sent, code = FORMS[what]
    with pytest.raises(Wrong) as refused:
        asked_in(message(sent), most_on_a_page=100)
    assert refused.value.code == code


def test_two_requests_of_one_reference_are_refused():
    with pytest.raises(Wrong) as refused:
        asked_in(message(item(), item()), most_on_a_page=100)
    assert refused.value.code == SearchReason.REFERENCE_TWICE


def test_an_order_is_by_what_may_be_asked_for():
    known = Asked("r-1", QueryType.IDENTIFIER, None, sort=(("poverty_score", False),))
    assert sort_of(known, ATTRIBUTES) == (("poverty_score", False),)
    with pytest.raises(Wrong) as refused:
        sort_of(known, {})
    assert refused.value.code == SearchReason.SORT


def test_what_we_ask_is_read_as_it_was_meant():
    wanted = [{"reference_id": "r-1", "search_criteria": IDENTIFIED}]
    [found] = asked_in(search_message("t-1", wanted, now=NOW), most_on_a_page=100)
    assert query_of(found, {}) == Identified("UIN", "847951632")
