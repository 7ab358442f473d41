"""Subscriptions to a social registry: begun and ended under an agreement, and told of what it covers, once, in order (VIR-5)."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connections
from jsonschema import Draft202012Validator

from amparo.dci.envelope import stamp
from amparo.dci.signing import Profile, expect_signed
from amparo.interop.dci import calling, following, notifying
from amparo.kernel import clock
from amparo.registry.actions import install_dictionary, leave, observe
from amparo.registry.changes import note_change, stop_following
from amparo.registry.dictionary import Field, Type
from amparo.registry.models import Delivery, Followed, NotedChange, Owed
from amparo.registry.types import Leaving
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.actions.consenting import Told, give_consent, withdraw_consent
from amparo.trust.context import acting
from amparo.trust.covering import FieldTerm
from amparo.trust.machines.message_key import message_key
from amparo.trust.models import Audit, Exchange
from amparo.trust.models import Subscription as Row
from amparo.trust.types import ConsentKind, Permission, system
from tests.lib import agreeing, country, kin
from tests.lib.agreeing import in_force, stop
from tests.lib.dci import FIELDS, US, WORDS, callback, code, member_of, number, partner

PUBLISHED = Path(__file__).parents[3] / "shared/reference/dci/openapi-2025-12-openspp-fixed/social_api_v1.0.0.yaml"
DIED = Field("death_date", "person", Type.DATE, **country.USED)
THEIRS = (*FIELDS, FieldTerm("person", "death_date"))
_codes = (f"events_{number}" for number in range(100))
_numbers = iter(range(1_000))


@pytest.fixture(scope="module")
def world(database):
    install_dictionary(
        replace(WORDS, version="dci-events", fields=(*WORDS.fields, DIED), _by_key={}), by=system("test")
    )
    agreeing.install()


@pytest.fixture(autouse=True)
def nobody_else(world):
    """End what other tests subscribed to: its address is gone, and it would be tried again here."""
    ids = list(Row.objects.filter(ended_at=None).values_list("id", flat=True))
    Row.objects.filter(id__in=ids).update(ended_at=clock.now())
    stop_following(ids)
    NotedChange.objects.using("bulk").all().delete()


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": ["127.0.0.1"]})
    with callback() as made:
        yield made


@pytest.fixture
def agreement(world):
    return in_force(next(_codes), fields=THEIRS, identifiers=("national_id",))


@pytest.fixture
def asking(agreement, place):
    return partner(agreement, profile="http-signature", callback=place.address)


def home(area: str = "n1", **facts) -> tuple[UUID, UUID, str]:
    """Register a home of one person; return it, the person, and their number."""
    made = country.household(area, {"given_name": "Zoe", "birth_date": date(1990, 1, 2)}, **{"income": 5} | facts)
    person, held = member_of(made), number(next(_numbers))
    kin.number(person, held)
    return made, person, held


def say(home: UUID, on: date = date(2026, 3, 1), **facts) -> None:
    """Have an officer observe something of a home, and of the person in it where it is of a person."""
    by = country.cast().ines.narrowed(Permission.REGISTER)
    members = {member_of(home): facts.pop("member")} if "member" in facts else {}
    with acting(by):
        observe(home, values=facts, members=members, source="tax", by=by, on=on, under=country.GROUND)


def of_number(held: str, event: str = "UPDATE", **more) -> dict:
    return {
        "reg_event_type": event,
        "filter_type": "idtype-value",
        "filter": {"type": "UIN", "value": held},
        "notify_record_type": "Member",
    } | more


def of_query(query, event: str = "UPDATE", collection: str = "Member", **more) -> dict:
    value = {"expression": {"collection": collection, "query": query}}
    return {
        "reg_event_type": event,
        "filter_type": "expression",
        "filter": {"type": "ns:org:QueryType:expression", "value": value},
        "notify_record_type": collection,
    } | more


EVERYBODY = {"person.birth_date": {"$gt": "1900-01-01"}}


def message(*criteria) -> dict:
    parts = [
        {"reference_id": f"r-{at}", "timestamp": stamp(clock.now()), "subscribe_criteria": each}
        for at, each in enumerate(criteria, 1)
    ]
    return {"transaction_id": str(uuid4()), "subscribe_request": parts}


def acknowledged(answer) -> UUID:
    assert answer.status_code == 200, answer.content
    assert answer.json()["message"]["ack_status"] == "ACK"
    return UUID(answer.json()["message"]["correlation_id"])


def ask(asking, *criteria, path: str = "sr/registry/subscribe", **header):
    sent = message(*criteria)
    return asking.ask(path, sent, **{"action": "subscribe", "total_count": len(criteria)} | header)


def begun(asking, place, *criteria) -> list[dict]:
    """Subscribe, and return what is called back of each request."""
    calling.call_back(acknowledged(ask(asking, *criteria)), is_last=False)
    path, told = place.taken.pop()
    assert (path, told["header"]["action"]) == ("/registry/on-subscribe", "on-subscribe")
    return told["message"]["subscribe_response"]


def subscribed(asking, place, *criteria) -> str:
    [part] = begun(asking, place, *criteria)
    assert part["status"] == "succ", part
    return part["subscriptions"][0]["code"]


def tell() -> None:
    """Do what the jobs of a minute do."""
    notifying.follow_changes()
    for each in Row.objects.filter(ended_at=None):
        notifying.notify(each.id)


def events(place) -> list[dict]:
    """Return the events that came since the last time, each with its message's header beside it."""
    taken, place.taken[:] = list(place.taken), []
    assert {path for path, _ in taken} <= {"/registry/notify"}
    return [each | {"header": told["header"]} for _, told in taken for each in told["message"]["notify_event"]]


