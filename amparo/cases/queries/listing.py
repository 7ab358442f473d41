"""Lists of cases: an officer's work with its days, and a citizen's own."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from amparo.cases.queries.reading import case_of
from amparo.cases.sight import own, seen
from amparo.cases.types import Case, Kind
from amparo.registry.own import expect_own
from amparo.trust.eyes import accounts_of_same
from amparo.trust.log.recording import record
from amparo.trust.log.tracker import note_look
from amparo.trust.types import Actor, Event, Ground, Permission

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which cases somebody lists. `of`: "mine", "free" (nobody's), "all"; `is_late` on a day."""

    of: str = "all"
    kind: Kind | None = None
    is_late: bool = False
    is_closed: bool = False
    on: date | None = None


def listed(wanted: Wanted, *, by: Actor, under: Ground, skip: int = 0, at_most: int = PAGE) -> list[Case]:
    """Return a page of cases, the earliest due first; those that were handed on to a role of theirs before all."""
    by = by.narrowed(Permission.READ_CASE)
    rows = seen(by).filter(closed_at__isnull=not wanted.is_closed)
    if wanted.of == "mine":
        rows = rows.filter(_mine(by))
    elif wanted.of == "free":
        rows = rows.filter(owner=None)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind.value)
    if wanted.is_late and wanted.on:
        rows = rows.filter(due_on__lt=wanted.on)
    found = [case_of(each) for each in rows.order_by("due_on", "id")[skip : skip + at_most]]
    persons = [str(each.linked.person) for each in found if each.linked.person and each.told_at]
    record(Event.CASES_LISTED, by=by, under=under, about_kind="case", persons=persons, cases=len(found))
    return found


def _mine(by: Actor) -> Q:
    """What somebody owns with any of their accounts, and what was handed on to a role they hold."""
    roles = [each.role.value for each in by.grants]
    return Q(owner__in=[each.id for each in accounts_of_same(by.id)]) | Q(escalated_to__in=roles)


def own_cases(*, by: Actor) -> list[Case]:
    """Return the cases of whom a citizen looks at that they were told of, the latest first."""
    expect_own(by)
    found = [case_of(each) for each in own(by).order_by("-filed_on", "-id")]
    note_look(by.narrowed(Permission.SEE_OWN), part="cases")
    return found
