"""The reference of the rule language: every test of this folder as a paragraph with its examples (`make docs`)."""

from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import cleandoc, getmembers, isfunction
from types import ModuleType

from amparo.profiles.languages import say
from tests.lib.rules import drawing
from tests.lib.rules.world import CATALOGUE
from tests.spec.examples import Example, Refusal, shown

CHAPTERS = (
    "1_facts",
    "2_logic",
    "3_arithmetic",
    "3b_rounding",
    "3c_powers",
    "3d_days",
    "3e_texts",
    "4_members",
    "4b_names",
    "6_lists",
    "5_refusals",
    "6_stated",
)
_HEAD = """# The rule language

Rules are written in a subset of [CEL](https://cel.dev), the Common Expression Language. A rule answers *true*, *false* or
*unknown*; only *true* grants, and *unknown* names what is missing. A formula gives an amount of money. Every example
below is a test that runs on both engines, and on Spark (`tests/spec`).

The examples are about a country whose dictionary has these fields. Money is written in cents, and a blank cell is unknown.
"""


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join(
        [_HEAD, _fields(), *(line for name in CHAPTERS for line in _chapter(import_module(f"tests.spec.test_{name}")))]
    )


def _fields() -> str:
    rows = [f"| `{each.grain}` | `{each.name}` | {each.type} | {each.unit or ''} |" for each in CATALOGUE.fields]
    return "\n".join(["| of each | field | type | unit |", "| --- | --- | --- | --- |", *rows]) + "\n"


def _chapter(module: ModuleType) -> Iterator[str]:
    yield f"## {cleandoc(module.__doc__ or '')}\n"
    tests = [test for name, test in getmembers(module, isfunction) if name.startswith("test_")]
    for test in sorted(tests, key=lambda test: test.__code__.co_firstlineno):
        yield from _paragraph(test)


def _paragraph(test: Callable) -> Iterator[str]:
    yield f"### {test.__name__.removeprefix('test_').replace('_', ' ').capitalize()}\n"
    yield f"{' '.join(cleandoc(test.__doc__ or '').split())}\n"
    for example in shown(test):
        yield from _drawn(example) if isinstance(example, Example) else _refusal(example)


def _drawn(example: Example) -> Iterator[str]:
    yield f"```cel\n{example.text}\n```\n"
    yield _table(example.homes)
    for each in filter(None, (example.members, example.lists)):
        yield _table(each)


def _table(drawn: str) -> str:
    rows = drawing.rows(drawn)
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _refusal(refusal: Refusal) -> Iterator[str]:
    yield f"```cel\n{refusal.text}\n```\n"
    yield "\n".join(f"> {line}  " for line in say(refusal.message).split("\n")) + "\n"
