"""Which small counts are not told, worked out once for the whole country when it was counted, so that every page says the same.

Shape   what was counted, by a code and area, in; rows of `programmes_untold` out: of each code the areas of which it is not told
Units   whatever was counted; each area's own, without those inside, is added up here
Nulls   who is in danger lies in no area and is in no count
Source  `kernel.disclosure`
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from amparo.kernel.disclosure import parents_of, summed, untold
from amparo.programmes import models
from amparo.programmes.pairs_untold import overlaps_untold
from amparo.programmes.publishing import BULK
from amparo.programmes.types import CoverageKind, Rate
from amparo.trust.queries import area_ranges

Own = Mapping[str, Mapping[int, Sequence[int]]]
_AT_ONCE = 5_000


def gap_parts(eligible: int, missed: int) -> tuple[int, ...]:
    return eligible, missed, eligible - missed


def exclusion_parts(whole: int, near: int, unknown: int, beyond: int) -> tuple[int, ...]:
    return whole, whole - near - unknown - beyond, near, unknown, beyond


def coverage_parts(persons: int, *by_kind: int) -> tuple[int, ...]:
    """Return persons, whom only their home lets be reached, and by direct and by reached: assistance, insurance, both, none."""
    direct, reached = by_kind[:3], by_kind[3:]
    return persons, sum(reached) - sum(direct), *direct, persons - sum(direct), *reached, persons - sum(reached)


def note_coverage(row: models.Coverage) -> None:
    """Write which areas are not told of what was counted, in the caller's transaction."""
    parents = parents_of(area_ranges(using=BULK))
    for code, own in _counted(row).items():
        counts = summed(parents, own)
        hidden = untold(parents, {area: each[:1] for area, each in counts.items()})
        _write(row.id, code, hidden, untold(parents, counts, also=hidden))
    row.is_weighed = True
    row.save(using=BULK, update_fields=["is_weighed"])


def note_measurement(row: models.Measurement, rates: Mapping[int, Mapping[str, Rate]]) -> None:
    """The same of an index, of the areas that it is about; each area's rates are all of it."""
    ranges = [each for each in area_ranges(using=BULK) if each[0] in rates]
    counts = {area: [part for each in rates[area].values() for part in rate_parts(each)] for area, _ in ranges}
    _write(row.id, "", set(), untold(parents_of(ranges), counts))
    row.is_weighed = True
    row.save(using=BULK, update_fields=["is_weighed"])


def note_overlaps(row: models.OverlapRun) -> None:
    """The same of who receives two programmes at once, by pair and class, and of who receives each at all."""
    parents = parents_of(area_ranges(using=BULK))
    own = _overlaps(row)
    for code, hidden in overlaps_untold(parents, own).items():
        _write(row.id, code, hidden, hidden)
    row.is_weighed = True
    row.save(using=BULK, update_fields=["is_weighed"])


def _overlaps(row: models.OverlapRun) -> dict[tuple[str, str, str], dict[int, int]]:
    found: dict[tuple[str, str, str], dict[int, int]] = {}
    rows = models.Overlap.objects.using(BULK).filter(run=row, area_number__gte=0)
    for first, second, overlap, area, homes in rows.values_list(
        "first", "second", "overlap", "area_number", "households"
    ):
        of = found.setdefault((first, second, overlap), {})
        of[area] = of.get(area, 0) + homes
    return found


def rate_parts(rate: Rate) -> tuple[int, ...]:
    return rate.met, rate.of - rate.met, rate.unknown


def _counted(row: models.Coverage) -> Own:
    """Return code → area → counts: of each programme, of each life-cycle group, and "" of all households."""
    found: dict[str, dict[int, Sequence[int]]] = {}
    for code, area, parts in _rows(row):
        before = found.setdefault(code, {}).get(area)
        found[code][area] = parts if before is None else [a + b for a, b in zip(before, parts, strict=True)]
    return found


def _rows(row: models.Coverage) -> Iterator[tuple[str, int, Sequence[int]]]:
    asked = {"coverage": row, "area_number__gte": 0}
    if row.kind == CoverageKind.GAPS:
        rows = models.Gap.objects.using(BULK).filter(**asked)
        for code, area, *counts in rows.values_list("programme__code", "area_number", "eligible", "missed"):
            yield code, area, gap_parts(*counts)
    elif row.kind == CoverageKind.COVERED:
        kinds = [f"{how}_{kind}" for how in ("direct", "reached") for kind in ("assistance", "insurance", "both")]
        rows = models.GroupCoverage.objects.using(BULK).filter(**asked)
        for code, area, *counts in rows.values_list("life_group", "area_number", "persons", *kinds):
            yield code, area, coverage_parts(*counts)
    else:
        reasons = ("near", "unknown", "beyond")
        rows = models.Exclusion.objects.using(BULK).filter(**asked)
        for area, *counts in rows.values_list("area_number", "households", *reasons):
            yield "", area, exclusion_parts(*counts)
        groups = models.GroupExclusion.objects.using(BULK).filter(**asked)
        for code, area, *counts in groups.values_list("life_group", "area_number", "persons", *reasons):
            yield code, area, exclusion_parts(*counts)


def _write(about: UUID, code: str, whole: set[int], parts: set[int]) -> None:
    rows: list[Any] = [
        models.Untold(about_id=about, code=code, area_number=area, is_whole=area in whole) for area in sorted(parts)
    ]
    models.Untold.objects.using(BULK).bulk_create(rows, batch_size=_AT_ONCE)
