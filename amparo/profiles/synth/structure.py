"""Puts people into households: who lives with whom, how old they are, whose children they are.

Every household has places (head, spouse, eight children, …) that are taken or empty; all places of a chunk are drawn
together. Mothers are at least 15 when they give birth, and so are fathers.

Shape   one row per household in, one row per person out, in order of household and place
Units   ages in years before the day of the interview
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amparo.profiles.synth.drawing import choice
from amparo.profiles.synth.settings import Fertility, Settings

KINDS = (
    "couple",
    "single_parent",
    "alone",
    "with_parents",
    "with_married_child",
    "skipped_generation",
    "siblings",
    "extended",
)
_CHILDREN, _GRANDCHILDREN = 8, 5
HEAD, SPOUSE, CHILD = 0, 1, 2
CHILD_IN_LAW = CHILD + _CHILDREN
GRANDCHILD = CHILD_IN_LAW + 1
MOTHER = GRANDCHILD + _GRANDCHILDREN
FATHER, SIBLING, RELATIVE = MOTHER + 1, MOTHER + 2, MOTHER + 4
PLACES = RELATIVE + 1
RELATIONS = np.array(
    [
        "head",
        "spouse",
        *["child"] * _CHILDREN,
        "child_in_law",
        *["grandchild"] * _GRANDCHILDREN,
        "parent",
        "parent",
        "sibling",
        "sibling",
        "other_relative",
    ]
)
LONE_RELATIONS = ("other_relative", "not_related", "foster_child")
_YOUNGEST_PARENT = 15.5
_OLDEST = 101.0


@dataclass(frozen=True)
class People:
    """The persons of a chunk. `mother`, `father`, `spouse` are positions in these rows, -1 where not at home."""

    household: NDArray[np.int64]
    place: NDArray[np.int64]
    age: NDArray[np.float64]
    is_female: NDArray[np.bool_]
    relation: NDArray[np.str_]
    mother: NDArray[np.int64]
    father: NDArray[np.int64]
    spouse: NDArray[np.int64]
    size: NDArray[np.int64]


@dataclass
class _Homes:
    """Places × households: whether taken, age, sex."""

    taken: NDArray[np.bool_]
    age: NDArray[np.float64]
    is_female: NDArray[np.bool_]


def people(settings: Settings, welfare: NDArray, is_urban: NDArray[np.bool_], random: np.random.Generator) -> People:
    """Return the persons of households given their welfare and whether they are urban."""
    count = len(welfare)
    homes = _Homes(
        taken=np.zeros((PLACES, count), dtype=bool),
        age=np.zeros((PLACES, count)),
        is_female=random.random((PLACES, count), dtype=np.float32) < 0.5,
    )
    head_age = 18 + 74 * random.beta(2.0, 2.9, count)
    kind = _kinds(settings, head_age, random)
    _heads(homes, kind, head_age, random)
    _couples(homes, kind, random)
    lives = _Lives(settings.fertility, welfare, is_urban)
    _children(homes, kind, lives, random)
    _married_children(homes, kind, lives, random)
    _grandchildren_alone(homes, kind, random)
    _parents_and_siblings(homes, kind, random)
    _others(homes, kind, random)
    return _flattened(homes, random)


def _kinds(settings: Settings, head_age: NDArray, random: np.random.Generator) -> NDArray[np.int8]:
    found = np.zeros(len(head_age), dtype=np.int8)
    for since, shares in sorted(settings.structure.items()):
        these = head_age >= since
        found[these] = choice(tuple(shares.get(each, 0.0) for each in KINDS), int(these.sum()), random)
    return found


def _is(kind: NDArray[np.int8], *names: str) -> NDArray[np.bool_]:
    return np.isin(kind, [KINDS.index(each) for each in names])


def _heads(homes: _Homes, kind: NDArray, head_age: NDArray, random: np.random.Generator) -> None:
    homes.taken[HEAD] = True
    homes.age[HEAD] = np.where(_is(kind, "skipped_generation"), np.maximum(head_age, 52), head_age)
    female = np.full(len(kind), 0.18)
    female[_is(kind, "single_parent")] = 0.86
    female[_is(kind, "alone")] = np.where(head_age[_is(kind, "alone")] > 55, 0.64, 0.35)
    female[_is(kind, "skipped_generation")] = 0.7
    homes.is_female[HEAD] = random.random(len(kind)) < female


def _couples(homes: _Homes, kind: NDArray, random: np.random.Generator) -> None:
    """Husbands are about four years older; of the elders some are widowed."""
    count = len(kind)
    paired = _is(kind, "couple", "with_parents", "extended") | (
        _is(kind, "with_married_child", "skipped_generation") & (random.random(count) < 0.55)
    )
    older = np.where(homes.is_female[HEAD], 1, -1)  # a woman's husband is older, a man's wife is younger
    age = homes.age[HEAD] + older * np.clip(random.normal(4, 3.5, count), -4, 18)
    homes.taken[SPOUSE] = paired
    homes.age[SPOUSE] = np.clip(age, 17.5, _OLDEST)
    homes.is_female[SPOUSE] = ~homes.is_female[HEAD]


@dataclass(frozen=True)
class _Lives:
    fertility: Fertility
    welfare: NDArray
    is_urban: NDArray[np.bool_]

    def births(self, mother_age: NDArray, places: int, random: np.random.Generator) -> tuple[NDArray, NDArray]:
        """Return ages of the children a mother has borne, places × households, and which were born."""
        given, count = self.fertility, len(mother_age)
        expected = given.children + given.by_welfare * self.welfare + given.by_urban * self.is_urban
        borne = random.poisson(np.maximum(expected, 0.6))
        first = given.first_birth_age + 1.1 * self.welfare + random.normal(0, 3.2, count)
        gaps = 1.1 + random.gamma(2.0, (given.spacing_years - 1.1) / 2, (places, count))
        gaps[0] = np.maximum(first, 16.0)
        at_birth = np.cumsum(gaps, axis=0)
        order = np.arange(places)[:, None]
        return mother_age - at_birth, (order < borne) & (at_birth < 46) & (at_birth <= mother_age)


def _mother_age(homes: _Homes, first: int, second: int) -> NDArray:
    """The age at which the couple's births are counted: the mother's, or the father's where he is the younger."""
    both = homes.taken[second]
    mother = np.where(homes.is_female[first] | ~both, homes.age[first], homes.age[second])
    return np.where(both, np.minimum(mother, np.minimum(homes.age[first], homes.age[second]) + 3), mother)


