"""No door is open by oversight: every route, job and command says what it is charged with (B1)."""

from collections.abc import Iterable, Mapping

import pytest
from django.http import HttpResponse
from django.urls import get_resolver, path
from procrastinate import App, testing
from procrastinate.contrib.django import app

from amparo.cli.app import COMMANDS, GROUPS, add
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged
from tests.structure import test_routes as routes

# Jobs and commands that ask for no permission, and are held to that while they run; each with the reason.
WITHOUT = {
    "trust.sweep_sessions": "deletes what remains of sessions that are over",
    "trust.seal": "seals the audit log, and reads no row of anybody's but its bytes",
    "intake.pick_up": "begins again what nobody works on; the job that works has its own",
    "sources.pick_up_rounds": "the same",
    "serve": "serves pages, each with its own permission",
    "synth": "invents people in files",
    "mock-ministry": "serves people invented in files, and asks whether the installation is a trial",
    "audit seal": "as the job",
    "audit new-key": "the key that signs seals: for whoever holds the machine, and on record",
    "run list": "counts, nobody's record",
    "keys list": "the installation's own keys: for whoever holds the machine",
    "keys add": "the same, on record",
    "keys rotate": "the same, on record; it seals values anew without showing one",
    "keys retire": "the same, on record",
    "profile check": "reads a folder",
    "rule check": "reads a file",
    "rule eval": "reads a file",
}


def commands() -> dict[str, object]:
    grouped = {f"{group} {name}": each for group, held in GROUPS.items() for name, each in held.items()}
    return COMMANDS | grouped


def jobs(of: App) -> dict[str, object]:
    """Return our own jobs; the queue's own, which tidy it up, are no door of ours."""
    return {name: each.func for name, each in of.tasks.items() if "procrastinate.builtin_tasks" not in name}


def undeclared(patterns: list, tasks: Mapping[str, object], asked: Mapping[str, object]) -> list[str]:
    """Return every route, job and command that does not say what it is charged with."""
    silent = [name for name, each in [*tasks.items(), *asked.items()] if _is_silent(name, each)]
    return routes.undeclared(patterns, routes.OPEN) + silent


def _is_silent(name: str, act: object) -> bool:
    held: Iterable | None = getattr(act, "permissions", None)
    if held is None or not all(isinstance(each, Permission) for each in held):
        return True
    return not held and name not in WITHOUT


def test_every_route_job_and_command_declares_what_it_is_charged_with():
    known = app.tasks, commands()
    assert min(map(len, (jobs(app), known[1]))) > 8
    assert undeclared(get_resolver("amparo.project.urls").url_patterns, jobs(app), known[1]) == []


def test_what_is_listed_as_asking_for_nothing_exists_and_asks_for_nothing():
    known = jobs(app) | commands()
    assert {name: known[name].permissions for name in WITHOUT} == dict.fromkeys(WITHOUT, frozenset())


def test_planted_doors_that_declare_nothing_are_found():
    def view(request) -> HttpResponse:
        return HttpResponse()

    planted = App(connector=testing.InMemoryConnector())

    @planted.task(name="planted.silent")
    def silent() -> None:
        """Says nothing."""

    @planted.task(name="planted.free")
    @charged()
    def free() -> None:
        """Says that it asks for nothing, and stands in no list."""

    @planted.task(name="planted.said")
    @charged(Permission.FIND)
    def said() -> None:
        """Says what it is for."""

    found = undeclared([path("planted/", view, name="planted")], jobs(planted), {"bare": view, "well": said.func})
    assert found == ["planted/", "planted.silent", "planted.free", "bare"]


def test_a_command_that_declares_nothing_cannot_be_added():
    with pytest.raises(AttributeError, match="permissions"):
        add(None, {"bare": lambda: None}, "cli")
