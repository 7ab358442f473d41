"""How cases go: resolved within the standard, open, late, handed on; and how often a flag was wrong. Counts, nobody's record.

Shape   one row per range of areas and category, of the cases filed in a period that the actor sees
Units   shares from 0 to 1; the standard is the day on which a case was due when it was filed
Nulls   a share of fewer than `FEWEST` is None: so few are known to each other. What was neither closed nor late counts in none
Source  requirements OPS-2 (resolved within standard, by area and category), OPS-3 (referrals by outcome) and OPS-5
        (false-positive rate of flags)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, IntegerField, Q, Value, When

from amparo.cases.queries.withholding import EVERYTHING, Told, Withheld, withheld_in_reach
from amparo.cases.sight import seen
from amparo.cases.types import Counts, Kind, Outcomes, State
from amparo.kernel.disclosure import FEWEST
from amparo.trust.types import Actor, Permission


@dataclass(frozen=True)
class Figure:
    """The counts of one category, and the shares that may be told of them; `is_few` where not even the counts may.

    `told`  what of them is told to whoever asks
    """

    counts: Counts
    told: Told = EVERYTHING

    @property
    def is_few(self) -> bool:
        return 0 < self.counts.filed < FEWEST

    @property
    def share_in_time(self) -> float | None:
        """Of those that were closed, or should have been by now, how many were closed by their day."""
        return None if self.counts.due < FEWEST or not self.told.parts else self.counts.in_time / self.counts.due

    @property
    def share_unfounded(self) -> float | None:
        """Of flags that were judged, how many were wrong: the false-positive rate."""
        few = self.counts.judged < FEWEST or not self.told.parts
        return None if few else self.counts.unfounded / self.counts.judged


@dataclass(frozen=True)
class Referrals:
    """What came of referrals, as it may be told: a row with a count of so few that it might be known who it is tells only its sum."""

    outcomes: Outcomes
    told: Told = EVERYTHING

    @property
    def is_few(self) -> bool:
        each = self.outcomes
        return not self.told.parts or any(0 < count < FEWEST for count in (each.waiting, *self._ended))

    @property
    def _ended(self) -> tuple[int, ...]:
        each = self.outcomes
        return each.served, each.not_served, each.no_place, each.unheard

    @property
    def counts(self) -> tuple[int | None, ...]:
        """How many took help up, were refused, found no place, were not heard of, and wait; None of what is not told."""
        return (None,) * 5 if self.is_few else (*self._ended, self.outcomes.waiting)

    @property
    def share_served(self) -> float | None:
        """Of those with an outcome, how many were given help; None of nobody, and of what is not told."""
        return None if self.is_few or not self.outcomes.over else self.outcomes.served / self.outcomes.over

    @property
    def filed(self) -> int | None:
        return None if 0 < self.outcomes.filed < FEWEST else self.outcomes.filed


def outcomes(
    places: Sequence[tuple[int, int]], *, since: date, until: date, by: Actor, by_category: bool = True
) -> list[Referrals]:
    """Return what came of the referrals filed in a period, of ranges that do not overlap, by where they were sent or of all.

    A referral that was withdrawn before it ended counts as filed, and among none of the others.
    """
    by = by.narrowed(Permission.READ_FIGURES)
    if not places:
        return []
    inside = [When(area_number__range=each, then=Value(number)) for number, each in enumerate(places)]
    rows = seen(by).filter(kind=Kind.REFERRAL.value, filed_on__range=(since, until))
    rows = rows.annotate(place=Case(*inside, output_field=IntegerField())).exclude(place=None)
    groups = ("place", "category_id") if by_category else ("place",)
    counted = rows.order_by(*groups).values(*groups).annotate(filed=Count("id"), **_outcomes())
    return [
        Referrals(Outcomes(places[each.pop("place")][0], each.pop("category_id", None) or "", **each))
        for each in counted
    ]


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
    groups = ("place", "kind", "category_id") if by_category else ("place",)
    counted = rows.order_by(*groups).values(*groups).annotate(filed=Count("id"), **_course(on))
    return [Figure(_counts(each, places)) for each in counted]


def figures_withheld(*, since: date, until: date, on: date, by: Actor) -> Withheld:
    """Return what of `figures` and `outcomes` of a period is not told to whoever reads no case; by `code_of`."""
    by = by.narrowed(Permission.READ_FIGURES)
    rows = seen(by).filter(filed_on__range=(since, until), area_number__gte=0)
    groups = ("area_number", "kind", "category_id")
    counted = rows.order_by(*groups).values(*groups).annotate(filed=Count("id"), **_course(on), **_outcomes())
    return withheld_in_reach(
        ((code_of(each["kind"], each["category_id"]), each["area_number"], _parts(each)) for each in counted), by
    )


def code_of(kind: str, category: str | None) -> str:
    return f"{kind}/{category or ''}"


def is_no_flag(code: str) -> bool:
    """Whether what stands under a code counts among all cases: flags, which are no complaints, do not."""
    return not code.startswith(code_of(Kind.SUSPICION.value, ""))


def _parts(row: dict) -> tuple[int, ...]:
    """Return how many there are, and every count that is told of them with what it leaves."""
    filed, due = row["filed"], row["closed"] + row["late"]
    left = (
        *(filed - row[each] for each in ("open", "late", "escalated")),
        *(row["open"] - row["late"], row["closed"] - row["in_time"], due - row["in_time"]),
        row["judged"] - row["unfounded"],
        row["closed"] - sum(row[each] for each in _ENDED),
    )
    told = ("open", "late", "escalated", "closed", "in_time", "judged", "unfounded", *_ENDED)
    return filed, *(row[each] for each in told), *left


_ENDED = {
    "served": State.SERVED,
    "not_served": State.NOT_SERVED,
    "no_place": State.NO_PLACE,
    "unheard": State.UNHEARD,
}


def _outcomes() -> dict[str, Count]:
    ended = {name: Count("id", filter=Q(state=state.value)) for name, state in _ENDED.items()}
    return {"waiting": Count("id", filter=Q(closed_at=None))} | ended


def _course(on: date) -> dict[str, Count]:
    is_open = Q(closed_at=None)
    judged = Q(kind=Kind.SUSPICION.value, state__in=(State.CONFIRMED.value, State.UNFOUNDED.value))
    return {
        "open": Count("id", filter=is_open),
        "late": Count("id", filter=is_open & Q(due_on__lt=on)),
        "escalated": Count("id", filter=~Q(escalated_at=None)),
        "closed": Count("id", filter=~is_open),
        "in_time": Count("id", filter=Q(closed_at__date__lte=F("due_on"))),
        "judged": Count("id", filter=judged),
        "unfounded": Count("id", filter=judged & Q(state=State.UNFOUNDED.value)),
    }


def _counts(row: dict, places: Sequence[tuple[int, int]]) -> Counts:
    kind, category = row.pop("kind", None), row.pop("category_id", None) or ""
    place, _ = places[row.pop("place")]
    return Counts(area_number=place, category=category, kind=Kind(kind) if kind else None, **row)