def _children(homes: _Homes, kind: NDArray, lives: _Lives, random: np.random.Generator) -> None:
    """Children live at home until about the leaving age."""
    with_children = _is(kind, "couple", "single_parent", "with_parents", "with_married_child", "extended")
    ages, born = lives.births(_mother_age(homes, HEAD, SPOUSE), _CHILDREN, random)
    leaving = np.maximum(random.normal(lives.fertility.leaving_age, 4, ages.shape), 16)
    rows = slice(CHILD, CHILD + _CHILDREN)
    youngest_parent = np.where(homes.taken[SPOUSE], np.minimum(homes.age[HEAD], homes.age[SPOUSE]), homes.age[HEAD])
    homes.age[rows] = ages
    homes.taken[rows] = with_children & born & (ages < leaving) & (youngest_parent - ages >= _YOUNGEST_PARENT)


def _married_children(homes: _Homes, kind: NDArray, lives: _Lives, random: np.random.Generator) -> None:
    """In three generations under one roof, a grown child has a spouse and children here."""
    count = len(kind)
    here = _is(kind, "with_married_child")
    youngest = np.where(homes.taken[SPOUSE], np.minimum(homes.age[HEAD], homes.age[SPOUSE]), homes.age[HEAD])
    grown = np.clip(youngest - np.clip(random.normal(24, 4, count), 16, 42), 19, 62)
    here &= youngest - grown >= _YOUNGEST_PARENT
    homes.taken[CHILD] |= here
    homes.age[CHILD] = np.where(here, grown, homes.age[CHILD])
    homes.taken[CHILD_IN_LAW] = here & (random.random(count) < 0.8)
    homes.age[CHILD_IN_LAW] = np.clip(homes.age[CHILD] + random.normal(0, 3.5, count), 18, 70)
    homes.is_female[CHILD_IN_LAW] = ~homes.is_female[CHILD]
    ages, born = lives.births(_mother_age(homes, CHILD, CHILD_IN_LAW), _GRANDCHILDREN, random)
    parent = np.where(
        homes.taken[CHILD_IN_LAW], np.minimum(homes.age[CHILD], homes.age[CHILD_IN_LAW]), homes.age[CHILD]
    )
    rows = slice(GRANDCHILD, GRANDCHILD + _GRANDCHILDREN)
    homes.age[rows] = ages
    homes.taken[rows] = here & born & (ages < 21) & (parent - ages >= _YOUNGEST_PARENT)


