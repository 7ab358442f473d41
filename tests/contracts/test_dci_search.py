"""Searches by the DCI standard: what an agreement covers is found, in the standard's records, signed and once (VIR-5, C1, C2)."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections

from amparo.dci.envelope import stamp
from amparo.dci.signing import Profile, expect_signed
from amparo.kernel import clock
from amparo.registry.actions import install_dictionary
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.actions.peers import end_peer
from amparo.trust.context import acting
from amparo.trust.covering import Comparison, FieldTerm, Given
from amparo.trust.machines.message_key import message_key
from amparo.trust.models import Audit, Exchange
from amparo.trust.types import Permission, system
from tests.lib import agreeing, country, kin
from tests.lib.agreeing import in_force, officer, stop
from tests.lib.dci import (
    FIELDS,
    US,
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

_codes = (f"dci_{number}" for number in range(1000))


@pytest.fixture(scope="module")
def people(database):
    """Ten in the north, one number each; of the last, income is not known. One in the south."""
    install_dictionary(WORDS, by=system("test"))
    agreeing.install()
    ids = []
    for each in range(10):
        told = {} if each == 9 else {"income": 1_000 * each}
        home = country.household(
            "n1" if each % 2 else "n2",
            {
                "given_name": f"Nana{each}",
                "birth_date": date(1990 - each, 1, 2),
                "sex": "female" if each < 4 else "male",
                "is_head": True,
            },
            rooms=each,
            **told,
        )
        ids.append(member_of(home))
        kin.number(ids[-1], f"{each:011d}")
    south = member_of(country.household("s1", {"given_name": "Sahar", "birth_date": date(1980, 1, 1)}, income=1))
    kin.number(south, "99999999999")
    return ids


def agreed(**changes):
    return in_force(next(_codes), **({"fields": FIELDS, "identifiers": ("national_id",)} | changes))


@pytest.fixture(scope="module")
def asker(people):
    """A partner that need not sign, under an agreement of its own."""
    return partner(agreed())


# What is found.


def test_somebody_is_found_by_a_number_and_told_as_a_member(asker):
    answer = asker.search(by_number(number(3)))
    assert answer.status_code == 200, answer.content
    [part] = parts(answer)
    assert (part["status"], part["reference_id"], part["pagination"]["total_count"]) == ("succ", "r-1", 1)
    assert part["data"]["reg_record_type"] == "Member"
    [found] = records(answer)
    assert found["demographic_info"]["birth_date"] == "1987-01-02"
    assert found["demographic_info"]["name"] == {"given_name": "Nana3"}
    assert found["demographic_info"]["sex"] == "female"
    kinds = {each["identifier_type"]: each["identifier_value"] for each in found["member_identifier"]}
    assert kinds["UIN"] == number(3)
    assert set(kinds) == {"UIN", "PSEUDONYM"}
    told = {each["key"]: each["value"] for each in found["additional_attributes"]}
    assert told == {"household.income": 3_000, "household.rooms": 1, "household.floor": False}


def test_an_answer_says_how_far_it_can_be_relied_on(asker):
    [found] = records(asker.search(by_number(number(9))))
    meta = found["meta"]
    assert meta["unknown"] == ["household.income"]
    assert meta["completeness"] == round(5 / 6, 4)
    assert meta["verification"] == {"UIN": True}
    born = meta["attributes"]["person.birth_date"]
    assert born["path"] == "demographic_info.birth_date"
    assert (born["observed_on"], born["conflict"]) == (country.DAY.isoformat(), False)
    assert born["age_days"] == (clock.today() - country.DAY).days


def test_the_header_of_an_answer_turns_the_two_sides_about(asker):
    sent = asker.envelope(searching(by_number(number(1))))
    told = asker.post("sr/registry/sync/search", sent).json()
    header = told["header"]
    assert (header["action"], header["status"]) == ("on-search", "succ")
    assert (header["sender_id"], header["receiver_id"]) == (US, asker.sender)
    assert header["message_id"] != sent["header"]["message_id"]
    assert told["message"]["transaction_id"] == sent["message"]["transaction_id"]
    assert told["message"]["correlation_id"]


def test_nobody_is_found_by_a_number_that_nobody_has_or_of_somebody_elsewhere(asker):
    answer = asker.search(by_number("12345678901"), by_number("99999999999"))
    assert [(each["status"], each["data"]["reg_records"]) for each in parts(answer)] == [("succ", []), ("succ", [])]


def test_many_numbers_of_one_message_are_answered_in_their_order_and_are_one_exchange(asker, people):
    wanted = [*range(9, -1, -1), 3]
    answer = asker.search(*(by_number(number(each)) for each in wanted))
    assert [each["reference_id"] for each in parts(answer)] == [f"r-{place}" for place in range(1, 12)]
    names = [records(answer, place)[0]["demographic_info"]["name"]["given_name"] for place in range(11)]
    assert names == [f"Nana{each}" for each in wanted]
    row = Audit.objects.using("bulk").filter(event="records-exchanged").latest("at")
    assert set(row.details["persons"]) == {str(each) for each in people}
    assert row.permission == str(asker.program.machine)


def test_a_thousand_numbers_take_as_many_questions_to_the_database_as_one(asker):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as found:
            assert asker.search(*[by_number(number(each)) for each in range(count)]).status_code == 200
        return len(found)

    asked(1)
    assert asked(1) == asked(300)


EXPRESSIONS = [
    ({"household.income": {"$lt": 3_000}}, [0, 1, 2]),
    ({"$and": [{"household.income": {"$gte": 2_000}}, {"demographic_info.sex": {"$eq": "female"}}]}, [2, 3]),
    ({"$or": [{"household.income": {"$eq": 1_000}}, {"household.income": {"$in": [4_000, 5_000]}}]}, [1, 4, 5]),
    # Of the last one income is not known: neither a condition nor its opposite finds them.
    ({"$not": {"household.income": {"$lt": 7_000}}}, [7, 8]),
    ({"household.income": {"$ne": 3_000}, "demographic_info.sex": "female"}, [0, 1, 2]),
    ({"demographic_info.birth_date": {"$lte": "1982-06-01"}}, [8, 9]),
    ({"demographic_info.name.given_name": {"$endsWith": "a7"}}, [7]),
]


@pytest.mark.parametrize(("query", "wanted"), EXPRESSIONS)
def test_an_expression_finds_whom_it_describes_and_nobody_else(asker, query, wanted):
    answer = asker.search(by_expression(query))
    assert parts(answer)[0]["status"] == "succ", parts(answer)
    names = sorted(each["demographic_info"]["name"]["given_name"] for each in records(answer))
    assert names == [f"Nana{each}" for each in wanted]


def test_predicates_find_whom_they_describe(asker):
    compared = {"attribute_name": "household.income", "operator": "lt", "attribute_value": "2000"}
    other = {"attribute_name": "demographic_info.birth_date", "operator": "eq", "attribute_value": "1983-01-02"}
    row = {"seq_num": 1, "expression1": compared, "condition": "or", "expression2": other}
    answer = asker.search({"query_type": "predicate", "query": [row]})
    assert sorted(each["demographic_info"]["name"]["given_name"] for each in records(answer)) == [
        "Nana0",
        "Nana1",
        "Nana7",
    ]


def test_what_is_found_comes_sorted_and_page_by_page(asker):
    seen = []
    for page in (1, 2, 3, 4):
        answer = asker.search(
            by_expression(
                {"household.income": {"$gte": 0}},
                sort=[{"attribute_name": "household.income", "sort_order": "desc"}],
                pagination={"page_size": 4, "page_number": page},
            )
        )
        assert parts(answer)[0]["pagination"] == {"page_size": 4, "page_number": page, "total_count": 9}
        seen.append([each["demographic_info"]["name"]["given_name"][-1] for each in records(answer)])
    assert seen == [["8", "7", "6", "5"], ["4", "3", "2", "1"], ["0"], []]


def test_groups_are_households_and_tell_only_of_the_home(asker):
    answer = asker.search(by_expression({"household.income": 2_000}, collection="Group"))
    [found] = records(answer)
    assert (found["@type"], found["group_type"]) == ("Group", "2")
    told = {each["key"] for each in found["additional_attributes"]}
    assert told == {"household.income", "household.rooms", "household.floor"}
    assert [each["identifier_type"] for each in found["group_identifier"]] == ["PSEUDONYM"]


def test_a_person_is_told_without_what_only_members_have(asker):
    [found] = records(asker.search(by_number(number(2), reg_record_type="SRPerson")))
    assert (found["@type"], found["birth_date"], found["name"]) == ("Person", "1988-01-02", {"given_name": "Nana2"})


def test_a_days_look_ups_are_one_exchange_and_each_record_counts(people):
    id = agreed(exchanges=1, volume=3)
    asking = partner(id)
    for each in (1, 2, 3):
        assert asking.search(by_number(number(each))).status_code == 200
    [row] = Exchange.objects.filter(agreement_id=id)
    assert (row.pages, row.records) == (3, 3)
    answer = asking.search(by_number(number(4)))
    assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
    assert Audit.objects.using("bulk").filter(event="exchange-refused", about_id=id).count() == 1


# What is refused.

WRONG = {
    "an attribute that nobody knows": (by_expression({"poverty": 1}), "rjct.filter.invalid"),
    "a field that is not covered": (by_expression({"person.pregnant": True}), "rjct.filter.invalid"),
    "a field that is told as a band": (by_expression({"household.rooms": 1}), "rjct.filter.invalid"),
    "no condition": (by_expression({}), "rjct.filter.invalid"),
    "a code that is none": (by_expression({"demographic_info.sex": "x"}), "rjct.filter.invalid"),
    "an operator that is none": (by_expression({"household.income": {"$like": 1}}), "rjct.filter.invalid"),
    "a kind of number that is none": (by_number(number(1), "MOBILE"), "rjct.filter.invalid"),
    "a group by a number": (by_number(number(1), reg_record_type="Group"), "rjct.filter.invalid"),
    "records of another registry": (
        by_number(number(1), reg_record_type="Beneficiary"),
        "rjct.search_criteria.invalid",
    ),
    "an order by what is not covered": (
        by_expression({"household.income": 1}, sort=[{"attribute_name": "person.pregnant"}]),
        "rjct.sort.invalid",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_request_that_is_wrong_finds_nobody_and_stops_no_other(asker, what):
    criteria, reason = WRONG[what]
    answer = asker.search(criteria, by_number(number(5)))
    first, second = parts(answer)
    assert (first["status"], first["status_reason_code"]) == ("rjct", reason)
    assert "data" not in first
    assert first["status_reason_message"]
    assert len(second["data"]["reg_records"]) == 1


def test_more_than_a_hundred_are_not_told_to_whoever_asks_for_no_page(asker, monkeypatch):
    monkeypatch.setattr("amparo.interop.dci.looking.WITHOUT_PAGES", 4)
    [part] = parts(asker.search(by_expression({"household.income": {"$lt": 5_000}})))
    assert (part["status"], part["status_reason_code"]) == ("rjct", "rjct.search.too_many_records_found")


def header(**changes):
    return lambda asker: asker.search(by_number(number(1)), **changes)


def item(**changes):
    def sent(asker):
        message = searching(by_number(number(1)))
        message["search_request"][0] |= changes
        return asker.ask("sr/registry/sync/search", message)

    return sent


FORMS = {
    "another version": (header(version="9.9.9"), 400, "rjct.version.invalid"),
    "another action": (header(action="subscribe"), 400, "rjct.action.invalid"),
    "another count": (header(total_count=2), 400, "rjct.total_count.invalid"),
    "another sender": (header(sender_id="somebody.else"), 403, "err.sender_id.invalid"),
    "an old message": (
        header(message_ts=stamp(clock.now() - timedelta(hours=1))),
        400,
        "rjct.message_ts.invalid",
    ),
    "a time without offset": (item(timestamp="2024-01-15T10:30:00"), 400, "rjct.timestamp.invalid"),
    "a language of two letters": (item(locale="en"), 400, "err.request.bad"),
    "no page": (item(pagination={"page_size": 10, "page_number": 0}), 400, "rjct.pagination.invalid"),
    "no JSON": (lambda asker: asker.post("sr/registry/sync/search", b"{"), 400, "err.request.bad"),
    "two members of one name": (
        lambda asker: asker.post("sr/registry/sync/search", b'{"header": {}, "header": {}}'),
        400,
        "err.request.bad",
    ),
    "what no agreement is for": (
        lambda asker: asker.search(by_number(number(1), authorize={"purpose": {"code": "taxing"}})),
        403,
        "err.request.forbidden",
    ),
    "an agreement of others": (header(meta={"agreement": "nothing"}), 403, "err.request.forbidden"),
    "a message that does not open": (header(is_msg_encrypted=True), 400, "err.encryption.invalid"),
}


@pytest.mark.parametrize("what", FORMS)
def test_a_message_that_is_wrong_is_refused_whole_with_the_standards_code(asker, what):
    send, status, reason = FORMS[what]
    answer = send(asker)
    assert (answer.status_code, code(answer)) == (status, reason), answer.content
    told = answer.json()["message"]
    assert told["ack_status"] == "ERR"
    assert told["error"]["code"].startswith("err.")
    assert told["correlation_id"]


def test_a_message_that_is_sent_again_is_done_once(asker):
    sent = asker.envelope(searching(by_number(number(1))))
    assert asker.post("sr/registry/sync/search", sent).status_code == 200
    before = Audit.objects.using("bulk").filter(event="records-exchanged").count()
    answer = asker.post("sr/sync/search", sent)
    assert (answer.status_code, code(answer)) == (400, "rjct.message_id.duplicate")
    assert answer.json()["header"]["status_reason_code"] == "rjct.message_id.duplicate"
    assert Audit.objects.using("bulk").filter(event="records-exchanged").count() == before


def test_nobody_asks_without_a_token_and_the_attempt_is_written_down(asker):
    asker.headers["Authorization"] = "Bearer forged.token"
    try:
        answer = asker.search(by_number(number(1)))
    finally:
        del asker.headers["Authorization"]
    assert (answer.status_code, code(answer)) == (401, "err.request.unauthorized")
    row = Audit.objects.using("bulk").filter(event="denied").latest("at")
    assert row.about_id == "messages-sr-sync-search"


def test_a_machine_that_nobody_named_speaks_for_nobody(people):
    from tests.lib.dci import Partner
    from tests.lib.machines import program

    asking = Partner(program(agreed()), "nobody.example.org")
    assert code(asking.search(by_number(number(1)))) == "err.sender_id.invalid"
    waiting = peer(asking.program.machine, sender=asking.sender, is_confirmed=False)
    assert code(asking.search(by_number(number(1)))) == "err.sender_id.invalid"
    assert waiting


def test_whoever_was_ended_is_refused_at_the_next_message(people):
    asking = partner(agreed())
    assert asking.search(by_number(number(1))).status_code == 200
    with acting(officer("lina").narrowed(Permission.SUSPEND_AGREEMENT)) as who:
        end_peer(asking.peer, by=who)
    assert code(asking.search(by_number(number(1)))) == "err.sender_id.invalid"


def test_a_number_that_the_agreement_does_not_hand_over_finds_nobody(people):
    """Else whoever has the numbers learns whose its own names are."""
    asking = partner(agreed(identifiers=()))
    [part] = parts(asking.search(by_number(number(1))))
    assert part["status_reason_code"] == "rjct.filter.invalid"
    [found] = records(asking.search(by_expression({"household.income": 1_000})))
    assert [each["identifier_type"] for each in found["member_identifier"]] == ["PSEUDONYM"]
    assert number(1) not in json.dumps(found)


def test_a_test_is_told_as_its_answer(people):
    fields = (FieldTerm("household", "income", Given.TEST, (2_000,), Comparison.AT_MOST),)
    asking = partner(agreed(fields=fields))
    told = [records(asking.search(by_number(number(each))))[0].get("additional_attributes") for each in (2, 3, 9)]
    assert told == [
        [{"key": "household.income", "value": True}],
        [{"key": "household.income", "value": False}],
        None,
    ]


def test_under_a_suspended_agreement_at_most_one_more_page_is_served(people):
    """Acceptance 8: whoever suspends waits for the page that is being read, and the next is refused."""
    id = agreed()
    asking = partner(id)

    def page(number_: int):
        return asking.search(
            by_expression({"household.income": {"$gte": 0}}, pagination={"page_size": 2, "page_number": number_})
        )

    assert [page(each).status_code for each in (1, 2)] == [200, 200]
    stop(id, suspend_agreement)
    answer = page(3)
    assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
    [row] = Exchange.objects.filter(agreement_id=id)
    assert (row.pages, row.records) == (2, 4)


def test_of_a_pull_of_10000_records_at_most_one_more_page_is_served_once_the_agreement_is_suspended(people):
    """Acceptance 8, with whoever pulls and whoever suspends at once: after the suspension no page begins."""
    id = agreed()
    asking = partner(id)
    served, refused = [], []

    def pull() -> None:
        for _ in range(1_000):  # pages of ten records
            answer = asking.search(
                by_expression({"household.income": {"$gte": 0}}, pagination={"page_size": 10, "page_number": 1})
            )
            if answer.status_code != 200:
                refused.append((answer.status_code, code(answer)))
                break
            served.append(time.monotonic())
        connections.close_all()

    puller = threading.Thread(target=pull)
    puller.start()
    while len(served) < 5:
        time.sleep(0.01)
    stop(id, suspend_agreement)
    suspended = time.monotonic()
    puller.join(60)
    assert refused == [(403, "err.request.forbidden")]
    assert 5 <= len(served) < 1_000
    assert sum(each > suspended for each in served) <= 1
    [row] = Exchange.objects.filter(agreement_id=id)
    assert row.pages == len(served)


def test_of_a_message_that_is_sent_several_times_at_once_one_is_taken(asker):
    sent = asker.envelope(searching(by_number(number(1))))
    asker.program.headers()

    def send(_: int) -> int:
        try:
            return asker.post("sr/registry/sync/search", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(send, range(6))) == [200, *[400] * 5]


def test_what_an_agreement_covers_is_counted_whoever_looks_at_once(people):
    """Look-ups do not wait for each other, and none is lost to the count."""
    id = agreed()
    asking = partner(id)
    asking.program.headers()

    def look(each: int) -> int:
        try:
            return asking.search(by_number(number(each % 9))).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(look, range(30))) == {200}
    [row] = Exchange.objects.filter(agreement_id=id)
    assert (row.pages, row.records) == (30, 30)


# Signatures.


@pytest.fixture(scope="module", params=Profile)
def signer(request, people):
    return partner(agreed(), profile=request.param.value)


def test_what_is_signed_is_answered_signed(signer):
    answer = signer.search(by_number(number(4)))
    assert answer.status_code == 200, answer.content
    told = answer.json()
    signed = {"header": told["header"], "message": told["message"]}
    keys = [message_key().as_dict(private=False)]
    held = expect_signed(
        told["signature"], signed, profile=Profile(signer.profile), sender=US, keys=keys, now=clock.now()
    )
    assert held == message_key().kid


def test_what_is_not_signed_or_changed_is_refused_where_signatures_are_agreed(signer):
    whole = signer.envelope(searching(by_number(number(4))))
    missing = signer.post("sr/registry/sync/search", whole | {"signature": "unsigned-stub"})
    assert (missing.status_code, code(missing)) == (401, "err.signature.missing")
    other = whole | {"message": searching(by_number(number(5)))}
    changed = signer.post("sr/registry/sync/search", other)
    assert (changed.status_code, code(changed)) == (401, "err.signature.invalid")
    assert signer.post("sr/registry/sync/search", whole).status_code == 200  # a refused one was not taken


def test_what_was_signed_for_another_registry_is_not_for_this_one(signer):
    answer = signer.search(by_number(number(4)), receiver_id="another.registry")
    assert code(answer) == "err.receiver_id.invalid"


def test_a_member_that_we_do_not_know_is_signed_too(signer):
    whole = signer.envelope(searching(by_number(number(4))), meta={"hint": [1, 2.5, "é"]}, x_unknown={"a": None})
    assert signer.post("sr/registry/sync/search", whole).status_code == 200
