"""Limits of the API: how often, how large, how deep; and that one who asks too often keeps nobody else waiting (H6, H7)."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from amparo.kernel import clock
from tests.lib import agreeing, machines
from tests.lib.agreeing import in_force


@pytest.fixture(scope="module")
def programs(database):
    agreeing.install()
    agreed = in_force("limited")
    made = [machines.program(agreed) for _ in range(4)]
    for number, each in enumerate(made):
        each.address = f"203.0.113.{number}"
        each.headers()
    return made


@pytest.fixture
def limited(monkeypatch):
    def to(**limits):
        monkeypatch.setattr(settings, "API_LIMITS", {"machine": (20, 600), "address": (20, 600)} | limits)

    to()
    return to


def later(program, moment, seconds):
    with clock.fixed(moment + timedelta(seconds=seconds)):
        program.token = ""
        program.headers()


def test_a_machine_that_asks_seven_times_too_much_keeps_nobody_waiting(programs, limited):
    """Ten seconds of virtual time: one asks 140 times a second, three 10 times; these are all answered."""
    limited(address=(100_000, 1_000_000), machine=(20, 600))
    noisy, *quiet = programs
    moment, answers = clock.now() + timedelta(hours=1), Counter()
    for each in programs:
        later(each, moment, 0)
    for tenth in range(20):
        with clock.fixed(moment + timedelta(seconds=1 + tenth / 10)):
            for _ in range(14):
                answers["noisy", noisy.get("agreements").status_code] += 1
            for each in quiet:
                answers["quiet", each.get("agreements").status_code] += 1
    assert answers["quiet", 200] == 60
    assert answers["quiet", 429] == 0
    assert answers["noisy", 200] == 20 + 38  # what came at once, then twenty a second for 1.9 seconds
    assert answers["noisy", 429] == 280 - 58


def test_who_asks_too_often_is_told_when_to_ask_again_and_then_may(programs, limited):
    limited(machine=(2, 3))
    program, moment = programs[1], clock.now() + timedelta(hours=2)
    later(program, moment, 0)
    with clock.fixed(moment):
        answers = [program.get("agreements") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "1"
    with clock.fixed(moment + timedelta(seconds=1)):
        assert program.get("agreements").status_code == 200
        refused = program.get("agreements")
        assert (refused.status_code, refused["Retry-After"]) == (429, "19")  # three a minute, one of them each 20 s
    with clock.fixed(moment + timedelta(seconds=20)):
        assert program.get("agreements").status_code == 200


def test_asking_while_refused_makes_the_wait_no_longer(programs, limited):
    limited(machine=(1, 600))
    program, moment = programs[1], clock.now() + timedelta(hours=3)
    later(program, moment, 0)
    with clock.fixed(moment):
        assert [program.get("agreements").status_code for _ in range(30)] == [200] + [429] * 29
    with clock.fixed(moment + timedelta(seconds=1)):
        assert program.get("agreements").status_code == 200


def test_an_address_is_counted_whoever_asks_and_before_anything_else(programs, limited):
    limited(address=(3, 600))
    moment = clock.now() + timedelta(hours=4)
    with clock.fixed(moment):
        asked = ["/api/v1/heartbeat", "/api/v1/agreements", "/api/nowhere", "/api/v1/heartbeat"]
        answers = [Client().get(each, REMOTE_ADDR="203.0.113.99").status_code for each in asked]
        assert answers[:2] == [200, 401]
        assert answers[3] == 429
        assert Client().get("/api/v1/heartbeat", REMOTE_ADDR="203.0.113.98").status_code == 200


def test_whose_address_cannot_be_told_counts_as_one_with_all_such(programs, limited):
    limited(address=(2, 600))
    with clock.fixed(clock.now() + timedelta(hours=5)):
        answers = [Client().get("/api/v1/heartbeat", REMOTE_ADDR=each) for each in ("", "unknown", "")]
    assert [each.status_code for each in answers] == [200, 200, 429]


def test_a_clock_that_goes_back_locks_nobody_out(programs, limited):
    limited(machine=(2, 600))
    program, moment = programs[2], clock.now() + timedelta(hours=6)
    later(program, moment, 0)
    with clock.fixed(moment):
        assert program.get("agreements").status_code == 200
    later(program, moment, -3_600)
    with clock.fixed(moment - timedelta(hours=1)):
        assert program.get("agreements").status_code == 200


def test_where_nothing_can_be_counted_nothing_is_answered(programs, database):
    """The table is taken away from the web's login: every request fails closed."""
    from django.db import connections

    def grant(word, to):
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"{word} ON trust_bucket {to} amparo_app")

    grant("REVOKE INSERT, UPDATE", "FROM")
    try:
        answer = Client(raise_request_exception=False).get("/api/v1/heartbeat")
    finally:
        grant("GRANT INSERT, UPDATE", "TO")
    assert (answer.status_code, answer.json()["id"]) == (500, "interop-fault")


def post(program, body, **headers):
    sent = program.headers() | {"Idempotency-Key": "k"} | headers
    return program.browser.post(
        "/api/v1/agreements/limited/exchanges", body, content_type="application/json", headers=sent
    )


def test_a_body_above_ten_mebibytes_is_refused_before_it_is_read(programs):
    program = programs[3]
    program.token = ""
    assert post(program, b" " * (10 * 2**20 + 1)).status_code == 413
    assert post(program, b" " * (10 * 2**20)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"[" * 100_000,
        b"{" * 33,
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b"\xff\xfe",
        '{"a": 1}'.encode("utf-16"),
        b"{",
        b"'a'",
        b'{"a": 1}x',
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
    ids=range(16),
)
def test_a_body_that_readers_understand_differently_is_refused(programs, body):
    answer = post(programs[3], body)
    assert answer.status_code == 400
    assert answer.json()["id"] in ("interop-too-deep", "interop-body-unreadable")


def test_depth_is_counted_outside_of_texts(programs):
    deep_text = json.dumps({"about": "[" * 50, "x": '\\"[['}).encode()
    assert post(programs[3], deep_text).status_code == 422


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "application/json-x"]
)
def test_a_body_of_another_kind_is_refused(programs, kind):
    program = programs[3]
    sent = program.headers() | {"Idempotency-Key": "k"}
    answer = program.browser.generic(
        "POST", "/api/v1/agreements/limited/exchanges", b"{}", content_type=kind, headers=sent
    )
    assert (answer.status_code, answer.json()["id"]) == (415, "interop-other-kind")
