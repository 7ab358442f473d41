"""Reads of who is covered, by life-cycle group, and of who receives two benefits at once, as they were counted last.

Shape   one row per life-cycle group and area, or per pair of programmes, each with all below
Units   persons; homes
Nulls   nothing was counted yet: no rows. Whoever runs programmes is told none of it: it rests on what others give
"""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from amparo.programmes import models
from amparo.programmes.lifecycle import COLUMNS, OTHER, UNKNOWN
from amparo.programmes.queries.gaps import Ranges, Untold, summed, untold_about
from amparo.programmes.rulebook import life_groups
from amparo.programmes.types import CoverageCount, CoverageKind, GroupExclusionCount, OverlapCount, Reach
from amparo.trust.scope import where
from amparo.trust.types import Actor, Permission

_SUMS = ", ".join(f"sum(c.{each})::bigint" for each in ("persons", *COLUMNS))
_COVERED = f"""
    SELECT c.life_group, a.first, {_SUMS} FROM unnest(%s::bigint[], %s::bigint[]) a (first, last)
    JOIN programmes_groupcoverage c ON c.coverage_id = %s AND c.area_number BETWEEN a.first AND a.last AND {{condition}}
    GROUP BY c.life_group, a.first
"""
_EXCLUDED = """
    SELECT e.life_group, a.first, sum(e.persons)::bigint, sum(e.near)::bigint, sum(e.unknown)::bigint, sum(e.beyond)::bigint
    FROM unnest(%s::bigint[], %s::bigint[]) a (first, last)
    JOIN programmes_groupexclusion e ON e.coverage_id = %s AND e.area_number BETWEEN a.first AND a.last AND {condition}
    GROUP BY e.life_group, a.first
"""
_OVERLAPS = """
    SELECT o.first, o.second, o.overlap, sum(o.households)::bigint FROM programmes_overlap o
    WHERE o.run_id = %s AND o.area_number BETWEEN %s AND %s AND {condition}
    GROUP BY o.first, o.second, o.overlap ORDER BY o.first COLLATE "C", o.second COLLATE "C", o.overlap
"""


def life_group_codes() -> list[str]:
    """Return the codes of the life-cycle groups in their order, and after them those of nobody's group and of unknown."""
    return [*(code for code, _ in life_groups()), OTHER, UNKNOWN]


def coverage_counts(areas: Ranges, *, by: Actor) -> list[CoverageCount]:
    """Return, of each life-cycle group and each (number, last number), who is covered, in the groups' order.

    A group that nobody is in stands there with nobody; one that the country states no more stands at the end while counted.
    """
    by = by.narrowed(Permission.READ_FIGURES)
    rows = (
        None
        if by.scope.is_of_programmes
        else summed(CoverageKind.COVERED, _COVERED, models.GroupCoverage, "c", areas, by)
    )
    if rows is None:
        return []
    found = {
        (code, first): CoverageCount(code, first, Reach(persons, *each[:3]), Reach(persons, *each[3:]))
        for code, first, persons, *each in rows
    }
    codes = _with_former([code for code, _ in found])
    return [found.get((code, first), CoverageCount(code, first)) for first, _ in areas for code in codes]


def group_exclusion_counts(areas: Ranges, *, by: Actor) -> list[GroupExclusionCount]:
    """Return, of each life-cycle group and each (number, last number), whose home receives nothing, by reason."""
    by = by.narrowed(Permission.READ_FIGURES)
    rows = (
        None
        if by.scope.is_of_programmes
        else summed(CoverageKind.EXCLUDED, _EXCLUDED, models.GroupExclusion, "e", areas, by)
    )
    if not rows:
        return []
    found = {(code, first): GroupExclusionCount(code, first, *each) for code, first, *each in rows}
    codes = _with_former([code for code, _ in found])
    return [found.get((code, first), GroupExclusionCount(code, first)) for first, _ in areas for code in codes]


def overlaps_classed() -> date | None:
    """Return the day of which overlaps were classed last; None before the first time."""
    row = _latest_run()
    return row[1] if row else None


def overlap_counts(first: int, last: int, *, by: Actor) -> list[OverlapCount]:
    """Return, of an area and all below it, each pair of programmes that some home receives at once, by class.

    A programme beside itself is how many homes receive it at all.
    """
    by = by.narrowed(Permission.READ_FIGURES)
    latest = None if by.scope.is_of_programmes else _latest_run()
    if latest is None:
        return []
    condition, scope = where(by, of=models.Overlap._meta.db_table, row="o")
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAPS.format(condition=condition), [latest[0], first, last, *scope])
        return [OverlapCount(*row) for row in cursor.fetchall()]


def untold_of_overlaps(number: int, *, by: Actor) -> Untold | None:
    """As `gaps.untold`, of one area and by pair and class (`untelling.overlap_code`)."""
    by = by.narrowed(Permission.READ_FIGURES)
    latest = _latest_run()
    return None if latest is None or not latest[2] else untold_about(latest[0], [number], by=by)


def _latest_run():
    return models.OverlapRun.objects.order_by("-classed_at").values_list("id", "day", "is_weighed").first()


def _with_former(counted: Sequence[str]) -> list[str]:
    """Return the codes of today's groups and of those that were counted and are none any more."""
    codes = life_group_codes()
    return [*codes, *sorted({*counted} - {*codes})]
