"""Feeds over the API: delivered under an agreement by a partner's machine, once for each key, with the receipt of a file (IBR-1)."""

import json
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client

from amparo.cases.actions import install_categories, install_transitions
from amparo.cases.config import CategoryConfig, TransitionConfig, Trigger
from amparo.cases.types import Kind
from amparo.interop.operations import feeds
from amparo.kernel import clock
from amparo.programmes import actions, tasks
from amparo.programmes.models import FeedPost
from amparo.trust.actions.agreeing import end_agreement, suspend_agreement
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.models import Exchange
from amparo.trust.types import system
from tests.lib import agreeing, machines
from tests.lib.agreeing import TERMS, in_force, stop
from tests.unit.programmes.feeding import LEAST, PAID, SCHEME, person, rows, taken, written_of
from tests.unit.programmes.grieving import GRIEVED

FIELDS = tuple(FieldTerm("person", name) for name in ("given_name", "family_name", "birth_date"))
INCOMING = replace(
    TERMS, provider="pensions", consumer="ministry", direction=Direction.IN, fields=FIELDS, identifiers=(SCHEME,)
)
ONE = {
    "no": "A1",
    "id": "111-111",
    "what": "cash_help",
    "state": "A",
    "kind": "cash",
    "amount": 120.5,
    "month": "2026-03",
}
DAY = "2026-04-10"


@pytest.fixture(scope="module")
def world(database):
    agreeing.install()
    person("111111")
    ids = {
        code: in_force(code, INCOMING)
        for code in ("told", "stopped", "over", "few", "narrow", "nameless", "one_programme")
    }
    ids["outward"] = in_force("outward")
    ids["other"] = in_force("other", replace(INCOMING, provider="water"))
    return ids


@pytest.fixture
def known(monkeypatch):
    """Have the profile name these systems, each with the agreement under which it delivers."""

    def name(*configs):
        monkeypatch.setattr(feeds, "country", lambda _: SimpleNamespace(feeds=configs))

    name(replace(PAID, agreement="told"), replace(LEAST, code="mine", agreement="elsewhere"))
    return name


@pytest.fixture
def program(world, known):
    return machines.program(world["told"])