def record(event: dict) -> dict:
    return event["data"]["reg_records"]


# Beginning.


def test_a_subscription_is_acknowledged_and_answered_with_a_code(asking, place, world):
    *_, held = home()
    id = acknowledged(ask(asking, of_number(held), of_query(EVERYBODY, "REGISTER")))
    assert place.taken == []
    calling.call_back(id, is_last=False)
    [(path, told)] = place.taken
    assert path == "/registry/on-subscribe"
    assert told["message"]["correlation_id"] == str(id)
    parts = told["message"]["subscribe_response"]
    assert [(each["reference_id"], each["status"]) for each in parts] == [("r-1", "succ"), ("r-2", "succ")]
    assert len({each["subscriptions"][0]["code"] for each in parts}) == 2
    assert held not in str(parts)  # a number is not repeated
    signed = {"header": told["header"], "message": told["message"]}
    keys = [message_key().as_dict(private=False)]
    expect_signed(told["signature"], signed, profile=Profile.HTTP, sender=US, keys=keys, now=clock.now())
    assert Audit.objects.using("bulk").filter(event="subscription-begun").count() >= 2
    calling.call_back(id, is_last=False)  # a job that runs twice begins once
    assert Row.objects.filter(machine_id=asking.program.machine).count() == 2


def test_a_change_of_what_the_agreement_hands_over_is_told_signed_under_the_partners_own_name(asking, place, agreement):
    one, person, held = home()
    other, *_ = home()
    found = subscribed(asking, place, of_number(held))
    tell()
    assert events(place) == []  # what there was is no event
    say(one, income=700)
    say(other, income=900)
    tell()
    [event] = events(place)
    assert record(event)["member_identifier"][0]["identifier_value"] == held
    assert {"key": "household.income", "value": 700} in record(event)["additional_attributes"]
    assert event["header"]["meta"] == {"subscription_code": found, "event_type": "UPDATE"}
    assert str(person) not in str(event)
    tell()
    assert events(place) == []  # once


def test_what_is_not_handed_over_changes_without_a_word(asking, place):
    one, _, held = home()
    subscribed(asking, place, of_number(held))
    say(one, member={"pregnant": True}, visited_on=date(2026, 2, 2))
    tell()
    assert events(place) == []
    say(one, income=5)  # the same is no change
    tell()
    assert events(place) == []
    assert not Owed.objects.using("bulk").exists()
    assert not NotedChange.objects.using("bulk").exists()


