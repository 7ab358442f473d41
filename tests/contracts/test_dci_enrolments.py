"""Enrolments by messages: what a programme's system tells of its own (IBR-1), and what a partner is told of ours (IBR-8)."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connections
from jsonschema import Draft202012Validator

from amparo.dci.envelope import stamp
from amparo.interop.dci import calling, notifying, updating
from amparo.kernel import clock
from amparo.programmes import actions
from amparo.programmes.actions import determine_household
from amparo.programmes.models import FeedPost
from amparo.registry.actions import install_dictionary
from amparo.registry.changes import note_change, stop_following
from amparo.registry.models import NotedChange
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.context import acting
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.models import Audit, Exchange
from amparo.trust.models import Subscription as Row
from amparo.trust.types import Permission, system
from tests.lib import agreeing, country, kin, paying
from tests.lib.agreeing import TERMS, in_force, stop
from tests.lib.dci import FIELDS, WORDS, callback, code, member_of, number, partner
from tests.unit.programmes.country import POOR_HOME, installed
from tests.unit.programmes.feeding import LEAST, PAID

PUBLISHED = Path(__file__).parents[3] / "shared/reference/dci/openapi-2025-12-openspp-fixed/ibr_api_v1.0.0.yaml"
PROGRAMME = "poor_home"
INCOMING = replace(
    TERMS,
    provider="pensions",
    consumer="ministry",
    direction=Direction.IN,
    fields=(FieldTerm("person", "birth_date"),),
    identifiers=("national_id",),
)
_codes = (f"told_{number}" for number in range(100))


@pytest.fixture(scope="module")
def world(database):
    install_dictionary(WORDS, by=system("test"))
    installed(POOR_HOME)
    agreeing.install()


@pytest.fixture(autouse=True)
def nobody_else(world):
    """End what other tests subscribed to: its address is gone, and it would be tried again here."""
    ids = list(Row.objects.filter(ended_at=None).values_list("id", flat=True))
    Row.objects.filter(id__in=ids).update(ended_at=clock.now())
    stop_following(ids)
    NotedChange.objects.using("bulk").all().delete()


def home(each: int) -> tuple[UUID, UUID]:
    """Register a home of one person that the programme grants something; return both."""
    made = country.household("n1", {"given_name": "Ada", "birth_date": date(1990, 1, 2), "is_head": True}, income=each)
    kin.number(member_of(made), number(each))
    with acting(system("test").narrowed(Permission.DETERMINE)) as by:
        determine_household(made, by=by, under=country.GROUND, on=clock.today())
    return made, member_of(made)


def rows(statement: str, *values) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


# What a system tells.


@pytest.fixture
def agreement(world):
    return in_force(next(_codes), INCOMING)


@pytest.fixture
def asking(agreement, monkeypatch):
    named = rows("SELECT code FROM trust_agreement WHERE id = %s", agreement)[0][0]
    feed = replace(PAID, agreement=named)
    other = replace(LEAST, agreement="elsewhere", schemes=("old_help",))
    monkeypatch.setattr(updating, "country", lambda _: SimpleNamespace(feeds=(feed, other)))
    return partner(agreement, profile="http-signature")


def beneficiary(held: str, state: str = "1", changed: str = "2026-04-10", **more) -> dict:
    return {
        "member": {"member_identifier": [{"identifier_type": "UIN", "identifier_value": held}]},
        "programme_identifier": [{"programme_identifier": "cash_help"}],
        "enrollment_status": state,
        "enrollment_date": "2026-01-05",
        "status_change_date": [changed],
        "benefits": [{"benefit_type": "1", "benefit_value": "120.50"}],
    } | more


def tell(asking, *beneficiaries, **header):
    message = {"transaction_id": str(uuid4()), "enrolled_updates": {"beneficiaries": list(beneficiaries)}}
    more = {"action": "notify", "status": "succ", "total_count": len(beneficiaries)} | header
    return asking.ask("ibr/registry/sync/enrollment/updates", message, **more)


def parts(answer) -> list[dict]:
    assert answer.status_code == 200, answer.content
    return answer.json()["message"]["enrolled_response"]


def worked_off() -> None:
    for each in FeedPost.objects.using("bulk").filter(state="waiting").order_by("posted_at"):
        actions.take_post(each.id, by=system("feed"))


def standing(person: UUID) -> list[tuple]:
    """Return what is told of a person now: where they stand, and how much they are given in minor units."""
    return rows(
        "SELECT b.status, b.amount_minor FROM programmes_benefit b JOIN programmes_beneficiary y ON y.id = b.beneficiary_id"
        " WHERE y.person_id = %s ORDER BY b.period DESC, b.day DESC",
        person,
    )


def test_what_a_system_tells_is_taken_in_as_its_delivery(asking, agreement):
    _, person = home(1)
    [part] = parts(tell(asking, beneficiary(number(1))))
    assert part["status"] == "rcvd"
    worked_off()
    assert standing(person)[0] == ("enrolled", 120_50)
    assert Audit.objects.using("bulk").filter(event="records-received", about_id=agreement).count() == 1
    assert sum(Exchange.objects.filter(agreement=agreement).values_list("records", flat=True)) == 1


def test_a_later_day_counts_in_whichever_order_it_comes(asking):
    _, person = home(2)
    later = beneficiary(number(2), "4", "2026-04-20", benefits=None)
    parts(tell(asking, later))
    worked_off()
    parts(tell(asking, beneficiary(number(2), "1", "2026-04-10")))
    worked_off()
    assert standing(person)[0][0] == "suspended"


@pytest.mark.parametrize("state", ["2", "3"])
def test_who_died_or_graduated_has_left_and_is_given_nothing(asking, state):
    _, person = home(10 + int(state))
    parts(tell(asking, beneficiary(number(10 + int(state)), state, benefits=None)))
    worked_off()
    assert standing(person)[0] == ("exited", 0)


WRONG = {
    "another's programme": {"programme_identifier": [{"programme_identifier": "old_help"}]},
    "no state": {"enrollment_status": "9"},
    "a day to come": {"status_change_date": [(clock.today() + timedelta(days=2)).isoformat()]},
    "cash of which nothing is told": {"benefits": []},
    "cash without a value": {"benefits": [{"benefit_type": "1"}]},
    "a value that is no amount": {"benefits": [{"benefit_type": "1", "benefit_value": "much"}]},
    "another kind of number": {"member": {"member_identifier": [{"identifier_type": "BRN", "identifier_value": "1"}]}},
}


@pytest.mark.parametrize("what", WRONG)
def test_one_that_is_wrong_is_refused_by_itself_and_says_why(asking, what):
    before = FeedPost.objects.using("bulk").count()
    first, second = parts(tell(asking, beneficiary(number(1)) | WRONG[what], beneficiary(number(1))))
    assert (first["status"], second["status"]) == ("rjct", "rcvd")
    assert first["status_reason_message"]
    assert FeedPost.objects.using("bulk").count() == before + 1
    worked_off()


def test_a_message_is_taken_once_and_the_same_said_again_changes_nothing(asking):
    _, person = home(3)
    message = {"transaction_id": str(uuid4()), "enrolled_updates": {"beneficiaries": [beneficiary(number(3))]}}
    sent = asking.envelope(message, action="notify", status="succ", total_count=1)
    assert asking.post("ibr/sync/enrollment/updates", sent).status_code == 200
    again = asking.post("ibr/sync/enrollment/updates", sent)
    assert (again.status_code, code(again)) == (400, "rjct.message_id.duplicate")
    parts(tell(asking, beneficiary(number(3))))
    worked_off()
    assert len(standing(person)) == 1


def test_a_forged_message_and_one_under_no_agreement_that_takes_in_are_refused(asking, agreement, world):
    sent = asking.envelope(
        {"transaction_id": str(uuid4()), "enrolled_updates": {"beneficiaries": [beneficiary(number(1))]}},
        action="notify",
        status="succ",
        total_count=1,
    )
    sent["message"]["enrolled_updates"]["beneficiaries"][0]["enrollment_status"] = "3"
    answer = asking.post("ibr/sync/enrollment/updates", sent)
    assert (answer.status_code, code(answer)) == (401, "err.signature.invalid")
    outward = partner(in_force(next(_codes), fields=FIELDS, identifiers=("national_id",)))
    answer = tell(outward, beneficiary(number(1)))
    assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
    stop(agreement, suspend_agreement)
    answer = tell(asking, beneficiary(number(1)))
    assert (answer.status_code, code(answer)) == (403, "err.request.forbidden")
    assert Audit.objects.using("bulk").filter(event="exchange-refused", about_id=agreement).count() == 1


def published() -> dict:
    if not PUBLISHED.exists():
        pytest.skip("the published schemas of the standard are not here")
    import yaml

    return yaml.safe_load(PUBLISHED.read_text())


def test_the_answer_keeps_to_the_published_schema(asking):
    from tests.contracts.test_dci_operations import inlined

    answer = tell(asking, beneficiary(number(1)), beneficiary(number(1)) | {"enrollment_status": "9"})
    spec = published()
    schema = inlined({"$ref": "#/components/schemas/EnrollmentUpdatesResponse"}, spec)
    faults = [each.message for each in Draft202012Validator(schema).iter_errors(answer.json()["message"])]
    assert faults == []


# What a partner is told.


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": ["127.0.0.1"]})
    with callback() as made:
        yield made


def subscribed(subscriber, place, event: str, held: str) -> str:
    criteria = {
        "reg_event_type": event,
        "filter_type": "idtype-value",
        "filter": {"type": "UIN", "value": held},
        "notify_record_type": "Beneficiary",
    }
    part = {"reference_id": "r-1", "timestamp": stamp(clock.now()), "subscribe_criteria": criteria}
    message = {"transaction_id": str(uuid4()), "subscribe_request": [part]}
    answer = subscriber.ask("ibr/registry/subscribe", message, action="subscribe")
    assert answer.status_code == 200, answer.content
    calling.call_back(UUID(answer.json()["message"]["correlation_id"]), is_last=False)
    [part] = place.taken.pop()[1]["message"]["subscribe_response"]
    assert part["status"] == "succ", part
    return part["subscriptions"][0]["code"]


def heard(place) -> list[dict]:
    notifying.follow_changes()
    for each in Row.objects.filter(ended_at=None):
        notifying.notify(each.id)
    taken, place.taken[:] = list(place.taken), []
    return [each for _, told in taken for each in told["message"]["notify_event"]]


def stepped(enrolment: UUID, state: str) -> None:
    """Have an enrolment take a step, and note that as those who take it do."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE programmes_enrolment SET state = %s WHERE id = %s", [state, enrolment])
        cursor.execute(
            "INSERT INTO programmes_enrolmentstep (enrolment_id, programme_id, area_number, at, on_day, state, reason, law,"
            " by_id, under) SELECT id, programme_id, area_number, now(), now()::date, state, '', '', id, '' "
            "FROM programmes_enrolment WHERE id = %s",
            [enrolment],
        )
    note_change(enrolments=True, using="bulk")


