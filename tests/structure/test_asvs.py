"""Each requirement of the ASVS that we hold ourselves to stands once in `docs/asvs.toml`, and leads somewhere."""

import ast
import csv
import re
from functools import cache
from typing import Any

import pytest

from docs.pages.asvs import CHAPTERS, KINDS, chapter_of, requirements
from tests.structure import sources
from tests.structure.test_documentation import headings, target

LISTED = "tests/structure/asvs_5_0_0.csv"
BY_TESTS = 160


def listed() -> dict[str, int]:
    """Return the ids of levels 1 and 2, and those of level 3 that we took on, with their levels."""
    rows = csv.DictReader(sources.text(LISTED).splitlines())
    return {each["id"]: int(each["level"]) for each in rows}


@cache
def functions_of(file: str) -> frozenset[str]:
    functions = (each for each in ast.walk(sources.tree(file)) if isinstance(each, ast.FunctionDef))
    return frozenset(each.name for each in functions if each.name.startswith("test_"))


def wrong_with(requirement: dict[str, Any]) -> list[str]:
    """Return what a requirement says that is not so."""
    found = [f"knows no {key}" for key in requirement if key not in ("level", "about", *KINDS)]
    kinds = [kind for kind in KINDS if requirement.get(kind)]
    if len(kinds) != 1 or not requirement.get("about"):
        found.append("says nothing, or more than one thing")
    found += [f"no test {each}" for each in requirement.get("tests", ()) if not is_test(each)]
    places = [*requirement.get("documents", ()), *([requirement["deployer"]] if "deployer" in requirement else [])]
    return found + [f"no place {each}" for each in places if not is_place(each)]


def is_test(name: str) -> bool:
    file, _, function = name.partition("::")
    return file in sources.files() and function in functions_of(file)


def is_place(link: str) -> bool:
    page, heading = target("index.md", link)
    return page in sources.files() and (not heading or heading in headings(sources.text(page)))


def test_every_requirement_stands_there_once_with_its_level():
    assert {id: each["level"] for id, each in requirements().items()} == listed()
    text = sources.text("docs/asvs.toml")
    assert len(re.findall(r'^\["[\d.]+"\]$', text, re.M)) == len(listed())


def test_the_list_is_the_standards():
    levels = list(listed().values())
    assert (levels.count(1), levels.count(2)) == (70, 183)
    assert {chapter_of(id) for id in listed()} == set(range(1, len(CHAPTERS) + 1))


def test_every_requirement_leads_to_tests_and_places_that_are_there():
    sources.expect_none(f"{id}: {each}" for id, said in requirements().items() for each in wrong_with(said))


def test_most_are_held_by_tests():
    assert sum("tests" in each for each in requirements().values()) >= BY_TESTS


@pytest.mark.parametrize(
    "said",
    [
        {"about": "x", "tests": ["tests/structure/test_asvs.py::test_that_is_not_there"]},
        {"about": "x", "tests": ["tests/structure/nowhere.py::test_x"]},
        {"about": "x", "documents": ["docs/nowhere.md"]},
        {"about": "x", "documents": ["docs/how-to/operator.md#nowhere"]},
        {"about": "x", "deployer": "somebody"},
        {"about": "x", "tests": []},
        {"about": "", "none": "x"},
        {"about": "x", "none": "x", "open": "y"},
        {"about": "x", "done": "x"},
    ],
)
def test_planted_faults_are_found(said):
    assert wrong_with(said)
