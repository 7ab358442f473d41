"""Grievances that other programmes tell of, beside the cases of this house: shown and counted as told, and nobody's work here.

They have no day, owner or step here, open nothing and close nothing. Of a category that became sensitive since it was told,
nothing is shown: who may see it is known of this house's own cases alone.

Shape   people or an area in; what programmes told last, or counts by programme and category, out
Nulls   a count that is not told is None
Source  requirements IBR-1 and OPS-2; docs/decisions/0034-what-others-tell.md, 0046-small-counts.md
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from amparo.cases import models
from amparo.cases.moves import UNTOLD
from amparo.cases.queries.withholding import EVERYTHING, Told, Withheld, withheld_in_reach
from amparo.cases.types import Case, Kind
from amparo.kernel.disclosure import FEWEST
from amparo.programmes import queries as programmes
from amparo.programmes.types import Grievance, GrievanceCount
from amparo.registry.queries import members_at
from amparo.trust.scope import within
from amparo.trust.types import Actor, Ground, Permission


@dataclass(frozen=True)
class ToldFigure:
    """Counts of one programme and category, as they may be told."""

    counts: GrievanceCount
    told: Told = EVERYTHING

    @property
    def is_few(self) -> bool:
        return 0 < self.counts.filed < FEWEST

    @property
    def parts(self) -> tuple[int | None, int | None]:
        """How many are open and closed; None where one of them is of so few that it might be known who they are."""
        both = self.counts.open, self.counts.closed
        few = not self.told.parts or any(0 < each < FEWEST for each in both)
        return (None, None) if few else both


def told_of(persons: Collection[UUID], *, by: Actor, under: Ground) -> list[Grievance]:
    """Return what programmes tell of grievances of some people, those that are open first."""
    return _shown(programmes.grievances_of(persons, by=by, under=under))


def told_beside(case: Case, *, by: Actor, under: Ground) -> list[Grievance]:
    """Return what programmes tell of whom a case concerns, so that nothing is looked into twice; of a suspicion nothing."""
    by = by.narrowed(Permission.READ_CASE)
    if case.kind in UNTOLD:
        return []
    if case.linked.person:
        return told_of([case.linked.person], by=by, under=under)
    if case.linked.household is None:
        return []
    people = within(members_at(case.linked.household), by).values_list("person_id", flat=True)
    return told_of(list(people), by=by, under=under)


def own_told(*, by: Actor) -> list[Grievance]:
    """Return what programmes tell of the grievances of whom a citizen looks at."""
    return _shown(programmes.own_grievances(by=by))


def told_figures(first: int, last: int, *, since: date, until: date, by: Actor) -> list[ToldFigure]:
    """Return the counts of an area of what was filed in a period, by programme and category."""
    known = _plain_categories()
    counted = programmes.grievance_counts(first, last, since=since, until=until, by=by)
    return [ToldFigure(each) for each in counted if each.category in known]


def told_withheld(*, since: date, until: date, by: Actor) -> Withheld:
    """Return what of `told_figures` of a period is not told to whoever reads no case; by `told_code`."""
    counted = programmes.grievance_counts_by_area(since=since, until=until, by=by)
    return withheld_in_reach(
        ((told_code(each), each.area_number, (each.filed, each.open, each.closed)) for each in counted), by
    )


def told_code(each: GrievanceCount) -> str:
    return f"{each.scheme}/{each.category}"


def _shown(found: list[Grievance]) -> list[Grievance]:
    known = _plain_categories() if found else set()
    return [each for each in found if each.category in known]


def _plain_categories() -> set[str]:
    """Return the categories of grievances that are not sensitive, also those that take no new case."""
    rows = models.Category.objects.filter(kind=Kind.GRIEVANCE.value, is_sensitive=False)
    return set(rows.values_list("code", flat=True))
