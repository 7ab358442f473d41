"""Which counts are not told because they are so small that it might be known who they are of; and which beside them are not either.

Shape   areas with their parents and counts in; the areas of which nothing of it is told out
Units   persons, households: whatever is counted. Each area's counts are all of it, with those of the areas inside
Nulls   zero is told: that there is nobody tells of nobody
Errors  KeyError for an area inside one that has no counts
Source  Willenborg & de Waal (2001), Elements of Statistical Disclosure Control, ch. 6: secondary suppression in hierarchical tables

What is told of an area and of those inside it, taken from each other, gives what is not told: of one area its own count, of several
their sum. So one alone is never left out, nor several whose sum is small itself; and nothing is told inside an area that is left out.
"""

from collections.abc import Iterable, Mapping, Sequence

FEWEST = 5
Counts = Sequence[int]


def tells(*counts: int) -> bool:
    """Whether one of the counts, or what is left beside it, is so small that it might be known who it is."""
    return any(0 < each < FEWEST for each in counts)


def untold(parents: Mapping[int, int | None], counts: Mapping[int, Counts], also: Iterable[int] = ()) -> set[int]:
    """Return the areas that are not told, so that none can be worked out from those that are.

    `parents`  area → the area that it lies in directly, None of the whole; each before those inside it
    `also`     areas that are not told for another reason
    """
    inside: dict[int, list[int]] = {area: [] for area in parents}
    for area, parent in parents.items():
        if parent is not None:
            inside[parent].append(area)
    hidden = {area for area in parents if tells(*counts[area])} | set(also)
    for area in reversed(list(parents)):
        if area not in hidden and not _covered(area, inside[area], counts, hidden):
            hidden.add(area)
    for area, parent in parents.items():  # from the whole on, so that what is inside what is inside follows
        if parent in hidden:
            hidden.add(area)
    return hidden


def _covered(area: int, inside: list[int], counts: Mapping[int, Counts], hidden: set[int]) -> bool:
    """Hide as many of the areas inside one as it takes that none of them is known from the others; whether that is possible."""
    visible = sorted((each for each in inside if each not in hidden), key=lambda each: (sum(counts[each]), each))
    beside = [each for each in visible if any(counts[each])]
    while not _is_safe(area, inside, counts, hidden):
        if not beside:
            return False
        hidden.add(beside.pop(0))
    return True


def _is_safe(area: int, inside: list[int], counts: Mapping[int, Counts], hidden: set[int]) -> bool:
    """Whether what is left when all that is told inside is taken from the area is neither one area's alone nor small.

    What is registered at the area itself and in none inside it is left as well, and is told of nowhere.
    """
    left_out = [counts[each] for each in inside if each in hidden and any(counts[each])]
    told = [counts[each] for each in inside if each not in hidden]
    left = [whole - sum(column) for whole, *column in zip(counts[area], *told, strict=True)]
    if tells(*left):
        return not inside  # of an area without any inside nothing is taken from it
    return not left_out or (len(left_out) > 1 and not tells(*map(sum, zip(*left_out, strict=True))))


def parents_of(ranges: Sequence[tuple[int, int]]) -> dict[int, int | None]:
    """Return area → the smallest of these that it lies in, in the order of the tree: of (number, last number) in that order."""
    found: dict[int, int | None] = {}
    above: list[tuple[int, int]] = []
    for first, last in ranges:
        while above and above[-1][1] < first:
            above.pop()
        found[first] = above[-1][0] if above else None
        above.append((first, last))
    return found


def summed(parents: Mapping[int, int | None], own: Mapping[int, Counts]) -> dict[int, list[int]]:
    """Return area → counts of it and all inside, from each area's own. What lies in an area that is none any more is in no sum."""
    width = len(next(iter(own.values()), ()))
    found = {area: list(own.get(area, [0] * width)) for area in parents}
    for area, parent in reversed(list(parents.items())):
        if parent is not None:
            found[parent] = [a + b for a, b in zip(found[parent], found[area], strict=True)]
    return found
