"""What a transition leads out of and into, and how transitions go: in how many more than a payment cycle lay between.

Shape   `next_schemes`: a row per scheme that may follow. `passages`: a row per range of areas and transition
Units   shares from 0 to 1 of the transitions of which it is known; a cycle is that of the programme that ended
Nulls   an outcome that cannot be decided is None and says what is missing; so is one that the reader may not be told, or of
        a scheme that is run elsewhere. A share of fewer than `FEWEST` is None
Source  requirement IBR-5 (share of transitions with a gap of more than one cycle)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Case as Choice
from django.db.models import Count, IntegerField, Q, QuerySet, Value, When

from amparo.cases import models
from amparo.cases.applications import Application, application
from amparo.cases.config import Trigger
from amparo.cases.queries.figures import FEWEST
from amparo.cases.queries.withholding import EVERYTHING, Told, Withheld, withheld_in_reach
from amparo.cases.sight import seen
from amparo.cases.types import Case, Kind, State
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.messages import Message
from amparo.programmes import queries as programmes
from amparo.programmes.explanation import Explanation
from amparo.trust.types import Actor, Ground, Permission


def is_any_stated(*triggers: Trigger, using: str = "default") -> bool:
    """Whether any transition begins with one of these; without one, with what is told of somebody: a fact, or a birth."""
    rows = models.Transition.objects.using(using).filter(withdrawn_at=None)
    return rows.filter(trigger__in=[each.value for each in triggers or (Trigger.FACT, Trigger.BORN)]).exists()


@dataclass(frozen=True)
class Next:
    """A scheme that may follow: what its rule says as of the day; `why` where that cannot be told, or not be applied for here."""

    programme: str
    on: date | None = None
    explanation: Explanation | None = None
    may_apply: bool = False
    why: Message | None = None


def ends_of(case: Case) -> list[str]:
    """Return the programmes and schemes that a transition may end."""
    row = models.Transition.objects.filter(code=case.transition).first()
    return list(row.ends) if row else []


def next_schemes(case: Case, *, by: Actor, under: Ground) -> list[Next]:
    """Return what may follow in a transition, in the profile's order, each with what its rule says of the day of the event."""
    row = models.Transition.objects.filter(code=case.transition).first()
    return [next_scheme(case, each, by=by, under=under) for each in (row.next if row else [])]


def next_scheme(case: Case, programme: str, *, by: Actor, under: Ground) -> Next:
    """Return one of them. By the reference engine, on what is known now, as of the day; nothing is decided."""
    worker = by.narrowed(Permission.READ_CASE)
    try:
        wanted = application(case, programme, by=worker)
    except (Refused, NotFound) as refused:
        return Next(programme, why=refused.message)
    may_apply = case.is_open and by.has(Permission.WORK_CASE) and by.has(Permission.ENROL)
    may_apply = may_apply and programmes.may_enrol(programme, by=by)
    found = Next(programme, wanted.on, may_apply=may_apply)
    try:
        return replace(found, explanation=_explained(wanted, by=by, under=under))
    except (
        Refused
    ) as refused:  # not theirs to be told, or a rule that cannot be asked: the case is worked on all the same
        return replace(found, why=refused.message)


def _explained(wanted: Application, *, by: Actor, under: Ground) -> Explanation:
    by = by.narrowed(Permission.READ_DECISION)
    return programmes.explain_as_of_today(wanted.programme, wanted.unit_id, by=by, under=under, on=wanted.on)


@dataclass(frozen=True)
class Passage:
    """Transitions of one kind in an area, by the day on which they happen, and of how many it is known whether there was a gap."""

    area_number: int
    transition: str
    cases: int
    measured: int
    gaps: int
    told: Told = EVERYTHING

    @property
    def is_few(self) -> bool:
        """Whether so few are counted that it might be known who they are."""
        return 0 < self.cases < FEWEST

    @property
    def share(self) -> float | None:
        """The share in which more than one cycle lay between; None of few, and where a count beside it would be one of few."""
        few = any(0 < each < FEWEST for each in (self.measured, self.gaps, self.measured - self.gaps))
        return None if not self.measured or few or not self.told.parts else self.gaps / self.measured


def passages(
    places: Sequence[tuple[int, int]], *, since: date, until: date, by: Actor, by_transition: bool = True
) -> list[Passage]:
    """Return how the transitions went that happen between two days, both included, in ranges that do not overlap."""
    by = by.narrowed(Permission.READ_FIGURES)
    if not places:
        return []
    inside = [When(area_number__range=each, then=Value(number)) for number, each in enumerate(places)]
    rows = _happening(since, until, by).annotate(place=Choice(*inside, output_field=IntegerField())).exclude(place=None)
    groups = ("place", "transition") if by_transition else ("place",)
    counted = rows.order_by(*groups).values(*groups).annotate(**_MEASURED)
    return [_passage(each, places) for each in counted]


def passages_withheld(*, since: date, until: date, by: Actor) -> Withheld:
    """Return what of `passages` of a period is not told to whoever reads no case; by transition."""
    by = by.narrowed(Permission.READ_FIGURES)
    groups = ("area_number", "transition")
    rows = _happening(since, until, by).filter(area_number__gte=0).order_by(*groups).values_list(*groups)
    counted = rows.annotate(**_MEASURED).values_list(*groups, *_MEASURED)
    return withheld_in_reach(
        (
            (transition, area, (cases, measured, gaps, measured - gaps, cases - measured))
            for area, transition, cases, measured, gaps in counted
        ),
        by,
    )


_MEASURED = {
    "cases": Count("id"),
    "measured": Count("id", filter=~Q(has_gap=None)),
    "gaps": Count("id", filter=Q(has_gap=True)),
}


def _happening(since: date, until: date, by: Actor) -> QuerySet[models.Case]:
    """Return the transitions that happen in a period, without what did not happen or was not wanted."""
    rows = seen(by).filter(kind=Kind.TRANSITION.value, event_on__range=(since, until)).exclude(transition="")
    return rows.exclude(state=State.WITHDRAWN.value)


def _passage(row: dict, places: Sequence[tuple[int, int]]) -> Passage:
    first, _ = places[row.pop("place")]
    return Passage(area_number=first, transition=row.pop("transition", ""), **row)
