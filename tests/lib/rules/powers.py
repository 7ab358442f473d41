"""Whether exp, ln and pow give the same digits on both engines, and the right ones.

powers(draws=1_000_000, seed=1) -> Powers

Half of the draws are made so that the result lies beside half-way between two results, where the last bit decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from math import exp, log
from random import Random

import ibis
import pyarrow as pa

from amparo.rules.engines.columnar import values
from amparo.rules.engines.reference import evaluate
from amparo.rules.model.rule import Rule
from tests.lib.rules.tables import schema
from tests.lib.rules.world import PARAMETERS, TODAY, rule

CALLS = {
    "exp": "exp(household.area, {})",
    "ln": "ln(household.area, {})",
    "pow": "pow(household.area, household.share_farmed, {})",
}
DECIMALS = (0, 2, 4, 6, 10)
_NEARLY = Decimal("1e-13")  # of the result: beside half-way both neighbours are right


@dataclass
class Powers:
    """`known`: draws with a result; `differ`, `wrong`: a line for each that differs by engine, or from the true value."""

    draws: int = 0
    known: int = 0
    differ: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def powers(*, draws: int, seed: int) -> Powers:
    """Draw arguments, reckon each call on both engines, and hold the results to each other and to decimals of 50 digits."""
    draw, found = Random(seed), Powers()
    each = max(draws // (len(CALLS) * len(DECIMALS)), 1)
    for way, text in CALLS.items():
        for decimals in DECIMALS:
            _compare(
                found, way, decimals, rule(text.format(decimals), gives="number"), _drawn(draw, way, decimals, each)
            )
    return found


def _drawn(draw: Random, way: str, decimals: int, count: int) -> list[tuple[float, float]]:
    return [_beside_half(draw, way, decimals) if draw.random() < 0.5 else _anywhere(draw, way) for _ in range(count)]


def _anywhere(draw: Random, way: str) -> tuple[float, float]:
    match way:
        case "exp":
            return draw.choice([draw.uniform(-45, 31), draw.uniform(-1, 1), draw.gauss(0, 300)]), 0.0
        case "ln":
            return draw.choice(
                [10 ** draw.uniform(-310, 308), draw.uniform(0, 3), -draw.random(), 2.0 ** draw.randint(-9, 9)]
            ), 0.0
    return draw.choice([10 ** draw.uniform(-9, 9), float(draw.randint(0, 50)), draw.uniform(0, 3)]), draw.choice(
        [0.5, 2.0, -1.0, float(draw.randint(-6, 6)), draw.uniform(-3, 3)]
    )


def _beside_half(draw: Random, way: str, decimals: int) -> tuple[float, float]:
    """Return arguments whose result has half a unit after its last decimal, as nearly as doubles can say."""
    half = (draw.randint(1, 10 ** draw.randint(1, 10)) + 0.5) / 10.0**decimals
    match way:
        case "exp":
            return log(half), 0.0
        case "ln":
            return exp(min(half, 600.0) * draw.choice([1, -1])), 0.0
    y = draw.choice([0.5, 2.0, 3.0, 0.9, -0.7])
    return half ** (1 / y), y


def _compare(found: Powers, way: str, decimals: int, asked: Rule, drawn: list[tuple[float, float]]) -> None:
    for (x, y), columnar in zip(drawn, _by_columns(asked, drawn), strict=True):
        record = {"household": {"area": x, "share_farmed": y}, "members": []}
        reference = evaluate(asked, record, on=TODAY, parameters=PARAMETERS)
        found.draws += 1
        found.known += reference is not None
        if repr(reference) != repr(columnar):
            found.differ.append(f"{asked.text} of {x!r}, {y!r}: reference {reference}, columnar {columnar}")
        if reference is not None and not _is_right(way, decimals, x, y, Decimal(reference)):
            found.wrong.append(f"{asked.text} of {x!r}, {y!r}: {reference}")


def _by_columns(asked: Rule, drawn: list[tuple[float, float]]) -> Iterator[float | None]:
    rows = [
        {"household_id": str(number), "size": 0, "area": x, "share_farmed": y, "members": []}
        for number, (x, y) in enumerate(drawn)
    ]
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=schema()))
    computed = values(table, {"value": asked}, on=TODAY, parameters=PARAMETERS).to_pyarrow().to_pydict()
    by_key = dict(zip(computed["household_id"], computed["value"], strict=True))
    return (by_key[str(number)] for number in range(len(drawn)))


def _is_right(way: str, decimals: int, x: float, y: float, found: Decimal) -> bool:
    with localcontext(prec=50):
        true = _true(way, Decimal(x), Decimal(y))
        unit = Decimal(1).scaleb(-decimals)
        nearest = true.quantize(unit, rounding=ROUND_HALF_EVEN)
        digits = found.quantize(unit)
        return digits == nearest or abs(abs(true - digits) - unit / 2) <= abs(true) * _NEARLY


def _true(way: str, x: Decimal, y: Decimal) -> Decimal:
    match way:
        case "exp":
            return x.exp()
        case "ln":
            return x.ln()
    return x**y if x else Decimal(0)
