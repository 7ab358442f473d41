"""Every example of the language on Spark: the same expressions, with as many examples in one job as it takes well."""

from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isfunction

import pytest

from amparo.rules.model.rule import ProgrammeRule
from tests.lib.rules import drawing
from tests.lib.rules.spark import by_spark, values_by_spark
from tests.spec.examples import ANSWER, MISSING, Example, shown
from tests.spec.page import CHAPTERS

pytestmark = pytest.mark.spark
IN_ONE_JOB = 15


def _examples() -> Iterator[Example]:
    for chapter in CHAPTERS:
        tests = getmembers(import_module(f"tests.spec.test_{chapter}"), isfunction)
        for each in (test for name, test in tests if name.startswith("test_")):
            yield from (example for example in shown(each) if isinstance(example, Example))


EXAMPLES = list(_examples())


class Answered:
    """What Spark answers to each example, asked when the first of its job is wanted."""

    def __init__(self) -> None:
        self.held: dict[tuple[Example, str], list] = {}

    def __call__(self, example: Example, column: str) -> list:
        if (example, column) not in self.held:
            alike = [
                each for each in EXAMPLES if (each.unit, each.on) == (example.unit, example.on) and each.has(column)
            ]
            first = alike.index(example) // IN_ONE_JOB * IN_ONE_JOB
            self._ask(alike[first : first + IN_ONE_JOB], column)
        return self.held[example, column]

    def _ask(self, examples: list[Example], column: str) -> None:
        named = {f"e{number}": each for number, each in enumerate(examples)}
        records = [record for each in examples for record in each.records]
        rules = {name: each.rule for name, each in named.items()}
        if column == ANSWER:
            found = values_by_spark(rules, records, on=examples[0].on)
        else:
            programmes = {name: ProgrammeRule(rule) for name, rule in rules.items()}
            decided = by_spark(programmes, records, on=examples[0].on)
            found = {name: {key: each.missing for key, each in units.items()} for name, units in decided.items()}
        start = 0
        for name, each in named.items():
            own = range(start, start := start + len(each.records))
            keys = sorted(map(_place, found[name]))
            self.held[each, column] = [found[name]["/".join(map(str, key))] for key in keys if key[0] in own]


def _place(key: str) -> tuple[int, ...]:
    return tuple(map(int, key.split("/")))


@pytest.fixture(scope="module")
def answered() -> Answered:
    return Answered()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.text)
def test_spark_gives_the_drawn_answer(example, answered):
    assert answered(example, ANSWER) == [drawing.read(cell, example.gives) for cell in example.expected(ANSWER)]


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.has(MISSING)], ids=lambda example: example.text)
def test_spark_names_what_is_missing(example, answered):
    assert answered(example, MISSING) == [tuple(cell.split()) for cell in example.expected(MISSING)]
