"""In each of the six modes exactly what the published table says answers, and data stays what it was (ARC-1).

The oracle is the page that people read, docs/reference/modes.md; what each entry answers is asked of the product.
"""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import resolve
from procrastinate.contrib.django import app as jobs
from typer.main import get_command
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.interop.every_operation import operations
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import queries
from amparo.programmes.actions import enrol_many
from amparo.project.serving import worker_command
from amparo.registry.queries import household
from amparo.trust.context import acting
from amparo.trust.modes import mode, part_of_queue
from amparo.trust.types import Permission
from amparo.web.urls import urlpatterns as pages_of_all
from tests.lib import country, pages
from tests.structure import sources
from tests.unit.programmes.country import OPERATOR, POOR_HOME, installed
from tests.unit.programmes.feeding import LEAST, rows, taken
from tests.views.conftest import signed_in

PUBLISHED = sources.text("docs/reference/modes.md")
OFF = "trust-part-off"
MODES = ("sr", "ibr", "vsr", "sr+ibr", "sr+vsr", "all")
MADE_UP = {"UUID": str(UUID(int=7)), "Path": __file__, "list[Path]": __file__, "datetime": "2026-01-01"}
FILLED = {"uuid": str(UUID(int=7)), "int": "1", "slug": "x", "area": "x", "str": "x", "path": "x"}


def table() -> dict[str, set[str]]:
    """Return mode → the parts that the published table says it serves."""
    head, _, *lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in PUBLISHED.splitlines() if line[:1] == "|"
    ]
    parts = [each.strip("`") for each in head[1:]]
    return {
        line[0].split("`")[1]: {part for part, said in zip(parts, line[1:], strict=True) if said == "yes"}
        for line in lines
    }


def listed(kind: str) -> Iterator[tuple[str, str]]:
    """Yield (part, what is published as belonging to it) for pages, operations, commands or jobs."""
    for section in PUBLISHED.split("\n## ")[1:]:
        part = section.split("`")[1]
        for line in section.splitlines():
            if line.startswith(f"{kind}: "):
                yield from ((part, each) for each in re.findall(r"`([^`]+)`", line))


@pytest.fixture(params=MODES)
def served(request, monkeypatch, database) -> set[str]:
    """Start in one of the modes; return what the table says is served."""
    monkeypatch.setenv("AMPARO_MODE", request.param)
    return table()[request.param]


def test_the_table_has_the_six_modes_and_every_kind():
    assert tuple(table()) == MODES
    assert table()["all"] == {part for part, _ in listed("Pages")}
    assert min(len(list(listed(kind))) for kind in ("Pages", "Operations", "Messages", "Commands", "Jobs")) > 8


def test_everything_that_answers_belongs_to_a_part():
    """What belongs to none would answer nobody in any mode, and stand on no page."""
    assert [each.name for each in pages_of_all if each.callback.part is None] == []
    assert [each for each in operations.declared.values() if each.part is None] == []
    own = (each for name, each in jobs.tasks.items() if "procrastinate.builtin_tasks" not in name)
    assert [each.name for each in own if part_of_queue(each.queue) is None] == []


def test_exactly_the_pages_of_the_table_answer(served):
    browser, wrong = Client(), []
    for part, place in listed("Pages"):
        address = re.sub(r"<(\w+):\w+>", lambda found: FILLED[found[1]], place)
        answer = browser.get(address)
        is_off = answer.status_code == 404 and "does not offer" in pages.text(answer)
        wrong += [place] if is_off == (part in served) else []
    assert wrong == []


def test_exactly_the_operations_of_the_table_answer(served):
    browser, wrong = Client(), []
    for part, said in listed("Operations"):
        method, path = said.split()
        answer = browser.generic(method, re.sub(r"{\w+}", FILLED["uuid"], path))
        is_off = answer.status_code == 404 and answer.json()["id"] == OFF
        wrong += [said] if is_off == (part in served) else []
    assert wrong == []


def test_exactly_the_messages_of_the_table_are_answered(served):
    browser, wrong = Client(), []
    for part, said in listed("Messages"):
        method, path = said.split()
        address = re.sub(r"<(\w+):\w+>", lambda found: FILLED[found[1]], path)
        answer = browser.generic(method, address, "{}", content_type="application/json")
        is_off = answer.status_code == 404 and "does not offer" in answer.json()["errors"][0]["message"]
        wrong += [said] if is_off == (part in served) else []
    assert wrong == []