def test_changes_before_a_message_are_one_event_and_later_ones_come_after_it(asking, place):
    one, _, held = home()
    subscribed(asking, place, of_number(held))
    for day, income in enumerate((10, 20), 1):
        say(one, on=date(2026, 3, day), income=income)
    tell()
    say(one, on=date(2026, 3, 3), income=30)
    tell()
    told = events(place)
    assert [record(each)["additional_attributes"][0]["value"] for each in told] == [20, 30]
    assert len({each["reference_id"] for each in told}) == 2


def test_whoever_comes_to_match_a_filter_is_told_and_who_leaves_it_is_not(asking, place):
    one, *_ = home(income=1_000)
    subscribed(asking, place, of_query({"household.income": {"$gt": 4_000, "$lt": 9_000}}))
    say(one, on=date(2026, 3, 1), income=5_000)
    tell()
    assert len(events(place)) == 1
    say(one, on=date(2026, 3, 2), income=12_000)
    tell()
    assert events(place) == []
    say(one, on=date(2026, 3, 3), income=5_000)
    tell()
    assert len(events(place)) == 1


def test_a_registration_is_told_once_and_its_changes_are_another_event(asking, place):
    old, *_ = home()
    subscribed(asking, place, of_query(EVERYBODY | {"household.income": 77}, "REGISTER"))
    new, *_ = home(income=77)
    say(old, income=77)
    tell()
    [event] = events(place)
    assert event["data"]["reg_event_type"] == "REGISTER"
    say(new, rooms=9)
    tell()
    assert events(place) == []


def test_a_home_is_told_as_a_group_by_what_is_its_own(asking, place):
    one, *_ = home(income=31)
    subscribed(asking, place, of_query({"household.income": {"$ge": 30, "$lt": 40}}, collection="Group"))
    say(one, income=32)
    tell()
    [event] = events(place)
    assert record(event)["@type"] == "Group"
    assert "birth_date" not in str(event)


def test_a_death_is_told_with_its_day_where_the_agreement_hands_that_over(asking, place):
    one, person, held = home()
    subscribed(asking, place, of_number(held, "spdci-common:RegistryEventType:Death"))
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        leave(one, person, why=Leaving.DIED, by=by, on=date(2026, 5, 4), under=country.GROUND)
    tell()
    [event] = events(place)
    assert record(event)["demographic_info"]["death_date"] == "2026-05-04"
    assert "reg_event_type" not in event["data"]  # the standard has no word for it
    assert event["header"]["meta"]["event_type"] == "DEATH"


def test_who_moves_into_a_home_that_was_there_is_a_new_member_of_it(asking, place):
    one, person, held = home()
    other, *_ = home()
    subscribed(asking, place, of_number(held, "NewHouseHoldMember"))
    say(one, income=999)
    tell()
    assert events(place) == []
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        leave(one, person, why=Leaving.MOVED, to=other, by=by, on=date(2026, 5, 4), under=country.GROUND)
    tell()
    [event] = events(place)
    assert event["data"]["reg_event_type"] == "NewHouseHoldMember"


def test_what_a_batch_delivered_is_one_change_whoever_it_spoke_of(asking, place):
    homes = [home(income=600 + each) for each in range(3)]
    subscribed(asking, place, of_query({"household.income": {"$ge": 600, "$lt": 700}}))
    for one, *_ in homes:
        say(one, income=650)
    told = list(Delivery.objects.using("bulk").order_by("-id").values_list("id", flat=True)[:3])
    NotedChange.objects.using("bulk").all().delete()
    for each in told:
        note_change(delivery=each, using="bulk")
    tell()
    assert {record(each)["member_identifier"][0]["identifier_value"] for each in events(place)} == {
        held for *_, held in homes
    }


# What stops it.