def test_an_enrolment_is_told_and_then_how_it_stands(world, place):
    made, person = home(50)
    terms = {"fields": FIELDS, "identifiers": ("national_id",), "programme": PROGRAMME}
    subscriber = partner(in_force(next(_codes), **terms), callback=place.address)
    for event in ("enrollement", "enrollement_status_change"):
        subscribed(subscriber, place, event, number(50))
    [enrolment] = paying.enrolled(100, units=[made], recipients=[None], programme=PROGRAMME)
    stepped(enrolment, "enrolled")
    [event] = heard(place)
    assert event["data"]["reg_event_type"] == "enrollement"
    assert event["data"]["reg_records"]["enrollment_status"] == "1"
    assert heard(place) == []
    stepped(enrolment, "suspended")
    [event] = heard(place)
    assert event["data"]["reg_event_type"] == "enrollement_status_change"
    assert event["data"]["reg_records"]["enrollment_status"] == "4"
    assert Audit.objects.using("bulk").filter(event="records-exchanged", details__persons=[str(person)]).count() == 2


def test_every_step_of_an_enrolment_is_noted_for_whoever_is_told(world, place):
    from amparo.interop import reactions
    from amparo.programmes.types import EnrolmentChanged, EnrolmentState, StepsTaken, UnitsEnrolled

    made, _ = home(51)
    terms = {"fields": FIELDS, "identifiers": ("national_id",), "programme": PROGRAMME}
    subscribed(partner(in_force(next(_codes), **terms), callback=place.address), place, "enrollement", number(51))
    NotedChange.objects.using("bulk").all().delete()
    reactions.note_enrolled(UnitsEnrolled(PROGRAMME, 1, 1, clock.today(), "bulk"))
    reactions.note_enrolment(EnrolmentChanged(made, PROGRAMME, EnrolmentState.ENDED, clock.today()))
    reactions.note_steps(StepsTaken(1, "bulk"))
    assert NotedChange.objects.using("bulk").filter(enrolments=True).count() == 3
    heard(place)
