"""Reads of who is left out: counts by area as they were counted last, and the list of who is granted and does not receive.

Shape   one row per programme and area, or per area, each with all below it; a page of a list
Units   units of the programme; households
Nulls   nothing was counted yet: no rows. Whoever runs programmes is told their own gaps, and of no household whether it
        receives nothing from anybody, which is what others decided
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from amparo.programmes import models
from amparo.programmes.gaps import NOT_RECEIVING, NOT_RECEIVING_OF_OWN
from amparo.programmes.queries.decisions import Listed, Place, decisions_in
from amparo.programmes.queries.enrolments import PAGE, terms_of
from amparo.programmes.queries.runs import programme_codes
from amparo.programmes.reaching import within_area
from amparo.programmes.types import Counted, CoverageKind, ExclusionCount, GapCount
from amparo.trust.scope import where, within
from amparo.trust.types import Actor, Ground, Permission

Ranges = Sequence[tuple[int, int]]
Untold = dict[tuple[str, int], bool]

_GAPS = """
    SELECT p.code, a.first, sum(g.eligible)::bigint, sum(g.missed)::bigint
    FROM unnest(%s::bigint[], %s::bigint[]) a (first, last)
    JOIN programmes_gap g ON g.coverage_id = %s AND g.area_number BETWEEN a.first AND a.last AND {condition}
    JOIN programmes_programme p ON p.id = g.programme_id
    GROUP BY p.code, a.first
"""
_EXCLUSION = """
    SELECT a.first, sum(e.households)::bigint, sum(e.near)::bigint, sum(e.unknown)::bigint, sum(e.beyond)::bigint
    FROM unnest(%s::bigint[], %s::bigint[]) a (first, last)
    JOIN programmes_exclusion e ON e.coverage_id = %s AND e.area_number BETWEEN a.first AND a.last AND {condition}
    GROUP BY a.first
"""


def counted(kind: CoverageKind) -> Counted | None:
    """Return when it was counted last; None before the first time."""
    row = _latest(kind)
    if row is None:
        return None
    alarms = {code: (level, is_alarm) for code, (level, is_alarm) in row.alarms.items()}
    return Counted(kind, row.day, row.counted_at, row.known_at, row.alarm_percent, row.is_alarm, alarms)


def gap_counts(areas: Ranges, *, by: Actor) -> list[GapCount]:
    """Return, of each programme in `by`'s reach and each (number, last number), who is granted it and who does not receive it."""
    by = by.narrowed(Permission.READ_FIGURES)
    rows = summed(CoverageKind.GAPS, _GAPS, models.Gap, "g", areas, by)
    if rows is None:
        return []
    found = {(code, first): GapCount(code, first, *sums) for code, first, *sums in rows}
    codes = programme_codes(by=by)
    return [found.get((code, first), GapCount(code, first)) for code in codes for first, _ in areas]


def exclusion_counts(areas: Ranges, *, by: Actor) -> list[ExclusionCount]:
    """Return, of each (number, last number), the households that receive nothing from anybody, by reason."""
    by = by.narrowed(Permission.READ_FIGURES)
    if by.scope.is_of_programmes:
        return []
    rows = summed(CoverageKind.EXCLUDED, _EXCLUSION, models.Exclusion, "e", areas, by)
    if rows is None:
        return []
    found = {each[0]: ExclusionCount(*each) for each in rows}
    return [found.get(first, ExclusionCount(first)) for first, _ in areas]


def not_receiving(
    programme: str,
    first: int,
    last: int,
    *,
    by: Actor,
    under: Ground,
    on: date,
    after: Place | None = None,
    at_most: int = PAGE,
) -> list[Listed]:
    """Return a page of who is granted a programme by a decision in effect and does not receive it, from here or as told.

    As of now, so that it may differ from what was counted last. One audit row names everybody on it.
    """
    area = within_area(terms_of(programme), first, last)
    beside = NOT_RECEIVING_OF_OWN if by.scope.is_of_programmes else NOT_RECEIVING
    told = {"by": by, "under": under, "after": after, "at_most": at_most}
    return decisions_in(programme, *area, outcomes=(True,), beside=beside, asked=[on, on, on], **told)


def summed(
    kind: CoverageKind, statement: str, table: type[Model], row: str, areas: Ranges, by: Actor
) -> list[tuple[Any, ...]] | None:
    """Return what a statement adds up over each area of what was counted last; None before the first time."""
    latest = _latest(kind)
    if latest is None:
        return None
    condition, scope = where(by, of=table._meta.db_table, row=row)
    firsts, lasts = [each[0] for each in areas], [each[1] for each in areas]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(condition=condition), [firsts, lasts, latest.id, *scope])
        return cursor.fetchall()


def untold(kind: CoverageKind, numbers: Sequence[int], *, by: Actor) -> Untold | None:
    """Return (code, area number) → whether not even the whole is told, of what is not told of these areas of what was counted last.

    None: it was never worked out, and nothing is told but to who sees rows.
    """
    latest = _latest(kind)
    return None if latest is None or not latest.is_weighed else untold_about(latest.id, numbers, by=by)


def untold_about(about: UUID, numbers: Sequence[int], *, by: Actor) -> Untold:
    by = by.narrowed(Permission.READ_FIGURES)
    rows = within(models.Untold.objects.filter(about_id=about, area_number__in=list(numbers)), by)
    return {(code, area): is_whole for code, area, is_whole in rows.values_list("code", "area_number", "is_whole")}


def _latest(kind: CoverageKind) -> models.Coverage | None:
    return models.Coverage.objects.filter(kind=kind.value).order_by("-counted_at", "-id").first()
