"""Draws columns by the thousand: every field follows what `synth.toml` says it follows, and chance.

Shape   one value per household or person of a chunk
Nulls   what was not said, and what was not asked
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from amparo.profiles.synth.settings import FieldDraw, Shares

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """Values with their unknowns. `options` are the codes that whole numbers stand for, or None."""

    values: NDArray
    unknown: Mask
    options: tuple | None = None

    def among(self, wanted: tuple) -> Mask:
        """Where the value is one of those wanted; an unknown one is not."""
        if self.options is None:
            return ~self.unknown & np.isin(self.values, np.array(wanted))
        positions = [index for index, option in enumerate(self.options) if option in wanted]
        return ~self.unknown & np.isin(self.values, positions)

    def arrow(self) -> pa.Array:
        if self.options is None:
            return pa.array(self.values, mask=self.unknown)
        return pa.array(self.options).take(pa.array(self.values, mask=self.unknown))


@dataclass
class Rows:
    """The households or persons of one chunk: latents that draws follow, and the columns drawn so far."""

    count: int
    latents: dict[str, NDArray]
    columns: dict[str, Column] = field(default_factory=dict)
    ages: NDArray | None = None
    is_female: Mask | None = None


def draw_all(fields: tuple[FieldDraw, ...], rows: Rows, random: np.random.Generator) -> None:
    """Draw every field in order and add it to the rows' columns."""
    for each in fields:
        rows.columns[each.name] = draw(each, rows, random)


def draw(one: FieldDraw, rows: Rows, random: np.random.Generator) -> Column:
    """Return one drawn column. Who is not asked gets `otherwise`, or is unknown."""
    if one.chance:
        options = tuple(_typed(each) for each in one.shares)
        values = choice(tuple(one.shares.values()), rows.count, random)
    elif one.shares is not None:
        options = tuple(_typed(each) for each in one.shares)
        values = rungs(mixed(one.by, rows, random), tuple(one.shares.values()))
    elif one.share is not None:
        options, values = None, mixed(one.by, rows, random) > -_quantile(one.share)
    else:
        options, values = None, _amounts(one, rows, random)
    unknown = _unsaid(one, rows, random)
    return _where_asked(one, rows, values, unknown, options)


def mixed(by: Shares, rows: Rows, random: np.random.Generator) -> Floats:
    """Return a standard normal score that follows the latents with their weights, and chance with weight 1."""
    score = random.standard_normal(rows.count, dtype=np.float32)
    for name, weight in by.items():
        score += np.float32(weight) * rows.latents[name]
    return score / np.float32(np.sqrt(1 + sum(weight * weight for weight in by.values())))


def rungs(score: Floats, shares: tuple[float, ...]) -> NDArray[np.int8]:
    """Return the rung of a ladder for each score: the lowest scores on the first."""
    limits = np.array([_quantile(min(total, 1.0)) for total in np.cumsum(shares)[:-1]], dtype=np.float32)
    return np.searchsorted(limits, score).astype(np.int8)


def choice(shares: tuple[float, ...], count: int, random: np.random.Generator) -> NDArray[np.int8]:
    """Return positions drawn by their shares."""
    limits = np.cumsum(shares)[:-1].astype(np.float32)
    return np.searchsorted(limits, random.random(count, dtype=np.float32), side="right").astype(np.int8)


def _amounts(one: FieldDraw, rows: Rows, random: np.random.Generator) -> NDArray:
    score = mixed(one.by, rows, random)
    if one.none:
        limit = _quantile(one.none)
        nothing = score < limit
        score = np.maximum(score - np.float32(limit), 0)  # among those who have some, the score begins anew
    values = np.exp(np.float32(one.spread) * score) * np.float32(one.median)
    values = np.round(values / one.step) * one.step
    values = np.clip(values, max(one.least, one.step if one.none else 0), one.most)
    if one.at_most:
        values = np.minimum(values, np.maximum(rows.columns[one.at_most].values, one.least))
    if one.none:
        values[nothing] = 0
    return np.round(values, 2) if one.step < 1 else values.astype(np.int64)


def _unsaid(one: FieldDraw, rows: Rows, random: np.random.Generator) -> Mask:
    if not one.missing:
        return np.zeros(rows.count, dtype=bool)
    if not one.missing_by:
        return random.random(rows.count, dtype=np.float32) < one.missing
    return mixed(one.missing_by, rows, random) > -_quantile(one.missing)


def _where_asked(one: FieldDraw, rows: Rows, values: NDArray, unknown: Mask, options: tuple | None) -> Column:
    asked = _asked(one, rows)
    if asked is None:
        return Column(values, unknown, options)
    if one.otherwise is None:
        return Column(values, unknown | ~asked, options)
    if options is not None and one.otherwise not in options:
        options = (*options, one.otherwise)
    values[~asked] = one.otherwise if options is None else options.index(one.otherwise)
    return Column(values, unknown & asked, options)


def _asked(one: FieldDraw, rows: Rows) -> Mask | None:
    """Who is asked; None when everybody is."""
    asked = np.ones(rows.count, dtype=bool)
    if one.ages:
        asked &= (rows.ages >= one.ages[0]) & (rows.ages <= one.ages[1])
    if one.sex:
        asked &= rows.is_female == (one.sex == "female")
    for name, wanted in one.only.items():
        asked &= rows.columns[name].among(wanted)
    for name, unwanted in one.unless.items():
        asked &= ~rows.columns[name].among(unwanted)
    return asked if one.ages or one.sex or one.only or one.unless else None


def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(min(max(share, 1e-9), 1 - 1e-9))


def _typed(code: str) -> str | int:
    """A ladder of whole numbers draws numbers."""
    return int(code) if code.isdigit() else code


def text(*parts: pa.Array | str) -> pa.Array:
    """Return parts joined into one text; unknown where a part is."""
    return pc.binary_join_element_wise(*(pa.scalar(each) if isinstance(each, str) else each for each in parts), "")


def padded(numbers: NDArray[np.int64], width: int) -> pa.Array:
    """Return numbers as texts of one width, with leading zeros."""
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width=width, padding="0")


def columns_of(rows: Rows) -> Mapping[str, pa.Array]:
    return {name: column.arrow() for name, column in rows.columns.items()}