def test_a_suspended_agreement_tells_nothing_from_the_next_event_on(asking, place, agreement):
    one, _, held = home()
    subscribed(asking, place, of_number(held))
    say(one, income=51)
    notifying.follow_changes()
    assert Owed.objects.using("bulk").count() == 1
    stop(agreement, suspend_agreement)
    for each in Row.objects.filter(ended_at=None):
        notifying.notify(each.id)
    say(one, on=date(2026, 3, 2), income=52)
    tell()
    assert place.taken == []
    assert not Owed.objects.using("bulk").exists()
    assert Audit.objects.using("bulk").filter(event="events-given-up").exists()
    assert Audit.objects.using("bulk").filter(event="subscription-not-followed").exists()
    answer = ask(asking, of_number(held))
    assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
    assert Audit.objects.using("bulk").filter(event="exchange-refused").exists()


def test_a_consent_that_is_withdrawn_stops_it_and_none_begins_without(world, place):
    agreed = in_force(next(_codes), fields=THEIRS, identifiers=("national_id",), needs_consent=True)
    asking = partner(agreed, callback=place.address)
    (one, person, _), (other, *_) = home(income=81), home(income=82)
    consent = consenting(person, agreed)
    subscribed(asking, place, of_query({"household.income": {"$ge": 80, "$lt": 90}}))
    for each in (one, other):
        say(each, income=85)
    tell()
    assert len(events(place)) == 1
    say(one, on=date(2026, 3, 2), income=86)
    notifying.follow_changes()
    assert Owed.objects.using("bulk").count() == 1
    by = country.cast().ines.narrowed(Permission.RECORD_CONSENT)
    with acting(by):
        withdraw_consent(consent, by=by, under=country.GROUND, on=clock.today())
    tell()
    assert place.taken == []


def consenting(person: UUID, agreement: UUID) -> UUID:
    by = country.cast().ines.narrowed(Permission.RECORD_CONSENT)
    about = {"told": Told("May the fund learn it?", "en"), "kind": ConsentKind.SIGNED, "under": country.GROUND}
    with acting(by):
        return give_consent(person, agreement, by=by, on=clock.today(), **about).id


def test_people_outside_the_agreements_areas_are_no_event(asking, place):
    away, *_ = home("s1", income=41)
    here, *_, held = home("n1", income=41)
    subscribed(asking, place, of_query({"household.income": {"$ge": 40, "$lt": 50}}))
    for each in (away, here):
        say(each, income=45)
    tell()
    assert [record(each)["member_identifier"][0]["identifier_value"] for each in events(place)] == [held]


def test_what_goes_beyond_the_agreements_volume_does_not_go_out(world, place):
    agreed = in_force(next(_codes), fields=THEIRS, identifiers=("national_id",), volume=1)
    asking = partner(agreed, callback=place.address)
    one, _, held = home()
    subscribed(asking, place, of_number(held))
    for day in (1, 2):
        say(one, on=date(2026, 3, day), income=60 + day)
        tell()
    assert len(events(place)) == 1
    assert sum(Exchange.objects.filter(agreement=agreed).values_list("records", flat=True)) == 1


def test_what_is_told_is_on_record_for_whoever_it_is_told_of_and_counted(asking, place, agreement):
    one, person, held = home()
    subscribed(asking, place, of_number(held))
    before = Audit.objects.using("bulk").filter(event="records-exchanged", details__persons=[str(person)]).count()
    say(one, income=71)
    tell()
    assert len(events(place)) == 1
    lines = Audit.objects.using("bulk").filter(event="records-exchanged", details__persons=[str(person)])
    assert lines.count() == before + 1
    assert sum(Exchange.objects.filter(agreement=agreement).values_list("records", flat=True)) == 1


