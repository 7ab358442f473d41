"""Reads of how local offices do: what an index said of areas in a month, and of one area month by month.

Shape   one row per area, or per month
Nulls   nothing was measured yet: none, and no rows. Whoever runs a programme is told nothing of offices
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Max

from amparo.programmes import models, performance
from amparo.programmes.queries.gaps import Untold, untold_about
from amparo.programmes.types import Measured, Performance, Rate
from amparo.trust.scope import within
from amparo.trust.types import Actor, Permission

MONTHS = 24


def indices() -> list[str]:
    """Return the codes of the indices that the country has, in its order."""
    rows = models.Index.objects.filter(withdrawn_at=None).order_by("position", "code")
    return list(rows.values_list("code", flat=True))


def measured(index: str, month: date | None = None) -> Measured | None:
    """Return when an index was measured last, of a month or of the latest; None before the first time."""
    row = _latest(index, month)
    return None if row is None else measured_of(row)


def measured_of(row: models.Measurement, **more: int) -> Measured:
    """Return what a row says was measured, and by what."""
    terms = performance.restored(row.terms)
    formulas = {each.code: each.formula for each in terms.figures} | ({"pays": terms.pays} if terms.pays else {})
    rates = tuple(each.code for each in terms.rates)
    about = row.index_id, row.month, row.day, row.known_at, row.measured_at
    return Measured(*about, terms.law, formulas, row.parameters, bool(terms.pays), rates=rates, **more)


def months_measured(index: str) -> list[date]:
    """Return the months of which an index was measured, the latest first."""
    rows = models.Measurement.objects.filter(index_id=index).values_list("month", flat=True)
    return list(rows.distinct().order_by("-month")[:MONTHS])


def performances(index: str, numbers: Iterable[int], *, by: Actor, month: date | None = None) -> list[Performance]:
    """Return what an index said of areas, by their numbers; none of those that it is not about."""
    by = by.narrowed(Permission.READ_FIGURES)
    row = _latest(index, month)
    if row is None or by.scope.is_of_programmes:
        return []
    rows = within(models.MeasuredArea.objects.filter(measurement=row, area_number__in=list(numbers)), by)
    return [_performance(each) for each in rows.order_by("area_number")]


def untold_of_index(index: str, numbers: Sequence[int], *, by: Actor, month: date | None = None) -> Untold | None:
    """As `gaps.untold`, of an index in a month, or in the latest."""
    row = _latest(index, month)
    return None if row is None or not row.is_weighed else untold_about(row.id, numbers, by=by)


def untold_by_month(index: str, number: int, *, by: Actor) -> set[date]:
    """Return the months of which the index of an area is not told."""
    found = set()
    for month in months_measured(index):
        hidden = untold_of_index(index, [number], by=by, month=month)
        if hidden is None or hidden:
            found.add(month)
    return found


def performances_by_month(index: str, number: int, *, by: Actor) -> list[tuple[date, Performance]]:
    """Return what an index said of one area, month by month as it was measured last of each."""
    by = by.narrowed(Permission.READ_FIGURES)
    if by.scope.is_of_programmes:
        return []
    last = models.Measurement.objects.filter(index_id=index).values("month").annotate(last=Max("measured_at"))
    ends = {each["month"]: each["last"] for each in last.order_by("-month")[:MONTHS]}
    rows = within(models.MeasuredArea.objects.filter(area_number=number), by).select_related("measurement")
    rows = rows.filter(measurement__index_id=index, measurement__measured_at__in=ends.values())
    found = {each.measurement.month: _performance(each) for each in rows}
    return sorted(found.items())


def _latest(index: str, month: date | None) -> models.Measurement | None:
    rows = models.Measurement.objects.filter(index_id=index, index__withdrawn_at=None)
    rows = rows.filter(month=month) if month else rows
    return rows.order_by("-month", "-measured_at", "-id").first()


def _performance(row: models.MeasuredArea) -> Performance:
    numbers: Mapping[str, Any] = row.numbers
    rates = {code: Rate(met, of, unknown, _day(period)) for code, met, of, unknown, period in numbers["rates"]}
    return Performance(row.area_number, rates, numbers["stated"], dict(numbers["figures"]), row.pays)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
