"""No audit, no data: while the log is not sealed, or a row of it cannot be written, nobody's record is served (D3, PRV-6)."""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connections
from django.urls import get_resolver

from amparo.kernel.errors import NotServed
from amparo.snapshot.queries import open_snapshot
from amparo.trust.context import acting
from amparo.trust.log import sealing, serving
from amparo.trust.types import IMPERSONAL, Permission, system
from tests.lib import audit_log, country, pages
from tests.views.conftest import signed_in
from tests.views.test_every_route import DENIED, NORTH, ORACLE, SOUTH, address, answered, body, world

__all__ = ["world"]  # the fixture: two homes, decided, with a notice and a run
PERSONAL = {
    each.name for each in get_resolver("amparo.web.urls").url_patterns if getattr(each.callback, "is_personal", False)
}
GOES_ON = ("home", "area", "runs", "run", "rules", "rule", "deliveries")
WAITING = "ffffffff-ffff-7fff-8fff-ffffffffffff"  # after the last sealed row, before all others


def owner(statement: str, *values: object) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def not_sealed(world, monkeypatch):
    """A row that was written before all others and waits since more than four hours; sealed when the test is over."""
    monkeypatch.setattr(settings, "AUDIT_HOURS", 4)
    owner(
        "INSERT INTO trust_audit (place, id, at, written_at, event, by_kind)"
        " VALUES ((SELECT coalesce(max(last_place), 0) FROM trust_seal), %s, now(),"
        " now() - interval '4 hours 1 second', 'denied', 'officer')",
        WAITING,
    )
    yield
    owner("ALTER TABLE trust_audit DISABLE TRIGGER append_only")
    owner("DELETE FROM trust_audit WHERE id = %s", WAITING)
    owner("ALTER TABLE trust_audit ENABLE TRIGGER append_only")


def ask(browser, route: str, place: dict[str, str]):
    """Ask in the way that a route takes."""
    response = browser.get(address(route, place))
    return browser.post(address(route, place)) if response.status_code == 405 else response


def test_pages_of_personal_data_are_those_that_open_it(world):
    declared = {each.name: each.callback.permission for each in get_resolver("amparo.web.urls").url_patterns}
    assert {declared[name] for name in PERSONAL} & IMPERSONAL == set()
    assert len(PERSONAL) > 12


@pytest.mark.parametrize("name", ["ines", "bruno", "amina"])
def test_every_page_of_personal_data_is_refused_in_words_and_shows_nobody(not_sealed, world, name):
    browser, served = signed_in(name), []
    for route in sorted(PERSONAL):
        if ORACLE[route].get(name) == DENIED:
            continue
        for region in ("north", "south"):
            response = ask(browser, route, world[region])
            if response.status_code != 503 or NORTH in body(response) or SOUTH in body(response):
                served.append((route, region, response.status_code))
    assert served == []
    page = browser.get(address("household", world["north"]))
    pages.assert_refused(page, 503)
    assert "has not been sealed for more than 4 hours" in pages.text(page)
    assert "Tell the operator" in pages.text(page)
    assert page["Retry-After"] == "60"


def test_figures_rules_deliveries_the_log_itself_and_signing_in_go_on(not_sealed, world):
    for name in ("bruno", "emre", "ines"):
        for route in (*GOES_ON, "audit"):
            expected = ORACLE[route][name]
            if isinstance(expected, int) and route not in PERSONAL and ORACLE[route][name] != DENIED:
                assert answered(signed_in(name).get(address(route, world["north"]))) in (200, 302), (name, route)
    from django.test import Client

    fresh = Client()
    response = fresh.post("/account/sign-in/", {"login": "ines", "password": country.PASSWORD})
    assert response.status_code == 302


def test_once_sealed_everything_is_served_again(not_sealed, world, tmp_path):
    with audit_log.own_custodian(tmp_path):
        browser = signed_in("ines")
        assert browser.get(address("household", world["north"])).status_code == 503
        sealing.seal()
        response = browser.get(address("household", world["north"]))
        assert response.status_code == 200
        assert NORTH in body(response)
        assert not serving.is_waiting_long(using="bulk")


def test_just_before_the_limit_everything_is_served(world, monkeypatch):
    monkeypatch.setattr(settings, "AUDIT_HOURS", 4)
    assert signed_in("ines").get(address("household", world["north"])).status_code == 200


@pytest.mark.parametrize("permission", sorted(set(Permission) - IMPERSONAL))
def test_work_of_the_system_is_refused_as_well(not_sealed, permission):
    with pytest.raises(NotServed, match="trust-audit-not-sealed"), acting(system("test").narrowed(permission)):
        pass
    with pytest.raises(NotServed), acting(system("test")):
        pass


def test_no_snapshot_is_taken_or_opened(not_sealed, world):
    from uuid import uuid4

    from amparo.kernel.exports import Grade
    from amparo.snapshot.actions import take

    with pytest.raises(NotServed):
        take([], grade=Grade.DECISION, on=country.DAY, by=system("test"), under=country.GROUND)
    with pytest.raises(NotServed), open_snapshot(uuid4(), by=system("test"), under=country.GROUND):
        pass


@contextmanager
def broken(break_: str, mend: str):
    owner(break_)
    try:
        yield
    finally:
        owner(mend)


FAULTS = {
    "the question cannot be asked": (
        "ALTER FUNCTION amparo_audit_waits_since() RENAME TO gone",
        "ALTER FUNCTION gone() RENAME TO amparo_audit_waits_since",
    ),
    "the seals are gone": ("ALTER TABLE trust_seal RENAME TO gone", "ALTER TABLE gone RENAME TO trust_seal"),
    "no row can be written": (
        "ALTER TABLE trust_audit ADD CONSTRAINT shut CHECK (event = 'nothing') NOT VALID",
        "ALTER TABLE trust_audit DROP CONSTRAINT shut",
    ),
    "the table may not be written": (
        "REVOKE INSERT (id, at, event) ON trust_audit FROM amparo_app, amparo_area, amparo_national",
        "GRANT INSERT (id, at, event) ON trust_audit TO amparo_app, amparo_area, amparo_national",
    ),
    "there is no partition for today": (
        "ALTER TABLE trust_audit RENAME TO gone",
        "ALTER TABLE gone RENAME TO trust_audit",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_where_a_read_cannot_be_written_down_nothing_is_read(world, fault):
    """Every page that shows somebody fails whole: 0 names are served."""
    served = []
    with broken(*FAULTS[fault]):
        for name, region in (("amina", "north"), ("chen", "south"), ("ines", "north"), ("bruno", "south")):
            browser = signed_in(name)
            browser.raise_request_exception = False
            for route in (
                "household",
                "household-history",
                "person",
                "decision",
                "explanation",
                "notice",
                "decisions",
                "find-in-area",
            ):
                response = ask(browser, route, world[region])
                if response.status_code < 500 or NORTH in body(response) or SOUTH in body(response):
                    served.append((name, route, response.status_code))
    assert served == []
    assert signed_in("ines").get(address("household", world["north"])).status_code == 200