def _grandchildren_alone(homes: _Homes, kind: NDArray, random: np.random.Generator) -> None:
    """Children whose parents are away live with their grandparents."""
    here = _is(kind, "skipped_generation")
    for place, chance in zip(range(GRANDCHILD, GRANDCHILD + 4), (1.0, 0.6, 0.35, 0.15), strict=True):
        age = random.uniform(0, 17, len(kind))
        homes.age[place] = np.where(here, age, homes.age[place])
        homes.taken[place] |= here & (random.random(len(kind)) < chance) & (homes.age[HEAD] - age >= 33)


def _parents_and_siblings(homes: _Homes, kind: NDArray, random: np.random.Generator) -> None:
    count = len(kind)
    for place, sex, apart, chance in ((MOTHER, True, 25, 0.8), (FATHER, False, 29, 0.45)):
        homes.age[place] = homes.age[HEAD] + np.clip(random.normal(apart, 5, count), 16, 48)
        homes.is_female[place] = sex
        homes.taken[place] = _is(kind, "with_parents") & (homes.age[place] < _OLDEST) & (random.random(count) < chance)
    for place, chance in ((SIBLING, 1.0), (SIBLING + 1, 0.4)):
        homes.age[place] = np.clip(homes.age[HEAD] + random.normal(-3, 4, count), 8, 90)
        homes.taken[place] = _is(kind, "siblings") & (random.random(count) < chance)


def _others(homes: _Homes, kind: NDArray, random: np.random.Generator) -> None:
    homes.age[RELATIVE] = random.uniform(3, 72, len(kind))
    homes.taken[RELATIVE] = _is(kind, "extended")


def _flattened(homes: _Homes, random: np.random.Generator) -> People:
    household, place = np.nonzero(homes.taken.T)
    row = np.full((PLACES, homes.taken.shape[1]), -1, dtype=np.int64)
    row[place, household] = np.arange(len(place))
    mother, father, spouse = (np.full(len(place), -1, dtype=np.int64) for _ in range(3))
    for parents, children in _LINKS:
        of = np.isin(place, children)
        for each in parents:
            found = row[each, household[of]]
            female = homes.is_female[each, household[of]]
            mother[of] = np.where((found >= 0) & female, found, mother[of])
            father[of] = np.where((found >= 0) & ~female, found, father[of])
    for one, other in ((HEAD, SPOUSE), (CHILD, CHILD_IN_LAW), (MOTHER, FATHER)):
        for here, there in ((one, other), (other, one)):
            of = place == here
            spouse[of] = row[there, household[of]]
    age = homes.age[place, household]
    return People(
        household=household,
        place=place,
        age=age,
        is_female=homes.is_female[place, household],
        relation=_relations(place, age, random),
        mother=mother,
        father=father,
        spouse=spouse,
        size=homes.taken.sum(axis=0),
    )


_LINKS = (
    ((HEAD, SPOUSE), list(range(CHILD, CHILD + _CHILDREN))),
    ((CHILD, CHILD_IN_LAW), list(range(GRANDCHILD, GRANDCHILD + _GRANDCHILDREN))),
    ((MOTHER, FATHER), [HEAD, SIBLING, SIBLING + 1]),
)


def _relations(place: NDArray[np.int64], age: NDArray, random: np.random.Generator) -> NDArray[np.str_]:
    """Each place's relation to the head; a lone child among others may be a foster child."""
    found = RELATIONS[place]
    lone = np.flatnonzero(place == RELATIVE)
    drawn = choice((0.62, 0.28, 0.10), len(lone), random)
    drawn[(drawn == 2) & (age[lone] >= 18)] = 0
    found = found.astype("U16")
    found[lone] = np.array(LONE_RELATIONS)[drawn]
    return found
