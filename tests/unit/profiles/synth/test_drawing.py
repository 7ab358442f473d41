from dataclasses import replace

import numpy as np
import pytest

from amparo.profiles.synth.drawing import Column, Rows, choice, draw, mixed, rungs

COUNT = 40_000


@pytest.fixture
def random():
    return np.random.default_rng(9)


@pytest.fixture
def rows():
    welfare = np.random.default_rng(2).standard_normal(COUNT).astype(np.float32)
    others = {name: np.zeros(COUNT, dtype=np.float32) for name in ("urban", "frailty", "age")}
    return Rows(COUNT, {"welfare": welfare} | others, ages=np.arange(COUNT) % 90, is_female=np.arange(COUNT) % 2 == 0)


def drawn(settings, name: str):
    return next(each for each in (*settings.household, *settings.person) if each.name == name)


def test_a_ladder_has_its_shares_and_follows_welfare(settings, rows, random):
    one = replace(drawn(settings, "floor_material"), by={"welfare": 1.0}, missing=0.0)
    column = draw(one, rows, random)
    shares = np.bincount(column.values, minlength=4) / COUNT
    assert shares == pytest.approx(list(one.shares.values()), abs=0.01)
    assert rows.latents["welfare"][column.among(("tiles",))].mean() > 0.7
    assert rows.latents["welfare"][column.among(("earth",))].mean() < -0.7


def test_a_choice_has_its_shares_and_follows_nobody(random):
    assert np.bincount(choice((0.7, 0.2, 0.1), COUNT, random)) / COUNT == pytest.approx([0.7, 0.2, 0.1], abs=0.01)


def test_a_share_says_yes_as_often_as_it_says(settings, rows, random):
    one = replace(drawn(settings, "has_radio"), by={"welfare": 0.4}, missing=0.0)
    assert draw(one, rows, random).values.mean() == pytest.approx(one.share, abs=0.01)


def test_an_amount_has_its_median_among_those_who_have_some(settings, rows, random):
    one = replace(drawn(settings, "rent_per_month"), only={}, missing=0.0, by={"welfare": 0.9}, none=0.0)
    values = draw(one, rows, random).values
    assert np.median(values) == pytest.approx(one.median, rel=0.05)
    assert (values % 10 == 0).all()
    assert (draw(replace(one, none=0.4), rows, random).values == 0).mean() == pytest.approx(0.4, abs=0.01)


def test_who_is_not_asked_has_the_other_value_or_is_unknown(settings, rows, random):
    pregnant = draw(drawn(settings, "pregnant"), rows, random)
    outside = ~rows.is_female | (rows.ages < 14) | (rows.ages > 48)
    assert not pregnant.values[outside].any()
    assert not pregnant.unknown[outside].any()
    seeing = draw(drawn(settings, "difficulty_seeing"), rows, random)
    assert seeing.unknown[rows.ages < 5].all()


def test_what_is_missing_is_as_much_as_said(settings, rows, random):
    one = replace(drawn(settings, "debt"), missing=0.08, missing_by={"welfare": 1.0}, by={})
    column = draw(one, rows, random)
    assert column.unknown.mean() == pytest.approx(0.08, abs=0.01)
    assert rows.latents["welfare"][column.unknown].mean() > 0.7


def test_a_score_is_standard_whatever_it_follows(rows, random):
    score = mixed({"welfare": 2.5}, rows, random)
    assert (score.mean(), score.std()) == pytest.approx((0, 1), abs=0.03)


def test_the_lowest_score_stands_on_the_first_rung():
    assert rungs(np.array([-9, 0.1, 9], dtype=np.float32), (0.5, 0.3, 0.2)).tolist() == [0, 1, 2]


def test_an_unknown_is_among_nothing():
    column = Column(np.array([0, 1]), np.array([True, False]), ("a", "b"))
    assert column.among(("a", "b")).tolist() == [False, True]
    assert column.arrow().to_pylist() == [None, "b"]
