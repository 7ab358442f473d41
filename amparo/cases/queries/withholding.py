"""What counts of cases tell whoever reads no case: none that is small, and none from which a small one could be worked out.

Worked out over all areas that the reader reaches, whatever page they look at. Of what is counted in an area together, the
sum is told where each of its parts is: else it would be what they leave.

Shape   what was counted, by a code and area, in; of each code the areas of which it is not told out
Units   cases; each area's own, without those inside, are added up here
Nulls   who is in danger lies in no area and is in no count; that there are none is told
Source  `kernel.disclosure`; docs/decisions/0046-small-counts.md
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from amparo.kernel.disclosure import parents_of, summed, untold
from amparo.trust.queries import area_ranges
from amparo.trust.types import Actor

Own = Mapping[str, Mapping[int, Sequence[int]]]  # code → area → counts, of which the first is how many there are


class Told(NamedTuple):
    """Whether it is told how many there are, and what they are made of."""

    whole: bool
    parts: bool


EVERYTHING = Told(True, True)


@dataclass(frozen=True)
class Withheld:
    """By code the areas of which it is not told how many there are (`whole`), or what they are made of; and how many there are."""

    whole: Mapping[str, set[int]]
    parts: Mapping[str, set[int]]
    counts: Mapping[str, Mapping[int, int]]

    def of(self, code: str, area: int) -> Told:
        return Told(area not in self.whole.get(code, ()), area not in self.parts.get(code, ()))

    def of_all(self, area: int, counts_in: Callable[[str], bool] = lambda code: True) -> Told:
        """Return the same of all codes together that count in; what there is none of in the area takes nothing away."""
        here = [code for code, of in self.counts.items() if counts_in(code) and of.get(area)]
        told = [self.of(code, area) for code in here]
        return Told(all(each.whole for each in told), all(each.parts for each in told))


def withheld(own: Own, parents: Mapping[int, int | None]) -> Withheld:
    """Return what is not told of counts in a tree of areas."""
    whole, parts, counts = {}, {}, {}
    for code, of in own.items():
        every = summed(parents, of)
        counts[code] = {area: each[0] for area, each in every.items()}
        whole[code] = untold(parents, {area: each[:1] for area, each in every.items()})
        parts[code] = untold(parents, every, also=whole[code])
    return Withheld(whole, parts, counts)


def withheld_in_reach(rows: Iterable[tuple[str, int, Sequence[int]]], by: Actor) -> Withheld:
    """Return what is not told of (code, area, counts), in the areas that somebody reaches."""
    own: dict[str, dict[int, Sequence[int]]] = {}
    for code, area, counts in rows:
        own.setdefault(code, {})[area] = counts
    return withheld(own, parents_of([each for each in area_ranges() if by.scope.covers(each[0])]))


def year_of(day: date) -> tuple[date, date]:
    """Return the calendar year of a day: the only period told to who reads no case, since what two that overlap differ by is a count too."""
    return date(day.year, 1, 1), date(day.year, 12, 31)