def test_the_description_tells_of_what_answers_and_of_nothing_else(served):
    told = Client().get("/api/v1/openapi.json").json()["paths"]
    known = {f"{method.upper()} {path}" for path, methods in told.items() for method in methods}
    wanted = {said for part, said in listed("Operations") if part in served} - {"GET /api/v1/openapi.json"}
    assert known == wanted


def test_exactly_the_commands_of_the_table_begin(served):
    """One that is on is not run here: what switches it is the same for all, and has not refused."""
    whole, wrong = get_command(app), []
    for part, said in listed("Commands"):
        words = said.removeprefix("amparo ").split()
        command = whole
        for word in words:
            command = command.commands[word]
        if part not in served:
            ran = CliRunner().invoke(app, [*words, *arguments(command)])
            wrong += [] if ran.exit_code == 2 and "does not offer" in ran.output else [said]
        else:
            wrong += [] if command.callback.part.value == part else [said]
    assert wrong == []


def arguments(command) -> list[str]:
    """Return what a command cannot do without, made up."""
    found = []
    for each in command.params:
        if each.required:
            made = "/" if each.name == "folder" else MADE_UP.get(each.bare_type(), "1")
            found += [made] if each.param_type_name == "argument" else [each.opts[0], made]
    return found


def test_exactly_the_jobs_of_the_table_are_worked_on(served):
    (worked_on,) = (each.split(",") for each in worker_command()[-1:])
    wrong = [name for part, name in listed("Jobs") if (jobs.tasks[name].queue in worked_on) != (part in served)]
    assert wrong == []


@pytest.fixture(scope="module")
def home(database) -> UUID:
    """A home about which it was decided, and which is enrolled."""
    installed(POOR_HOME)
    found = country.household("n1", {"given_name": "Yara"}, income=5_000)
    enrol_many("poor_home", by=OPERATOR, under=country.GROUND, on=clock.today(), using="bulk")
    return found


def test_no_link_leads_to_what_is_off_and_the_menu_neither(served, home):
    asked = {"amina": ["/", "/areas/n1/", f"/households/{home}/", "/cases/", "/enrolments/", "/coverage/"]}
    asked |= {"ines": ["/", "/cases/"], "omid": ["/"], "paz": ["/"]}
    for name, addresses in asked.items():
        browser = signed_in(name)
        for address in addresses:
            for tag, held in pages.elements(browser.get(address)).elements:
                if tag == "a" and held.get("href", "").startswith("/"):
                    part = resolve(held["href"].partition("?")[0].partition("#")[0]).func.part
                    assert part.value in served, (name, address, held["href"])


def test_a_word_that_is_no_mode_is_refused(monkeypatch):
    monkeypatch.setenv("AMPARO_MODE", "social-registry")
    with pytest.raises(Refused) as refusal:
        mode()
    assert refusal.value.message.id == "trust-mode-unknown"


def test_what_was_entered_in_one_mode_reads_the_same_in_every_other(database, monkeypatch):
    monkeypatch.setenv("AMPARO_MODE", "sr")
    home = country.household("n1", {"given_name": "Iman", "birth_date": country.DAY}, income=12_500, floor="earth")

    def read(in_mode: str) -> tuple:
        monkeypatch.setenv("AMPARO_MODE", in_mode)
        with acting(country.cast().amina.narrowed(Permission.READ_HOUSEHOLD)) as by:
            record = household(home, by=by, under=country.GROUND)
        shown = signed_in("amina").get(f"/households/{home}/history/").content.decode()
        return record, re.search("<main.*</main>", shown, re.DOTALL)[0]

    before = read("sr")
    assert before[0].facts["income"].value == 12_500
    assert [read(each) for each in ("sr+ibr", "ibr", "vsr", "all", "sr")] == [before] * 5


def test_in_ibr_whoever_only_a_programme_knows_needs_no_household(fresh_database, monkeypatch, tmp_path):
    monkeypatch.setenv("AMPARO_MODE", "ibr")
    receipt = taken("id,state,amount,month\n555555,enrolled,12,2026-03\n", tmp_path, feed=LEAST)
    assert receipt["beneficiaries"] == {"identifier": 0, "decided": 0, "review": 0, "programme": 1}
    assert rows("SELECT person_id, found FROM programmes_beneficiary") == [(None, "programme")]
    assert rows("SELECT scheme, amount_minor FROM programmes_benefit") == [("cash_help", 12_00)]
    assert rows("SELECT (SELECT count(*) FROM registry_household) + (SELECT count(*) FROM registry_person)") == [(0,)]
    with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
        assert [(each.feed, each.programme) for each in queries.unmatched(by=by)] == [("least", 1)]
    pages.assert_is_whole(signed_in("ines").get("/matches/"))
