"""Every door, asked by somebody of every office, about what lies everywhere, in every state (B1, B2, B3, B5).

A drawn part is asked in CI. AMPARO_MATRIX=all asks everything, with both gates and with each of them alone; AMPARO_SEED
draws another part.
"""

import logging
import os
import random
from collections import Counter, defaultdict

import pytest
from django.urls import get_resolver

from amparo.trust.types import Role
from tests.lib import access_world
from tests.lib.access_asking import ask, canaries_in, newest_row
from tests.lib.gates_off import GATES, through
from tests.oracle import access
from tests.oracle.access import Cell

IS_WHOLE = os.environ.get("AMPARO_MATRIX") == "all"
# Of each door in CI: so many questions, and as many of those about somebody again through each gate alone.
OF_EACH, OF_EACH_ALONE = 6, 5


@pytest.fixture(scope="module")
def world(server, empty_database, tmp_path_factory) -> access_world.World:
    return access_world.build(server, empty_database, tmp_path_factory.mktemp("came") / "a")


@pytest.fixture(params=GATES)
def gates(request, world, server, empty_database):
    with through(request.param, server, empty_database):
        yield request.param


def drawn(operation: str, at_most: int, seed: str) -> list[Cell]:
    """Return a part of a door's questions, in which each answer that is ever right has the same share."""
    found, draw = defaultdict(list), random.Random(f"{seed}-{operation}")
    for cell in access.cells(operation):
        found[access.verdict(cell)].append(cell)
    share = -(-at_most // len(found))
    return [cell for each in found.values() for cell in draw.sample(each, min(share, len(each)))]


def asked_through(gates: str) -> list[Cell]:
    """Return what is asked: through one gate alone, only of what is somebody's."""
    alone = gates != "both gates"
    operations = [name for name, door in access.OPERATIONS.items() if not alone or door.about in access.LIE_IN_AN_AREA]
    if IS_WHOLE:
        return [cell for each in operations for cell in access.cells(each)]
    seed = os.environ.get("AMPARO_SEED", "1")
    return [cell for each in operations for cell in drawn(each, OF_EACH_ALONE if alone else OF_EACH, f"{seed}-{gates}")]


def wrong(cell: Cell, found) -> str:
    """Return what is wrong with an answer; empty where nothing is."""
    right = access.verdict(cell)
    heard = right == access.HEARD and found.verdict in (access.DONE, access.REFUSED)
    if found.verdict != right and not heard:
        return f"{found.verdict}, not {right}"
    if leaks := found.shown - access.may_show(cell):
        return f"shows {sorted(leaks)}"
    turned_away = right not in (access.DONE, access.HEARD, access.REFUSED)
    return f"writes {sorted(found.written)}" if turned_away and found.written else ""


def test_every_door_answers_each_question_rightly(gates, world):
    asked = asked_through(gates)
    assert len(asked) >= (10_000 if IS_WHOLE else 200)
    faults = [(gates, cell, fault) for cell in asked if (fault := wrong(cell, ask(world, cell)))]
    counted = Counter(access.verdict(cell) for cell in asked)
    print(f"{gates}: {len(asked)} questions, {dict(counted)}, {len(faults)} answered wrongly")
    assert faults == []


def test_whoever_may_see_somebody_does(world):
    """The canaries would never be missed if no page showed them."""
    for operation in ("GET household", "GET person", "GET explanation-pdf"):
        cell = Cell(operation, "villager", "fresh", "registration", "n1", access.PROGRAMMES[1], "standing")
        assert ("n1", "identity") in ask(world, cell).shown
    seen = ask(world, Cell("GET person", "refuge", "fresh", "registration", "s1")).shown
    assert {each for area, each in seen if area == "s1"} >= {"identity", "contact", "sensitive", "protection"}


def test_neither_the_audit_log_nor_the_programs_log_holds_a_word_of_anybody(world, caplog):
    """And each door that opens somebody's record leaves a row, as each that turns somebody away does."""
    caplog.set_level(logging.DEBUG)
    personal = [name for name, door in access.OPERATIONS.items() if door.is_personal and door.about]
    for cell in [cell for each in personal for cell in drawn(each, 2, "logs")]:
        found = ask(world, cell, reads_log=True)
        assert not canaries_in("".join(found.audited)), cell
        if found.verdict == access.DENIED or (found.verdict == access.DONE and found.shown):
            assert found.audited, cell
    assert canaries_in("\n".join(each.getMessage() + str(each.args) for each in caplog.records)) == set()


ADDED = {
    "POST officer-open": ("administrator", "", "trust_account", {"is_demo": "on", "human": "x", "signed_out": "7"}),
    "POST officer-grant": (
        "administrator",
        "another",
        "trust_roleassignment",
        {"granted_by": "x", "confirmed_by": "x"},
    ),
    "POST notice-review": ("reviewer", "open", "programmes_review", {"reviewed_by": "x", "area_number": "7"}),
    "POST notice-reply": ("villager", "open", "programmes_reply", {"recorded_by": "x", "area_number": "7"}),
}


@pytest.mark.parametrize("operation", ADDED)
def test_a_form_writes_what_it_asks_for_and_nothing_that_was_added(world, operation):
    who, state, table, more = ADDED[operation]
    cell = Cell(operation, who, "fresh", "registration", "n1", "poor_home", state)
    plain, added = newest_row(world, cell, table), newest_row(world, cell, table, **more)
    assert {name: plain[name] for name in more} == {name: added[name] for name in more}
    assert plain["id"] != added["id"]


def test_what_is_allowed_is_done(world):
    """A door that answers 200 and does nothing would be taken for one that lets in."""
    for cell, table in (
        (Cell("POST decision-notice", "villager", "fresh", "registration", "n1", "poor_home", "proposed"), "notice"),
        (Cell("POST notice-review", "reviewer", "fresh", "registration", "n1", "poor_home", "open"), "review"),
        (Cell("POST consents", "villager", "fresh", "registration", "n1a"), "consent"),
        (Cell("POST run-approve", "keeper", "fresh", state="planned"), "determination"),
        (Cell("POST officer-confirm", "administrator", "fresh", state="waiting"), "roleassignment"),
        (Cell("POST agreement-sign", "protector", "fresh", state="signed"), "agreementsignature"),
        (Cell("POST person-protect", "shelter", "fresh", "registration", "n1"), "protection"),
        (Cell("POST household-register", "villager", "fresh", "registration", "n1"), "membership"),
        (Cell("POST person-leave", "villager", "fresh", "registration", "n1"), "membership"),
        (Cell("POST household-protection", "shelter", "fresh", "registration", "n1"), "delivery"),
        (Cell("POST household-protection-end", "refuge", "fresh", "registration", "s1"), "delivery"),
        (Cell("POST person-hold", "reviewer", "fresh", "registration", "n1a"), "hold"),
        (Cell("POST citizen-invite", "villager", "fresh", "registration", "n1"), "invitation"),
        (Cell("POST mandates", "keeper", "fresh", "registration", "n1"), "mandate"),
        (Cell("POST delay-confirm", "protector", "fresh", state="proposed"), "delay"),
        (Cell("POST erasure-confirm", "protector", "fresh", state="proposed"), "erasure"),
        (Cell("POST credential-confirm", "protector", "fresh", state="made"), "credential"),
        (Cell("POST machine-key", "protector", "fresh", state="opened"), "credential"),
        (Cell("POST alert-close", "protector", "fresh", state="open"), "alertstep"),
        (Cell("POST breach-open", "protector", "fresh"), "breach"),
        (Cell("POST breach-close", "protector", "fresh", state="proposed"), "breachstep"),
        (Cell("POST case-work", "villager", "fresh", "registration", "n1", state="open"), "step"),
        (Cell("POST case-judge", "reviewer", "fresh", "registration", "n1", state="review"), "step"),
        (Cell("POST case-review", "hearer", "fresh", "registration", "n1", state="open"), "step"),
        (Cell("POST case-file", "villager", "fresh", "registration", "n1"), "case"),
        (Cell("POST decision-appeal", "villager", "fresh", "registration", "n1", "poor_home", "proposed"), "case"),
        (Cell("POST impact-answer", "protector", "fresh"), "impactanswer"),
    ):
        assert any(each.endswith(f"_{table}") for each in ask(world, cell).written), cell


def test_every_route_every_office_and_every_area_is_in_the_tables():
    named = {each.name for each in get_resolver("amparo.web.urls").url_patterns}
    assert named == {each.split()[1] for each in access.OPERATIONS} | access.OPEN | access.OF_CITIZENS
    assert set(access.MAY) == {each.value for each in Role}
    assert {held.office for each in access.ACTORS.values() for held in each.held} == set(access.MAY)
    assert len(access.ACTORS) >= 12
    assert sum(len(access.cells(each)) for each in access.OPERATIONS) >= 10_000


@pytest.mark.parametrize(
    ("cell", "right"),
    [
        (Cell("GET household", "villager", "fresh", "registration", "n1"), access.DONE),
        (Cell("GET household", "villager", "fresh", "registration", "n1a"), access.DONE),
        (Cell("GET household", "villager", "fresh", "registration", "north"), access.HIDDEN),
        (Cell("GET household", "villager", "fresh", "registration", "n2"), access.HIDDEN),
        (Cell("GET household", "villager", "fresh", "", "n1"), access.PURPOSE),
        (Cell("GET household", "reviewer", "fresh", "", "n1"), access.DONE),
        (Cell("GET household", "reviewer", "fresh", "statistics", "n1"), access.PURPOSE),
        (Cell("GET household", "two-places", "fresh", "statistics", "s1"), access.HIDDEN),
        (Cell("POST consents", "two-places", "fresh", "registration", "s1"), access.HIDDEN),
        (Cell("POST consents", "reviewer", "fresh", "registration", "n1"), access.DENIED),
        (Cell("POST person-protect", "shelter", "fresh", "registration", "n1a"), access.DONE),
        (Cell("POST person-protect", "keeper", "fresh", "registration", "n1"), access.DENIED),
        (Cell("GET decision", "steward", "fresh", "registration", "s1", "poor_home", "standing"), access.DONE),
        (Cell("GET decision", "steward", "fresh", "registration", "s1", "head_grant", "standing"), access.HIDDEN),
        (Cell("GET decision", "steward", "fresh", "registration", "s1", "poor_home", "superseded"), access.HIDDEN),
        (Cell("GET household", "villager", "password", "registration", "n1"), access.CONFIRM),
        (Cell("GET household", "auditor", "fresh", "registration", "n1"), access.DENIED),
        (Cell("GET household", "closed", "fresh", "registration", "n1"), access.SIGN_IN),
    ],
)
def test_the_tables_say_what_was_meant(cell, right):
    assert access.verdict(cell) == right
