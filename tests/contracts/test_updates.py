"""What an institution tells over HTTP: signed now by its key or refused, taken in by everybody's gates, and told nothing (UPD-2)."""

import json
import time
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from django.test import Client

from amparo.kernel import clock
from tests.lib import live
from tests.lib.web_server import web_server
from tests.unit.sources import setting

A, B, C, D = "10000001", "10000002", "10000003", "10000004"
WEBHOOK, NOTIFY = "/api/v1/sources/civil/updates", "/dci/v1/sources/registry/notify"


@pytest.fixture(scope="module")
def home(database):
    live.install()
    return live.home([A, B, C, D])


@pytest.fixture(scope="module")
def day():
    return clock.today() - timedelta(days=2)


def sent(*events, address=WEBHOOK, **how):
    body, headers = live.webhook(*events, **how)
    return Client().post(address, body, content_type="application/json", headers=headers)


def notified(*events, address=NOTIFY, **how):
    return Client().post(address, json.dumps(live.notification(*events, **how)), content_type="application/json")


def works(number: str) -> bool:
    return live.facts([number])[0][3]


def test_a_death_that_the_civil_registry_tells_changes_home_score_and_decision_within_seconds(home, day):
    """Over real HTTP, to the server that runs in production, and the case is opened by the worker's own job."""
    from amparo.cases import tasks

    with web_server() as port:
        begun = time.monotonic()
        body, headers = live.webhook(live.death(A, day))
        with urlopen(Request(f"http://127.0.0.1:{port}{WEBHOOK}", body, headers), timeout=60) as answer:
            told = (answer.status, json.load(answer))
        took = time.monotonic() - begun
    assert told == (202, {"received": 1, "unread": []})
    assert live.facts([A])[0][:2] == (day, day)
    assert len(setting.members(home)) == 3
    # 39,000 / 3 = 13,000 is above the line: proposed, and what is paid goes on until somebody looked.
    assert live.decisions(home) == [(True, 4 * 2_000, "in-effect"), (False, None, "proposed")]
    assert live.rows("SELECT task_name FROM procrastinate_jobs WHERE task_name = 'cases.tend'") == [("cases.tend",)]
    tasks.tend(timestamp=0)
    assert took < 60


def test_an_update_by_the_standard_is_taken_too(home, day):
    answer = notified(live.event("Work", B, day, works=True))
    assert (answer.status_code, answer.json()["message"]["ack_status"]) == (200, "NACK")
    assert works(B) is True
    assert (
        notified(live.event("Work", B, day, works=True), address="/dci/v1/sources/registry/registry/notify").status_code
        == 200
    )


def test_what_is_not_the_sources_or_not_of_now_is_refused_and_on_the_record(home, day):
    event = live.event("Work", C, day, works=True)
    before = live.refused()
    old = {"at": clock.now() - timedelta(minutes=10)}
    for answer in (
        sent(event, signs=live.key()),
        sent(event, signs=None),
        sent(event, **old),
        notified(event, signs=live.key()),
        notified(event, signs=None),
        notified(event, to="another"),
    ):
        assert answer.status_code == 401
    assert works(C) is False
    after = live.refused()
    assert after["signature"] - before.get("signature", 0) == 5
    assert after["old"] - before.get("old", 0) == 1
    assert live.rows("SELECT count(*) FROM trust_audit WHERE event = 'update-refused' AND about_id = 'civil'") == [(3,)]


def test_a_source_that_tells_by_another_road_or_not_at_all_is_nobody(home, day):
    event = live.event("Work", C, day, works=True)
    for address in ("/api/v1/sources/registry/updates", "/api/v1/sources/tax/updates", "/api/v1/sources/none/updates"):
        assert sent(event, address=address).status_code == 401
    assert notified(event, address="/dci/v1/sources/civil/notify").status_code == 401
    assert works(C) is False


def test_whom_we_know_is_not_told(home, day):
    known, unknown = (sent(live.event("Work", each, day, works=False)) for each in (B, "99999999"))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    one, other = (notified(live.event("Work", each, day, works=False)) for each in (B, "99999999"))
    assert one.json()["message"].keys() == other.json()["message"].keys()
    assert one.json()["message"]["ack_status"] == other.json()["message"]["ack_status"]


def test_what_cannot_be_read_is_told_by_place_and_reason(home, day):
    answer = sent(live.event("Work", D, day, works=True), live.event("Adoption", D, day), {"id": 1})
    assert answer.json() == {"received": 3, "unread": [{"at": 1, "reason": "kind"}, {"at": 2, "reason": "malformed"}]}
    assert works(D) is True


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"events": 5}', b'{"a": 1, "a": 2}', b"\xff", b"[" * 99])
def test_what_is_no_message_is_refused(home, body):
    import base64

    headers = {"webhook-id": "1", "webhook-timestamp": str(int(clock.now().timestamp()))}
    made = live.KEY.private_key.sign(f"1.{headers['webhook-timestamp']}.".encode() + body)
    headers["webhook-signature"] = f"v1a,{base64.b64encode(made).decode()}"
    answer = Client().post(WEBHOOK, body, content_type="application/json", headers=headers)
    unnamed = () if body else (415,)  # the test's client names no kind of an empty body
    assert answer.status_code in (400, *unnamed)
    assert Client().post(NOTIFY, body, content_type="application/json").status_code in (400, 401, *unnamed)


def test_another_kind_or_method_is_refused(home):
    assert Client().post(WEBHOOK, b"{}", content_type="text/plain").status_code == 415
    assert Client().post(NOTIFY, b"{}", content_type="text/plain").status_code == 415
    for address in (WEBHOOK, NOTIFY):
        answer = Client().get(address)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_whoever_sends_too_much_waits(home, day, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "API_LIMITS", settings.API_LIMITS | {"address": (2, 2)})
    answers = [notified(live.event("Work", B, day, works=True), signs=None).status_code for _ in range(4)]
    assert answers[-1] == 429


def test_where_a_rule_is_broken_the_source_is_asked_to_send_again(home, day):
    from django.db import connections

    event = live.event("Work", C, day, works=True)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE programmes_parametervalue SET starts_on = '2199-01-01'")
    answers = [sent(event), notified(event)]
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE programmes_parametervalue SET starts_on = '2026-01-01'")
    assert [(each.status_code, "Retry-After" in each) for each in answers] == [(503, True)] * 2
    assert works(C) is False
    assert sent(event).status_code == 202
    assert works(C) is True
