"""What rules refer to, and whose it is: nothing of one area's decides anywhere else. No database here.

A rule refers only to what is the nation's, or is decided by an area around its programme's own.

Shape   `Named` is a kind, "programme" or "parameter", and a code; `Areas` the area of each that an area decides by itself
Nulls   what is in no line of `Areas` is the nation's
Errors  none: the callers say what is wrong in their own words
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from amparo.programmes.config import ParameterConfig, ProgrammeConfig, RuleVersion
from amparo.rules.model.rule import ProgrammeRule, Rule

PROGRAMME, PARAMETER = "programme", "parameter"
Named = tuple[str, str]
Areas = Mapping[Named, str]
LiesIn = Callable[[str, str], bool]  # whether the first area is the second one or lies in it


def areas(programmes: Sequence[ProgrammeConfig], parameters: Sequence[ParameterConfig]) -> Areas:
    """Return what areas decide by themselves."""
    found = {(PROGRAMME, each.code): each.enrolment.area for each in programmes}
    found |= {(PARAMETER, each.name): each.area for each in parameters}
    return {name: area for name, area in found.items() if area is not None}


def named(rule: ProgrammeRule, keys: Iterable[Rule] = (), version: RuleVersion | None = None) -> set[Named]:
    """Return the figures and programmes that a rule, its order or its places refer to, also through what they refer to."""
    parts = [rule, *keys]
    places = version.ranking.quota.places if version and version.ranking else None
    found = {(PARAMETER, name) for each in parts for name in each.parameters}
    found |= {(PROGRAMME, node.name) for each in parts for node in each.stated if node.kind == PROGRAMME}
    return found | ({(PARAMETER, places)} if isinstance(places, str) else set())


def figures_in(refers: Iterable[Named]) -> set[str]:
    return {name for kind, name in refers if kind == PARAMETER}


def borrowed(of: Areas, programme: str, refers: Iterable[Named], lies_in: LiesIn) -> Iterator[str]:
    """Yield the names of what a programme refers to and may not."""
    own = of.get((PROGRAMME, programme))
    for each in sorted(refers):
        area = of.get(each)
        if area is not None and (own is None or not lies_in(own, area)):
            yield each[1]


def tree(parents: Mapping[str, str | None]) -> LiesIn:
    """Return `lies_in` over area → parent, as a profile states them; a circle, which the check of areas reports, ends."""

    def lies_in(inner: str, outer: str) -> bool:
        seen = set[str]()
        at: str | None = inner
        while at is not None and at != outer and at not in seen:
            seen.add(at)
            at = parents.get(at)
        return at == outer

    return lies_in