def deliver(program, body, *, code="told", feed="social_fund", day=DAY, key="", kind="application/json"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = program.headers() | {"Idempotency-Key": key or str(uuid4())}
    path = f"/api/v1/agreements/{code}/feeds/{feed}/days/{day}"
    return program.browser.post(path, content, content_type=kind, headers=sent, REMOTE_ADDR=program.address)


def worked_off(answer) -> None:
    """Do what the job does that the delivery has left for the worker."""
    (args,) = rows(
        "SELECT args FROM procrastinate_jobs WHERE task_name = 'programmes.take_post' AND args->>'post_id' = %s",
        answer.json()["delivery"],
    )[0]
    tasks.take_post(**(json.loads(args) if isinstance(args, str) else args))


def told(program, answer, code="told") -> dict:
    return program.get(f"agreements/{code}/deliveries/{answer.json()['delivery']}").json()


def test_a_delivery_waits_and_then_has_the_receipt_of_a_file(program, tmp_path):
    wrong = ONE | {"no": "A9", "month": "March"}
    answer = deliver(program, [ONE, wrong])
    assert (answer.status_code, answer.json()["state"], answer.json()["rows"]) == (202, "waiting", 2)
    assert told(program, answer)["receipt"] is None
    worked_off(answer)
    found = told(program, answer)
    assert (found["state"], found["refused"]) == ("taken", None)
    assert found["receipt"]["rows"]["accepted"] == 1
    assert found["receipt"]["amounts"] == [{"currency": "EUR", "decimals": 2, "rows": 1, "amount_minor": 120_50}]
    assert found["receipt"]["beneficiaries"]["identifier"] == 1
    assert found["rejected"] == [{"line": 2, "reasons": ["period-unreadable"]}]
    as_file = taken("no,id,what,state,kind,amount,month\nF1,111-111,cash_help,A,cash,120.50,2026-03\n", tmp_path,
                    feed=replace(PAID, columns={k: v for k, v in PAID.columns.items() if v in ONE}))  # fmt: skip
    assert found["receipt"].keys() == as_file.keys()


def test_a_grievance_is_delivered_as_it_moves_and_the_later_day_counts(program, known):
    known(replace(GRIEVED, agreement="told"))
    brought = {
        "id": "111-111",
        "what": "cash_help",
        "case": "C-1",
        "about": "MONEY",
        "state": "N",
        "filed": "2026-03-02",
    }
    answered = brought | {"state": "Y", "closed": "2026-04-11"}
    for day, row in (("2026-04-11", answered), ("2026-04-10", brought)):
        answer = deliver(program, row, feed="fund_complaints", day=day)
        worked_off(answer)
    found = told(program, answer)
    assert (found["receipt"]["rows"]["late"], found["receipt"]["states"]) == (1, {"open": 1})
    latest = "SELECT state FROM programmes_grievance WHERE grievance = 'C-1' ORDER BY day DESC, id DESC LIMIT 1"
    assert rows(latest) == [("resolved",)]
    wordy = deliver(program, brought | {"words": "They shouted."}, feed="fund_complaints")
    assert wordy.status_code == 400  # nobody's own words are taken, and what nobody agreed on refuses the delivery


def test_the_job_opens_the_cases_that_a_new_benefit_begins(program):
    """A job is charged with all that follows from what it does, else the whole delivery would be refused."""
    install_categories((CategoryConfig("life", Kind.TRANSITION, 30),), by=system("test"))
    begins = TransitionConfig("helped", Trigger.TOLD, "life", "office", told=("cash_help",))
    install_transitions((begins,), by=system("test"))
    whom = person("444444")
    worked_off(answer := deliver(program, ONE | {"no": "C1", "id": "444444"}))
    assert told(program, answer)["state"] == "taken"
    assert rows("SELECT person_id, transition FROM cases_case") == [(whom, "helped")]
    install_transitions((), by=system("test"))


def test_what_waits_because_its_worker_died_is_taken_in_by_another(program):
    answer = deliver(program, ONE | {"no": "W1", "id": "W1"})
    id = answer.json()["delivery"]
    tasks.pick_up_posts(0)
    assert told(program, answer)["state"] == "waiting"  # its own job may be on its way
    FeedPost.objects.using("bulk").filter(id=id).update(posted_at=clock.now() - timedelta(hours=2))
    tasks.pick_up_posts(0)
    assert told(program, answer)["receipt"]["rows"]["new"] == 1


def test_one_record_is_a_delivery_too(program):
    answer = deliver(program, ONE | {"no": "E1", "id": "555"})
    worked_off(answer)
    assert told(program, answer)["receipt"]["rows"]["new"] == 1


def test_a_record_on_each_line(program):
    lines = b"\n".join(json.dumps(ONE | {"no": no, "id": no}).encode() for no in ("L1", "L2")) + b"\n"
    answer = deliver(program, lines, kind="application/x-ndjson")
    worked_off(answer)
    assert told(program, answer)["receipt"]["rows"]["new"] == 2


def test_a_key_that_is_sent_again_delivers_once_and_another_body_under_it_is_refused(program):
    body, key = ONE | {"no": "K1", "id": "777"}, str(uuid4())
    first, again = deliver(program, body, key=key), deliver(program, body, key=key)
    assert first.json() == again.json()
    assert rows("SELECT count(*) FROM programmes_feedpost WHERE id = %s", first.json()["delivery"]) == [(1,)]
    for other in ({"body": body | {"amount": 1}}, {"body": body, "day": "2026-04-11"}):
        assert deliver(program, other.pop("body"), key=key, **other).status_code == 409


def test_the_same_content_under_another_key_counts_once(program):
    body = ONE | {"no": "S1", "id": "888"}
    for _ in range(2):
        answer = deliver(program, body)
        worked_off(answer)
    assert told(program, answer)["receipt"]["already_delivered"] is True
    assert rows("SELECT count(*) FROM programmes_beneficiary WHERE reference = 'S1'") == [(1,)]


def test_a_job_that_is_done_again_does_nothing_twice(program):
    answer = deliver(program, ONE | {"no": "J1", "id": "999"})
    for _ in range(2):
        worked_off(answer)
    assert rows("SELECT count(*) FROM programmes_benefit b JOIN programmes_beneficiary y ON y.id = b.beneficiary_id"
                " WHERE y.reference = 'J1'") == [(1,)]  # fmt: skip


def test_a_correction_counts_by_its_day_whichever_comes_first(program):
    for amount, day in ((20, "2026-05-10"), (10, "2026-04-10")):
        answer = deliver(program, ONE | {"no": "C1", "id": "4444", "amount": amount}, day=day)
        worked_off(answer)
    assert told(program, answer)["receipt"]["rows"]["late"] == 1


def test_what_waits_lies_for_this_installation_alone_and_goes_with_the_job(program):
    answer = deliver(program, ONE | {"no": "W1", "id": "3333"})
    place = settings.DELIVERY_FOLDER / "posted" / f"{answer.json()['delivery']}.json"
    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0
    worked_off(answer)
    assert not place.exists()


def test_what_was_touched_while_it_waited_is_refused(program):
    answer = deliver(program, ONE | {"no": "T1", "id": "2222"})
    place = settings.DELIVERY_FOLDER / "posted" / f"{answer.json()['delivery']}.json"
    place.write_text(place.read_text().replace("120.5", "999.5"))
    actions.take_post(UUID(answer.json()["delivery"]), by=system("feed"))
    found = told(program, answer)
    assert (found["state"], found["refused"]) == ("refused", "programmes-feed-post-lost")
    assert rows("SELECT count(*) FROM programmes_beneficiary WHERE reference = 'T1'") == [(0,)]


@pytest.mark.parametrize(
    ("body", "id"),
    [
        ([], "programmes-feed-rows-missing"),
        ("text", "programmes-feed-row-form"),
        ([ONE, "text"], "programmes-feed-row-form"),
        ([ONE | {"id": ["111"]}], "programmes-feed-row-form"),
        ([ONE | {"amuont": 1}], "programmes-feed-member-unknown"),
        (b"{", "interop-body-unreadable"),
        (b'[{"no": "1", "no": "2"}]', "interop-body-unreadable"),
    ],
)
def test_what_is_no_list_of_plain_records_is_refused_whole(program, body, id):
    before = rows("SELECT count(*) FROM programmes_feedpost")
    answer = deliver(program, body)
    assert (answer.status_code, answer.json()["id"]) == (400, id)
    assert rows("SELECT count(*) FROM programmes_feedpost") == before


@pytest.mark.parametrize(
    ("day", "status"), [("2026-02-30", 400), ("2999-01-01", 400), ("soon", 422), ("20260410", 422)]
)
def test_a_day_that_is_none_or_is_not_here_yet_is_refused(program, day, status):
    assert deliver(program, ONE, day=day).status_code == status


def test_too_many_records_and_too_large_a_body_are_refused(program, monkeypatch):
    monkeypatch.setattr("amparo.programmes.feeds.posted.MOST", 1)
    assert deliver(program, [ONE, ONE]).json()["id"] == "programmes-feed-rows-many"
    monkeypatch.setattr("amparo.interop.bodies.LARGEST", 10)
    assert deliver(program, ONE).status_code == 413


def test_another_kind_of_body_is_refused_and_so_is_one_without_a_key(program):
    assert deliver(program, b"no,id\n", kind="text/csv").status_code == 415
    path = f"/api/v1/agreements/told/feeds/social_fund/days/{DAY}"
    answer = program.browser.post(path, ONE, content_type="application/json", headers=program.headers())
    assert answer.status_code == 422


def test_a_system_of_another_agreement_or_of_none_does_not_exist(program):
    for feed in ("mine", "nothing"):
        answer = deliver(program, ONE, feed=feed)
        assert (answer.status_code, answer.json()["id"]) == (404, "interop-feed-unknown")


def test_another_partners_agreement_does_not_exist(program):
    assert deliver(program, ONE, code="other").status_code == 404
    assert deliver(program, ONE, code="outward").status_code == 404  # the machine was not opened for it


def test_by_an_agreement_that_hands_out_nothing_comes_in(world, known):
    known(replace(PAID, agreement="outward"))
    asking = machines.program(world["outward"])
    answer = deliver(asking, ONE, code="outward")
    assert (answer.status_code, answer.json()["id"]) == (403, "trust-agreement-of-others")


def test_and_by_one_that_takes_in_nothing_goes_out(program):
    asked = {"about": "person", "purpose": "registration", "fields": ["person.birth_date"]}
    assert program.post("agreements/told/exchanges", asked).status_code == 403


@pytest.mark.parametrize(
    ("code", "changes", "id"),
    [
        ("narrow", {"fields": FIELDS[:1]}, "trust-agreement-field-not-covered"),
        ("nameless", {"identifiers": ()}, "trust-agreement-no-identifier"),
        ("one_programme", {"programme": "cash_help"}, "trust-agreement-other-population"),
        ("few", {"volume": 1}, "trust-agreement-too-many"),
    ],
)
def test_what_the_agreement_does_not_cover_is_refused_whole_and_written_down(world, known, code, changes, id):
    agreed = in_force(f"{code}_by", INCOMING, **changes)
    known(replace(PAID, agreement=f"{code}_by"))
    answer = deliver(machines.program(agreed), [ONE, ONE | {"no": "A2"}], code=f"{code}_by")
    assert (answer.status_code, answer.json()["id"]) == (403, id)
    assert (str(agreed), {"reason": id}) in written_of("exchange-refused")
    assert rows("SELECT count(*) FROM programmes_feedpost WHERE agreement = %s", f"{code}_by") == [(0,)]


@pytest.mark.parametrize(("code", "act"), [("stopped", suspend_agreement), ("over", end_agreement)])
def test_what_is_suspended_or_ended_takes_in_nothing(world, known, code, act):
    known(replace(PAID, agreement=code))
    asking = machines.program(world[code])
    asking.headers()
    stop(world[code], act)
    assert deliver(asking, ONE, code=code).status_code == 403
    assert rows("SELECT count(*) FROM programmes_feedpost WHERE agreement = %s", code) == [(0,)]


def test_a_receipt_is_for_whoever_delivered(program, world, known):
    answer = deliver(program, ONE | {"no": "R1", "id": "6666"})
    known(replace(PAID, agreement="other"))
    stranger = machines.program(world["other"])
    id = answer.json()["delivery"]
    assert stranger.get(f"agreements/other/deliveries/{id}").status_code == 404
    assert stranger.get(f"agreements/told/deliveries/{id}").status_code == 404
    assert program.get(f"agreements/told/deliveries/{uuid4()}").status_code == 404
    assert Client().get(f"/api/v1/agreements/told/deliveries/{id}").status_code == 401


def test_it_counts_against_the_agreement_and_the_log_says_under_which(program, world):
    before = sum(Exchange.objects.filter(agreement_id=world["told"]).values_list("records", flat=True))
    answer = deliver(program, [ONE | {"no": "V1", "id": "1212"}, ONE | {"no": "V2", "id": "1313"}])
    worked_off(answer)
    after = sum(Exchange.objects.filter(agreement_id=world["told"]).values_list("records", flat=True))
    assert after - before == 2
    assert [each["records"] for id, each in written_of("records-received") if id == str(world["told"])][-1] == 2
    under = rows("SELECT DISTINCT agreement FROM trust_audit WHERE event IN ('feed-posted', 'records-received')")
    assert ("told",) in under
    assert rows("SELECT agreement FROM trust_audit WHERE event = 'feed-taken' ORDER BY id DESC LIMIT 1") == [("told",)]


def test_nothing_of_a_record_is_in_an_answer_or_the_log(program, caplog):
    body = [ONE | {"no": "Zq-77", "id": "70-70", "first": "Zqyara"}, ONE | {"no": "Zq-78", "month": "x"}]
    answer = deliver(program, body)
    worked_off(answer)
    refused = deliver(program, [ONE | {"first": "Zqyara", "odd": "Zqodd"}])
    said = caplog.text + json.dumps(told(program, answer)) + refused.content.decode() + str(written_of("feed-posted"))
    for each in ("Zq-77", "Zq-78", "70-70", "Zqyara", "Zqodd"):
        assert each not in said


def test_deliveries_of_a_machine_that_must_sign_are_signed(world, known):
    asking = machines.program(world["told"], must_sign=True)
    assert deliver(asking, ONE).status_code == 401


def test_the_day_told_is_kept(program):
    answer = deliver(program, ONE | {"no": "D1", "id": "1414"}, day="2026-03-31")
    worked_off(answer)
    assert rows("SELECT told_on FROM programmes_beneficiary WHERE reference = 'D1'") == [(date(2026, 3, 31),)]
