"""Searches that are answered later: acknowledged, called back to the registered address alone, tried again, and known by their status."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from amparo.dci.signing import Profile, expect_signed
from amparo.interop.dci import calling
from amparo.kernel import clock
from amparo.registry.actions import install_dictionary
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.machines.message_key import message_key
from amparo.trust.models import Audit, Call, KeptMessage
from amparo.trust.types import system
from tests.lib import agreeing, country, kin
from tests.lib.agreeing import in_force, stop
from tests.lib.dci import FIELDS, US, WORDS, by_expression, by_number, callback, code, member_of, number, partner, peer

_codes = (f"later_{number}" for number in range(100))


@pytest.fixture(scope="module")
def people(database):
    install_dictionary(WORDS, by=system("test"))
    agreeing.install()
    home = country.household("n1", {"given_name": "Zoe", "birth_date": date(1990, 1, 2)}, income=5)
    kin.number(member_of(home), number(0))


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": ["127.0.0.1"]})
    with callback() as made:
        yield made


@pytest.fixture
def agreement(people):
    return in_force(next(_codes), fields=FIELDS, identifiers=("national_id",))


@pytest.fixture
def asking(agreement, place):
    return partner(agreement, profile="http-signature", callback=place.address)


def later(asking, *requests, **header) -> UUID:
    answer = asking.search(*(requests or (by_number(number(0)),)), path="sr/registry/search", **header)
    assert answer.status_code == 200, answer.content
    told = answer.json()["message"]
    assert told["ack_status"] == "ACK"
    assert "error" not in told
    return UUID(told["correlation_id"])


def state(asking, **asked) -> list[dict]:
    question = {"reference_id": "r-1", "txn_type": "search"} | asked
    message = {"transaction_id": str(uuid4()), "txnstatus_request": question}
    answer = asking.ask("sr/registry/sync/txn/status", message, action="txn-status")
    assert answer.status_code == 200, answer.content
    return answer.json()["message"]["txnstatus_response"]["txn_status"]["search_response"]


def by_correlation(asking, id) -> list[dict]:
    return state(asking, attribute_type="correlation_id", attribute_value=str(id))


def test_a_search_is_acknowledged_and_answered_at_the_registered_address(asking, place):
    id = later(asking)
    assert by_correlation(asking, id) == [
        {"reference_id": "r-1", "timestamp": by_correlation(asking, id)[0]["timestamp"], "status": "pdng"}
    ]
    assert place.taken == []
    assert Audit.objects.using("bulk").filter(event="call-begun", about_id=id).count() == 1
    calling.call_back(id, is_last=False)
    [(path, told)] = place.taken
    assert path == "/registry/on-search"
    assert told["message"]["correlation_id"] == str(id)
    [part] = told["message"]["search_response"]
    assert part["data"]["reg_records"][0]["demographic_info"]["name"] == {"given_name": "Zoe"}
    signed = {"header": told["header"], "message": told["message"]}
    keys = [message_key().as_dict(private=False)]
    expect_signed(told["signature"], signed, profile=Profile.HTTP, sender=US, keys=keys, now=clock.now())
    assert (told["header"]["action"], told["header"]["receiver_id"]) == ("on-search", asking.sender)
    assert [each["status"] for each in by_correlation(asking, id)] == ["succ"]
    calling.call_back(id, is_last=False)  # a job that runs twice calls once
    assert len(place.taken) == 1


def test_what_became_of_it_is_known_by_transaction_and_reference_too_and_tells_nothing_of_anybody(asking):
    id = later(asking, by_number(number(0)), by_expression({"nothing": 1}))
    calling.call_back(id, is_last=False)
    row = Call.objects.get(id=id)
    for asked in (
        {"attribute_type": "transaction_id", "attribute_value": row.transaction},
        {"attribute_type": "reference_id_list", "attribute_value": ["r-2"]},
    ):
        found = state(asking, **asked)
        assert [(each["status"], each.get("status_reason_code", "")) for each in found] == [
            ("succ", ""),
            ("rjct", "rjct.filter.invalid"),
        ]
        assert not any("data" in each for each in found)


def test_anothers_call_is_none(asking, people, place):
    id = later(asking)
    other = partner(in_force(next(_codes), fields=FIELDS), callback=place.address)
    assert [each["status"] for each in by_correlation(other, id)] == ["rjct"]


ADDRESSES = {
    "below": ("/on-search/of/mine", True),
    "the same": ("", True),
    "beside it": ("x/on-search", False),
    "above it": ("/../secret", False),
    "with a query": ("/on-search?to=elsewhere", False),
}


@pytest.mark.parametrize("what", ADDRESSES)
def test_a_message_chooses_an_address_below_the_registered_one_and_no_other(asking, place, what):
    rest, is_taken = ADDRESSES[what]
    if is_taken:
        calling.call_back(later(asking, sender_uri=place.address + rest), is_last=False)
        assert place.taken[0][0] == "/registry" + rest
        return
    answer = asking.search(by_number(number(0)), path="sr/search", sender_uri=place.address + rest)
    assert (answer.status_code, code(answer)) == (400, "err.sender_uri.invalid")


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/registry", "http://127.0.0.1:1/registry", "file:///etc"]
)
def test_nothing_is_called_back_elsewhere(asking, place, address):
    answer = asking.search(by_number(number(0)), path="sr/search", sender_uri=address)
    assert (answer.status_code, code(answer)) == (400, "err.sender_uri.invalid")
    assert place.taken == []


@pytest.mark.parametrize(
    "says",
    [(500, b""), (302, b""), (200, b'{"message": {"ack_status": "ERR"}}')],
    ids=["fails", "redirects", "refuses"],
)
def test_what_was_not_taken_is_tried_again_and_given_up_at_last(asking, place, says):
    id = later(asking)
    place.says = says
    for _ in range(2):
        with pytest.raises(calling.NotDelivered):
            calling.call_back(id, is_last=False)
    assert [each["status"] for each in by_correlation(asking, id)] == ["pdng"]
    with pytest.raises(calling.NotDelivered):
        calling.call_back(id, is_last=True)
    assert len(place.taken) == 3
    assert Call.objects.get(id=id).state == "rjct"
    assert Audit.objects.using("bulk").filter(event="call-settled", about_id=id).count() == 1


def test_an_agreement_that_was_suspended_meanwhile_hands_nothing_over(asking, agreement, place):
    id = later(asking)
    stop(agreement, suspend_agreement)
    calling.call_back(id, is_last=False)
    [(_, told)] = place.taken
    assert told["header"]["status"] == "rjct"
    assert [each["status"] for each in told["message"]["search_response"]] == ["rjct"]
    assert "Zoe" not in str(told)
    answer = asking.search(by_number(number(0)), path="sr/search")
    assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")


def test_an_address_that_another_took_the_place_of_is_not_called_any_more(asking, place):
    id = later(asking)
    peer(
        asking.program.machine, sender=asking.sender, profile="http-signature", callback="https://new.example/registry"
    )
    calling.call_back(id, is_last=False)
    assert place.taken == []
    assert Call.objects.get(id=id).state == "rjct"


def test_a_status_may_be_told_later_too(asking, place):
    id = later(asking)
    question = {
        "reference_id": "q-1",
        "txn_type": "search",
        "attribute_type": "correlation_id",
        "attribute_value": str(id),
    }
    message = {"transaction_id": str(uuid4()), "txnstatus_request": question}
    answer = asking.ask("sr/txn/status", message, action="txn-status")
    assert answer.json()["message"]["ack_status"] == "ACK"
    calling.call_back(UUID(answer.json()["message"]["correlation_id"]), is_last=False)
    [(path, told)] = place.taken
    assert (path, told["header"]["action"]) == ("/registry/txn/on-status", "txn-on-status")


def test_the_request_waits_sealed_and_whole(asking):
    id = later(asking)
    row = KeptMessage.objects.using("bulk").get(id=Call.objects.get(id=id).kept_id)
    assert number(0).encode() not in bytes(row.raw)
    assert (row.message, row.action, row.profile) == (row.message, "search", "http-signature")