def test_nothing_of_anybody_lies_in_the_clear(asking, place):
    one, _, held = home(income=40_711_223)
    subscribed(asking, place, of_number(held))
    say(one, income=40_712_334)
    notifying.follow_changes()
    with connections["bulk"].cursor() as cursor:
        found = []
        for table in ("trust_subscription", "registry_followed", "registry_owed", "registry_notedchange"):
            cursor.execute(f"SELECT to_jsonb(held)::text FROM {table} held")
            found += [text for (text,) in cursor.fetchall()]
        cursor.execute("SELECT criteria FROM trust_subscription")
        sealed = [bytes(each) for (each,) in cursor.fetchall()]
    assert found
    assert not any(held in each or "40712334" in each or "Zoe" in each for each in found)
    assert not any(held.encode() in each for each in sealed)
    tell()
    events(place)


def test_what_was_not_taken_is_told_again_as_the_same_event_with_what_holds_then(asking, place):
    one, _, held = home()
    subscribed(asking, place, of_number(held))
    say(one, income=91)
    place.says = (500, b"")
    tell()
    [first] = events(place)
    tell()
    assert events(place) == []  # not before its time
    place.says = (200, b"")
    with clock.fixed(clock.now() + timedelta(minutes=1)):
        tell()
    [second] = events(place)
    assert second["reference_id"] == first["reference_id"]
    assert record(second)["additional_attributes"] == record(first)["additional_attributes"]
    assert not Owed.objects.using("bulk").exists()


def test_what_is_never_taken_is_given_up_and_that_is_written_down(asking, place):
    one, _, held = home()
    found = subscribed(asking, place, of_number(held))
    say(one, income=92)
    notifying.follow_changes()
    Owed.objects.using("bulk").update(attempts=notifying.MOST_ATTEMPTS - 1)
    place.says = (500, b"")
    tell()
    assert not Owed.objects.using("bulk").exists()
    assert Audit.objects.using("bulk").filter(event="events-given-up", about_id=found).count() == 1
    place.taken.clear()


def test_whoever_is_erased_leaves_nothing_followed(asking, place):
    from amparo.project.kept import KEPT

    _home, person, held = home()
    subscribed(asking, place, of_number(held))
    assert Followed.objects.using("bulk").filter(entity_id=person).exists()
    for each in KEPT:
        if each.place in ("registry_followed", "registry_owed"):
            with connections["bulk"].cursor() as cursor:
                cursor.execute(each.erase, {"entities": [person]})
    assert not Followed.objects.using("bulk").filter(entity_id=person).exists()


# What is refused.


