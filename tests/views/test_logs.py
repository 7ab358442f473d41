"""What is written beside the audit log holds nothing of anybody, no secret, and no line of a stranger's (D4)."""

import logging
import tomllib

import pytest
from django.db import connections
from django.test import Client

from amparo.intake import actions
from amparo.intake.tasks import run_batch
from tests.lib import country
from tests.unit.intake.census import BY, MAPPING, PERSONS, files
from tests.views.conftest import signed_in

NAME, NUMBER, PASSWORD = "Kwabenaqualixta", "73519284606172839405", "correct-horse-battery-canary"
TYPED = "Zephyrinequalixta"
CANARIES = (NAME, NUMBER, PASSWORD, TYPED)


@pytest.fixture
def home(database) -> str:
    return str(country.household("n1", {"given_name": NAME, "family_name": "Aa", "is_head": True}, income=5_000))


def test_nothing_of_anybody_stands_in_logs_jobs_or_addresses(home, caplog, capfd, tmp_path):
    caplog.set_level(logging.INFO)
    addresses = []
    officer, stranger = signed_in("bruno"), Client(raise_request_exception=False)
    stranger.post("/account/sign-in/", {"login": TYPED, "password": PASSWORD})
    stranger.post("/account/sign-in/", {"login": "amina", "password": PASSWORD})
    officer.get("/find/")
    officer.post("/purpose/", {"purpose": "eligibility"})
    for kind, asked in (("name", NAME), ("name", TYPED), ("national_id", NUMBER)):
        response = officer.post("/find/", {"kind": kind, "asked": asked}, follow=True)
        addresses += [address for address, _ in response.redirect_chain]
        addresses += [each.url for each in [response] if hasattr(each, "url")]
    assert NAME in officer.get(f"/households/{home}/").content.decode()
    officer.raise_request_exception = False
    officer.post("/find/", {"kind": "none", "asked": NAME})
    given = files(tmp_path / "a", persons=PERSONS.replace("Amina", NAME).replace("12", NUMBER))
    received = actions.receive(given, tomllib.loads(MAPPING), name="census", by=BY, using="bulk")
    run_batch.defer(batch_id=str(received.batch_id))  # as the page that takes files in does
    actions.run(received.batch_id, by=BY)
    logged = "\n".join(caplog.handler.format(each) for each in caplog.records) + "".join(capfd.readouterr())
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT args::text, queueing_lock, lock FROM procrastinate_jobs")
        jobs = str(cursor.fetchall())
        cursor.execute("SELECT cache_key, value FROM trust_cache")
        kept = str(cursor.fetchall())
        cursor.execute("SELECT details::text, about_id::text, by_id::text FROM trust_audit")
        record = str(cursor.fetchall())
    assert "batch_id" in jobs
    places = {"log": logged, "jobs": jobs, "cache": kept, "addresses": " ".join(addresses), "record": record}
    assert [(each, place) for each in CANARIES for place, said in places.items() if each in said] == []


def test_a_fault_is_logged_with_its_place_and_without_what_was_sent(home, monkeypatch, caplog):
    browser = signed_in("bruno")
    browser.raise_request_exception = False
    monkeypatch.setattr("amparo.web.staff.account.render", None)
    response = browser.post("/account/password/", {"old": PASSWORD, "new": TYPED, "again": "x"})
    assert response.status_code == 500
    logged = "\n".join(caplog.handler.format(each) for each in caplog.records)
    assert "amparo/web/staff/account.py" in logged
    assert [each for each in CANARIES if each in logged or each in response.content.decode()] == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x1b[2J", "\u2028", "\x00"], ids=ascii)
def test_nobody_writes_a_line_of_their_own_into_the_log(nobody, caplog, end):
    nobody.raise_request_exception = False
    forged = f"x{end}2030-01-01 00:00:00 ERROR forged"
    nobody.get("/" + forged)
    nobody.get("/find/", {"next": forged}, headers={"user-agent": forged, "x-forwarded-for": forged})
    nobody.post("/account/sign-in/", {"login": forged, "password": forged})
    for each in caplog.records:
        line = caplog.handler.format(each)
        assert not line.startswith("2030")
        assert "\n2030-01-01" not in line
        assert "\x1b" not in line
