"""How cases go: resolved within the standard, open, late, handed on; and how often a flag was wrong. Counts, nobody's record.

Shape   one row per range of areas and category, of the cases filed in a period that the actor sees
Units   shares from 0 to 1; the standard is the day on which a case was due when it was filed
Nulls   a share of fewer than `FEWEST` is None: so few are known to each other. What was neither closed nor late counts in none
Source  requirements OPS-2 (resolved within standard, by area and category) and OPS-5 (false-positive rate of flags)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, IntegerField, Q, Value, When

from amparo.cases.sight import seen
from amparo.cases.types import Counts, Kind, State
from amparo.trust.types import Actor, Permission

# Below this many a number says something about somebody.
FEWEST = 5


@dataclass(frozen=True)
class Figure:
    """The counts of one category, and the shares that may be told of them; `is_few` where not even the counts may."""

    counts: Counts

    @property
    def is_few(self) -> bool:
        return 0 < self.counts.filed < FEWEST

    @property
    def share_in_time(self) -> float | None:
        """Of those that were closed, or should have been by now, how many were closed by their day."""
        return None if self.counts.due < FEWEST else self.counts.in_time / self.counts.due

    @property
    def share_unfounded(self) -> float | None:
        """Of flags that were judged, how many were wrong: the false-positive rate."""
        return None if self.counts.judged < FEWEST else self.counts.unfounded / self.counts.judged


def figures(
    places: Sequence[tuple[int, int]], *, since: date, until: date, on: date, by: Actor, by_category: bool = True
) -> list[Figure]:
    """Return the figures of ranges that do not overlap, of cases filed from one day to another, both included; late as of `on`.

    Without `by_category` one row for all cases of a range, but flags, which are no complaints.
    """
    by = by.narrowed(Permission.READ_FIGURES)
    if not places:
        return []
    inside = [When(area_number__range=each, then=Value(number)) for number, each in enumerate(places)]
    rows = seen(by).filter(filed_on__range=(since, until)).annotate(place=Case(*inside, output_field=IntegerField()))
    rows = rows.exclude(place=None) if by_category else rows.exclude(place=None).exclude(kind=Kind.SUSPICION.value)
    told = Q(closed_at=None)
    judged = Q(kind=Kind.SUSPICION.value, state__in=(State.CONFIRMED.value, State.UNFOUNDED.value))
    groups = ("place", "kind", "category_id") if by_category else ("place",)
    counted = rows.order_by(*groups).values(*groups)
    counted = counted.annotate(
        filed=Count("id"),
        open=Count("id", filter=told),
        late=Count("id", filter=told & Q(due_on__lt=on)),
        escalated=Count("id", filter=~Q(escalated_at=None)),
        closed=Count("id", filter=~told),
        in_time=Count("id", filter=Q(closed_at__date__lte=F("due_on"))),
        judged=Count("id", filter=judged),
        unfounded=Count("id", filter=judged & Q(state=State.UNFOUNDED.value)),
    )
    return [Figure(_counts(each, places)) for each in counted]


def _counts(row: dict, places: Sequence[tuple[int, int]]) -> Counts:
    kind, category = row.pop("kind", None), row.pop("category_id", None) or ""
    place, _ = places[row.pop("place")]
    return Counts(area_number=place, category=category, kind=Kind(kind) if kind else None, **row)
