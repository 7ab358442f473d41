"""Of which areas it is not told how many homes receive two programmes at once. No database here.

Shape   each two programmes and how they go together, with the homes of each area; the areas of which it is not told out
Units   homes, each area's own; those of the areas inside are added up here
Nulls   one beside itself, of class "": who receives it at all
Source  `kernel.disclosure`; docs/decisions/0046-small-counts.md
"""

from collections.abc import Mapping, Sequence

from amparo.kernel.disclosure import summed, tells, untold

Pairs = Mapping[tuple[str, str, str], Mapping[int, int]]


def overlap_code(first: str, second: str, overlap: str) -> str:
    """Return what a pair of programmes of a class is kept under; of one beside itself the class is empty."""
    return f"{first}+{second}+{overlap}"


def overlaps_untold(parents: Mapping[int, int | None], own: Pairs) -> dict[str, set[int]]:
    """Return by pair and class the areas of which it is not told how many homes receive both.

    Nor is it told where, with who receives one of them at all, it would tell who receives but one: of this class, or of any.
    A pair is told only where both of its programmes are.
    """
    alone = {one: counts for (one, other, _), counts in own.items() if one == other}
    hidden = {one: untold(parents, summed(parents, {area: [n] for area, n in of.items()})) for one, of in alone.items()}
    found = {overlap_code(one, one, ""): areas for one, areas in hidden.items()}
    for (one, other, overlap), of in own.items():
        if one != other:
            beside = alone.get(one, {}), alone.get(other, {})
            both = [counts for (a, b, _), counts in own.items() if (a, b) == (one, other)]
            also = hidden.get(one, set()) | hidden.get(other, set())
            found[overlap_code(one, other, overlap)] = _pair_untold(parents, of, beside, both, also)
    return found


def _pair_untold(
    parents: Mapping[int, int | None],
    of: Mapping[int, int],
    beside: tuple[Mapping[int, int], ...],
    both: Sequence[Mapping[int, int]],
    also: set[int],
) -> set[int]:
    """Where nobody receives one of the two, nobody receives both, and all can see it: such an area covers no other.

    What is left of who receives but one must not be small either, of all homes; areas where it is are left out till none is.
    """
    areas = {*of, *beside[0], *beside[1]}
    whole = summed(parents, {area: pair_parts(area, of, beside, both) for area in areas})
    where = {area for area in areas if all(each.get(area) for each in beside)}
    possible = summed(parents, {area: pair_parts(area, of, beside, both) for area in where})
    also = also | {area for area, counts in whole.items() if tells(*counts)}
    while True:
        hidden = untold(parents, possible, also=also)
        small = _small(parents, whole, hidden)
        if not small:
            return hidden
        also = hidden | small


def _small(parents: Mapping[int, int | None], counts: Mapping[int, Sequence[int]], hidden: set[int]) -> set[int]:
    """Return the told areas of which something small is left when all that is told inside is taken from their counts."""
    left = {area: list(counts[area]) for area in parents if area not in hidden}
    for area, parent in parents.items():
        if area in left and parent in left:
            left[parent] = [whole - inside for whole, inside in zip(left[parent], counts[area], strict=True)]
    return {area for area, each in left.items() if tells(*each)}


def pair_parts(
    area: int, of: Mapping[int, int], beside: tuple[Mapping[int, int], ...], both: Sequence[Mapping[int, int]]
) -> tuple[int, ...]:
    """Return who receives both in this class; and who receives the first, and the second, but not so, and not both at all."""
    here, all_classes = of.get(area, 0), sum(each.get(area, 0) for each in both)
    whole = [each.get(area, 0) for each in beside]
    return here, *(each - counted for counted in (here, all_classes) for each in whole)
