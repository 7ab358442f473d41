"""A programme of a country that asks every kind of list: relatives, items, months of a series, the first of an order.

It is no part of the example, whose snapshots would hold these lists for it; its files stand in `lists/`.
"""

from pathlib import Path

import pytest

from amparo.profiles.reading import read

FOLDER = Path(__file__).parent / "lists"


@pytest.fixture
def with_allowance(country):
    """The example country with an allowance for single parents, and its worked cases."""
    country.write("programmes/single_parent_allowance.toml", (FOLDER / "programme.toml").read_text())
    country.write("cases/single_parent_allowance.yaml", (FOLDER / "cases.yaml").read_text())
    country.add("parameters.toml", (FOLDER / "parameters.toml").read_text())
    for language in ("en", "ar"):
        country.add(f"locale/{language}.po", (FOLDER / f"{language}.po").read_text())
    return country


def test_every_worked_case_comes_out_as_it_was_worked_by_hand(with_allowance):
    assert with_allowance.problems() == []
    cases = [each for each in read(with_allowance.folder).cases if each.programme == "single_parent_allowance"]
    assert len(cases) == 8


def test_a_case_that_does_not_come_out_is_found(with_allowance):
    with_allowance.replace("cases/single_parent_allowance.yaml", "household: {plot: []}", "household: {}")
    assert [each.message.id for each in with_allowance.problems()] == ["profiles-case-fails"]


def test_a_case_names_relatives_by_who_they_are_here_or_as_somebody_elsewhere(with_allowance):
    cases = [each for each in read(with_allowance.folder).cases if each.programme == "single_parent_allowance"]
    first, elsewhere = cases[0], next(each for each in cases if each.name == "her son lives elsewhere")
    assert first.members[0]["children"] == [1, 2]
    assert first.members[1]["children"] == []
    assert first.household["plot"] == [{"area_hectares": 0.5}, {"area_hectares": 1.5}]
    assert "birth_date" in elsewhere.members[0]["children"][0]
