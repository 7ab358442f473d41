"""Households as they are in life: whole, of one generation or three, and nobody's child is older than they."""

import numpy as np
import pytest

from amparo.profiles.synth.structure import CHILD, HEAD, SPOUSE, people


@pytest.fixture(scope="module")
def crowd(settings):
    random = np.random.default_rng(4)
    return people(settings, random.standard_normal(20_000), random.random(20_000) < 0.5, random)


def test_every_household_has_one_head(crowd):
    heads = np.bincount(crowd.household[crowd.place == HEAD], minlength=20_000)
    assert (heads == 1).all()
    assert ((crowd.relation == "head") == (crowd.place == HEAD)).all()


@pytest.mark.parametrize("parent", ["mother", "father"])
def test_parents_are_at_least_fifteen_years_older_than_their_children(crowd, parent):
    of = getattr(crowd, parent)
    known = of >= 0
    apart = crowd.age[of[known]] - crowd.age[known]
    assert known.sum() > 5_000
    assert apart.min() >= 15
    assert np.quantile(apart, 0.99) < 52


def test_mothers_are_women_and_fathers_men_of_the_same_household(crowd):
    for of, female in ((crowd.mother, True), (crowd.father, False)):
        known = of >= 0
        assert (crowd.is_female[of[known]] == female).all()
        assert (crowd.household[of[known]] == crowd.household[known]).all()


def test_spouses_name_each_other(crowd):
    married = np.flatnonzero(crowd.spouse >= 0)
    assert (crowd.spouse[crowd.spouse[married]] == married).all()
    assert (crowd.age[married] >= 16).all()


def test_nobody_is_unborn_and_nobody_is_older_than_people_get(crowd):
    assert crowd.age.min() >= 0
    assert crowd.age.max() < 105


def test_there_are_households_of_every_kind(crowd):
    has = {
        relation: np.bincount(crowd.household[crowd.relation == relation], minlength=20_000) > 0
        for relation in np.unique(crowd.relation)
    }
    alone = crowd.size == 1
    elder = np.bincount(crowd.household, weights=crowd.age >= 65, minlength=20_000) > 0
    shares = {
        "couple with children": (has["spouse"] & has["child"]).mean(),
        "single parent": (~has["spouse"] & has["child"]).mean(),
        "elder alone": (alone & elder).mean(),
        "three generations": ((has["child"] & has["grandchild"]) | (has["parent"] & has["child"])).mean(),
        "skipped generation": (has["grandchild"] & ~has["child"]).mean(),
    }
    assert all(share > 0.01 for share in shares.values()), shares
    assert shares["couple with children"] > 0.25


def test_the_ages_are_those_of_a_young_country(crowd):
    assert 0.28 < (crowd.age < 15).mean() < 0.42
    assert 0.03 < (crowd.age >= 65).mean() < 0.12


def test_poorer_mothers_have_more_children(settings):
    def children(welfare: float) -> float:
        crowd = people(settings, np.full(8_000, welfare), np.zeros(8_000, dtype=bool), np.random.default_rng(1))
        couples = np.unique(crowd.household[crowd.place == SPOUSE])
        return np.isin(crowd.household[crowd.place >= CHILD], couples).sum() / len(couples)

    assert children(-1.5) > children(1.5) + 0.5
