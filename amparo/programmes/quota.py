"""Places: how many there are, how they are shared among areas, and in what order units are ranked for them.

Shape   `seats` gives one whole number per area, and together exactly the places there are
Units   places are units (households, families, persons); weights are whole numbers of anything, alike in all areas
Nulls   none: an area without a weight is refused, because nobody in it could ever be granted
Source  largest remainder (Hamilton's method): each area first gets the whole part of its exact share; the places left over
        go one each to the largest remainders, equal ones in the order of the areas' codes
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any

from amparo.kernel.errors import Refused


class Contested(StrEnum):
    """What a unit is told whose place somebody could take about whom something is unknown."""

    GRANT = "grant"  # it is granted: the unknown keep their claim, and lose nothing when they become known
    HOLD = "hold"  # it cannot be decided yet: the place is kept free


@dataclass(frozen=True)
class Key:
    """One thing that units are ordered by: an expression of the rule language, the smallest first unless descending."""

    rule: str
    descending: bool = False


@dataclass(frozen=True)
class Share:
    """A part of the places: `percent` of them, by weight of area code → weight, or equally where there are no weights."""

    percent: int
    weights: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Quota:
    """How many places: a number, or the name of a dated parameter. With a `level`, shared among its areas."""

    places: int | str
    level: str | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Ranking:
    """Who comes first: by the keys in their order, and where all are equal by the unit's id, so that no two are equal."""

    keys: tuple[Key, ...]
    quota: Quota
    contested: Contested


def seats(places: int, shares: Collection[Share], areas: Collection[str]) -> dict[str, int]:
    """Return area code → places. Raises Refused for an area without a weight, and for weights that are all zero."""
    exact = {area: sum((_part(each, area, areas) for each in shares), Fraction(0)) * places for area in areas}
    given = {area: floor(share) for area, share in exact.items()}
    left = places - sum(given.values())
    first = sorted(areas, key=lambda area: (given[area] - exact[area], area))
    return given | {area: given[area] + 1 for area in first[:left]}


def _part(share: Share, area: str, areas: Collection[str]) -> Fraction:
    """Return an area's part of all places under one share."""
    whole = Fraction(share.percent, 100)
    if not share.weights:
        return whole / len(areas)
    weights = dict(share.weights)
    if area not in weights:
        raise Refused("programmes-quota-area-without-weight", area=area)
    total = sum(weights[each] for each in areas if each in weights)
    if total == 0:
        raise Refused("programmes-quota-without-weight")
    return whole * Fraction(weights[area], total)


def as_plain(ranking: Ranking | None) -> dict[str, Any] | None:
    """Return a ranking as the database keeps it."""
    if ranking is None:
        return None
    quota = ranking.quota
    return {
        "keys": [[each.rule, each.descending] for each in ranking.keys],
        "places": quota.places,
        "level": quota.level,
        "shares": [[each.percent, [list(pair) for pair in each.weights]] for each in quota.shares],
        "contested": ranking.contested.value,
    }


def from_plain(plain: Mapping[str, Any] | None) -> Ranking | None:
    if plain is None:
        return None
    shares = tuple(
        Share(percent, tuple((area, weight) for area, weight in weights)) for percent, weights in plain["shares"]
    )
    keys = tuple(Key(rule, descending) for rule, descending in plain["keys"])
    return Ranking(keys, Quota(plain["places"], plain["level"], shares), Contested(plain["contested"]))