REFUSED = {
    "an event nobody knows": (lambda: of_query(EVERYBODY, "MARRIAGE"), "rjct.notify_types.invalid"),
    "an event of the other registry": (lambda: of_query(EVERYBODY, "enrollement"), "rjct.notify_types.invalid"),
    "no condition": (lambda: of_query({}), "rjct.notify_details.invalid"),
    "a field that is not handed over": (lambda: of_query({"person.pregnant": True}), "rjct.notify_details.invalid"),
    "an operator nobody knows": (lambda: of_query({"household.income": {"$like": 1}}), "rjct.notify_details.invalid"),
    "no kind of filter": (lambda: of_query(EVERYBODY) | {"filter_type": None}, "rjct.notify_details.invalid"),
    "a frequency": (lambda: of_query(EVERYBODY) | {"frequency": {"frequency": "daily"}}, "rjct.notify_details.invalid"),
    "a number of another kind": (
        lambda: of_number("1", filter={"type": "BRN", "value": "1"}),
        "rjct.person_id.invalid",
    ),
    "a death of a group": (lambda: of_query({"household.income": 1}, "DEATH", "Group"), "rjct.notify_details.invalid"),
    "another record": (lambda: of_query(EVERYBODY) | {"notify_record_type": "Farmer"}, "rjct.notify_details.invalid"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_understood_or_not_covered_matches_nobody_and_says_so(asking, place, what):
    made, reason = REFUSED[what]
    [part] = begun(asking, place, made())
    assert (part["status"], part["status_reason_code"]) == ("rjct", reason)
    assert part["status_reason_message"]
    assert "subscriptions" not in part
    assert not Row.objects.filter(ended_at=None).exists()


def test_an_event_that_would_tell_more_than_the_agreement_hands_over_is_refused(world, place):
    narrow = in_force(next(_codes), fields=(FieldTerm("person", "birth_date"),), identifiers=("national_id",))
    asking = partner(narrow, callback=place.address)
    parts = begun(asking, place, of_query(EVERYBODY, "DEATH"), of_query(EVERYBODY, "NewHouseHoldMember"))
    assert {each["status_reason_code"] for each in parts} == {"rjct.notify_types.invalid"}


def test_a_purpose_or_an_agreement_of_others_is_refused_at_once_and_written_down(asking, place, world):
    before = Audit.objects.using("bulk").filter(event="denied").count()
    for more in (of_query(EVERYBODY, authorize={"purpose": {"code": "research"}}), None):
        meta = {} if more else {"meta": {"agreement": "elsewhere"}}
        answer = ask(asking, more or of_query(EVERYBODY), **meta)
        assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
    assert Audit.objects.using("bulk").filter(event="denied").count() == before + 2


def test_the_same_is_subscribed_to_once_and_its_code_told_again(asking, place):
    *_, held = home()
    found = subscribed(asking, place, of_number(held))
    [part] = begun(asking, place, of_number(held))
    assert (part["status"], part["status_reason_code"]) == ("rjct", "rjct.event.already_subscribed")
    assert part["subscriptions"][0]["code"] == found


def test_a_message_that_is_sent_twice_is_taken_once_and_a_forged_one_never(asking, place):
    *_, held = home()
    sent = asking.envelope(message(of_number(held)), action="subscribe", total_count=1)
    acknowledged(asking.post("sr/subscribe", sent))
    again = asking.post("sr/subscribe", sent)
    assert (again.status_code, code(again)) == (400, "rjct.message_id.duplicate")
    forged = asking.envelope(message(of_number(held)), action="subscribe", total_count=1)
    forged["message"]["subscribe_request"][0]["subscribe_criteria"]["reg_event_type"] = "REGISTER"
    answer = asking.post("sr/subscribe", forged)
    assert (answer.status_code, code(answer)) == (401, "err.signature.invalid")


def test_a_partner_has_so_many_subscriptions_under_an_agreement_and_no_more(asking, place, monkeypatch):
    monkeypatch.setattr("amparo.trust.actions.subscribing.MOST", 2)
    wanted = [of_query({"household.income": each}) for each in range(3)]
    assert [each["status"] for each in begun(asking, place, *wanted)] == ["succ", "succ", "rjct"]


WRONG = {
    "no reference": (lambda sent: sent.pop("reference_id"), "rjct.reference_id.invalid"),
    "no time": (lambda sent: sent.update(timestamp="2026-01-15T10:30:00"), "rjct.timestamp.invalid"),
    "a member nobody knows": (
        lambda sent: sent["subscribe_criteria"].update(everybody=True),
        "rjct.notify_details.invalid",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_form_that_is_wrong_refuses_the_message_whole(asking, place, what):
    change, reason = WRONG[what]
    sent = message(of_query(EVERYBODY))
    change(sent["subscribe_request"][0])
    answer = asking.ask("sr/subscribe", sent, action="subscribe", total_count=1)
    assert (answer.status_code, code(answer)) == (400, reason)


def test_a_subscription_that_is_broken_since_stops_no_other(asking, place, monkeypatch):
    """Its criteria are as no door would let them in now."""
    one, _, held = home()
    broken = subscribed(asking, place, of_query({"person.given_name": {"$ne": "a"}}))
    subscribed(asking, place, of_number(held))
    read = following.criteria_of

    def otherwise(row):
        return of_query({"person.given_name": {"$ne": "a\u0000"}}) if str(row.id) == broken else read(row)

    monkeypatch.setattr(following, "criteria_of", otherwise)
    say(one, income=46)
    tell()
    assert len(events(place)) == 1
    assert Audit.objects.using("bulk").filter(event="subscription-not-followed", about_id=broken).count() == 1


def test_a_subscription_that_its_agreement_no_longer_understands_matches_nobody_and_says_so(asking, place, agreement):
    one, *_ = home()
    found = subscribed(asking, place, of_query({"household.income": {"$gt": 1}}))
    stop(agreement, suspend_agreement)
    say(one, income=44)
    tell()
    assert place.taken == []
    assert Audit.objects.using("bulk").filter(event="subscription-not-followed", about_id=found).exists()


# Ending.


def end(asking, place, *codes) -> dict:
    sent = {"transaction_id": str(uuid4()), "timestamp": stamp(clock.now()), "subscription_codes": list(codes)}
    id = acknowledged(asking.ask("sr/registry/unsubscribe", sent, action="unsubscribe"))
    calling.call_back(id, is_last=False)
    path, told = place.taken.pop()
    assert (path, told["header"]["action"]) == ("/registry/on-unsubscribe", "on-unsubscribe")
    calling.call_back(id, is_last=False)
    return told["message"]


def test_a_subscription_ends_by_its_code_and_is_told_nothing_more(asking, place):
    one, _, held = home()
    found = subscribed(asking, place, of_number(held))
    say(one, income=61)
    notifying.follow_changes()
    told = end(asking, place, found)
    assert (told["status"], told["subscription_status"]) == ("succ", [{"code": found, "status": "unsubscribe"}])
    assert Audit.objects.using("bulk").filter(event="subscription-ended", about_id=found).count() == 1
    notifying.notify(UUID(found))
    say(one, on=date(2026, 3, 2), income=62)
    tell()
    assert place.taken == []
    assert not Followed.objects.using("bulk").filter(subscription=found).exists()
    assert end(asking, place, found)["status_reason_code"] == "rjct.event.already_unsubscribed"


def test_anothers_subscription_is_none_and_ends_not(asking, place, world):
    *_, held = home()
    found = subscribed(asking, place, of_number(held))
    other = partner(in_force(next(_codes), fields=THEIRS, identifiers=("national_id",)), callback=place.address)
    own = subscribed(other, place, of_number(held))
    told = end(other, place, own, found)
    assert (told["status"], told["status_reason_code"]) == ("rjct", "rjct.subscription_code.invalid")
    assert found not in str(told["subscription_status"])
    assert Row.objects.filter(id__in=[own, found], ended_at=None).count() == 2


def test_a_machine_that_signs_nothing_where_it_must_ends_nothing(asking, place):
    *_, held = home()
    found = subscribed(asking, place, of_number(held))
    sent = {"transaction_id": str(uuid4()), "timestamp": stamp(clock.now()), "subscription_codes": [found]}
    whole = asking.envelope(sent, action="unsubscribe") | {"signature": ""}
    answer = asking.post("sr/unsubscribe", whole)
    assert (answer.status_code, code(answer)) == (401, "err.signature.missing")
    assert Row.objects.get(id=found).ended_at is None


# As published.


def published() -> dict:
    if not PUBLISHED.exists():
        pytest.skip("the published schemas of the standard are not here")
    import yaml

    return yaml.safe_load(PUBLISHED.read_text())


def test_what_is_called_back_keeps_to_the_published_schemas(asking, place):
    from tests.contracts.test_dci_operations import inlined

    spec = published()
    one, _, held = home()
    id = acknowledged(ask(asking, of_number(held), of_query({})))
    calling.call_back(id, is_last=False)
    found = place.taken[0][1]["message"]["subscribe_response"][0]["subscriptions"][0]["code"]
    say(one, income=63)
    tell()
    sent = {"transaction_id": str(uuid4()), "timestamp": stamp(clock.now()), "subscription_codes": [found]}
    calling.call_back(acknowledged(asking.ask("sr/unsubscribe", sent, action="unsubscribe")), is_last=False)
    taken, place.taken[:] = list(place.taken), []
    assert [path for path, _ in taken] == ["/registry/on-subscribe", "/registry/notify", "/registry/on-unsubscribe"]
    for path, told in taken:
        schema = spec["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        faults = [each.message for each in Draft202012Validator(inlined(schema, spec)).iter_errors(told)]
        assert faults == []
