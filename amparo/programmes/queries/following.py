"""Reads of conditions: what stands of a home's members, month by month, what followed, and which suspensions are proposed.

Shape   one row per person, condition and month; one per enrolment and period; a page of a list
Nulls   what nobody told has no row, and is not known. Whoever runs a programme sees its breaches, and not what others told
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from amparo.kernel import clock
from amparo.programmes import models
from amparo.programmes.conditions import Condition, restored
from amparo.programmes.queries.decisions import Place
from amparo.programmes.types import Breach, BreachAct, ConditionTold, Followed
from amparo.programmes.withholding import expect_decisions
from amparo.registry.own import own_units
from amparo.registry.queries import all_groups_of, members_at
from amparo.trust.log.recording import record
from amparo.trust.log.tracker import note_look
from amparo.trust.scope import inside, where, within
from amparo.trust.types import Actor, Event, Ground, Permission

MONTHS = 12
PAGE = 50
# Of each month what the latest day tells of each beneficiary; two who contradict each other leave it unknown.
_TOLD = f"""
    SELECT scheme, condition, period, person_id, array_agg(met ORDER BY id), array_agg(share ORDER BY id),
        array_agg(reason ORDER BY id), max(day), min(area_number)
    FROM (
        SELECT DISTINCT ON (c.beneficiary_id, c.scheme, c.condition, c.period) c.*, held.person_id
        FROM programmes_beneficiary held JOIN programmes_compliance c ON c.beneficiary_id = held.id
        WHERE held.person_id = ANY (%s) AND {{condition}} AND c.period > %s::date - interval '{MONTHS} months'
        ORDER BY c.beneficiary_id, c.scheme, c.condition, c.period, c.day DESC, c.id DESC
    ) latest GROUP BY scheme, condition, period, person_id ORDER BY period DESC, scheme, condition, person_id
"""


def conditions_of(programme: str) -> tuple[Condition, ...]:
    """Return what a programme asks of those who take part."""
    row = models.Programme.objects.filter(code=programme, withdrawn_at=None).first()
    return tuple(map(restored, row.conditions)) if row else ()


def conditions_of_household(household_id: UUID, *, by: Actor, under: Ground, on: date) -> list[ConditionTold]:
    """Return what was told of a home's present members in the last year, the latest month first."""
    expect_decisions(by.classes)
    if by.scope.is_of_programmes:
        return []
    people = list(within(members_at(household_id), by).values_list("person_id", flat=True))
    condition, scope = where(by, of=models.Compliance._meta.db_table, row="c")
    with connection.cursor() as cursor:
        cursor.execute(_TOLD.format(condition=condition), [people, *scope, on])
        rows = cursor.fetchall()
    asked = {(code, each.code): each for code in {row[0] for row in rows} for each in conditions_of(code)}
    if rows:
        about = {"about_kind": "household", "about_id": household_id, "area_number": rows[0][-1]}
        record(Event.CONDITIONS_READ, by=by, under=under, months=len(rows), **about)
    return [_told(row, asked.get((row[0], row[1]))) for row in rows]


def _told(row: Sequence[Any], condition: Condition | None) -> ConditionTold:
    scheme, code, period, person, answers, shares, reasons, day, _ = row
    said = list(zip(answers, shares, reasons, strict=True))
    met = None if condition is None else _met({_answer(*each, condition) for each in said})
    share, reason = said[0][1:] if len(said) == 1 else (None, None)  # of two who tell neither is shown for both
    return ConditionTold(scheme, code, period, person, met, share, reason or "", day)


def _met(answers: set[bool | None]) -> bool | None:
    """Whether it was met, as `programmes.following` finds it; None where that is not known."""
    known = answers - {None}
    return known.pop() if len(known) == 1 else None


def _answer(met: str | None, share: float | None, reason: str | None, condition: Condition) -> bool | None:
    """What one system tells."""
    if reason in condition.excused:
        return True
    if condition.least_share is not None and share is not None:
        return share >= condition.least_share
    return {"yes": True, "no": False}.get(met or "")


def breaches_of_household(household_id: UUID, *, by: Actor) -> list[Breach]:
    """Return which conditions were not met of the enrolments of a home, its groups and present members, the latest first."""
    expect_decisions(by.classes)
    people = within(members_at(household_id), by).values_list("person_id", flat=True)
    units = [household_id, *all_groups_of(household_id, by=by), *people]
    rows = within(models.Breach.objects.filter(enrolment__unit_id__in=units), by)
    return _breaches(rows.select_related("enrolment", "programme").order_by("-period", "condition"))


def breaches_of_enrolment(enrolment_id: UUID, *, by: Actor) -> list[Breach]:
    """Return which conditions were not met of an enrolment, the latest first."""
    rows = within(models.Breach.objects.filter(enrolment_id=enrolment_id), by)
    return _breaches(rows.select_related("enrolment", "programme").order_by("-period", "condition"))


def followed_last(programme: str, first: int, last: int, *, by: Actor) -> list[Followed]:
    """Return of each condition of a programme what was counted of its latest period in a range of areas."""
    latest = (
        models.Following.objects.filter(programme__code=programme)
        .order_by("condition", "-period", "-followed_at")
        .distinct("condition")
    )
    sums = {name: Sum(name, default=0) for name in ("watched", "told", "met", "excused", "missed")}
    found = []
    for each in latest:
        rows = models.FollowingCount.objects.filter(following=each, area_number__range=(first, last))
        counts = within(rows, by).aggregate(**sums)
        found.append(Followed(programme, each.condition, each.period, **counts))
    return found


def own_breaches(*, by: Actor) -> list[Breach]:
    """Return which conditions whom the citizen looks at did not meet, and what follows."""
    rows = models.Breach.objects.filter(enrolment__unit_id__in=own_units(by)).defer("area_number")
    found = _breaches(_bare(rows).order_by("-period", "condition"))
    note_look(by.narrowed(Permission.SEE_OWN), part="enrolments")
    return found


def _bare(rows: Any) -> Any:
    """Return rows with no more of their enrolments than a citizen may read."""
    wanted = ("id", "condition", "period", "number", "act", "found_on", "taken_back_at")
    return rows.select_related("enrolment", "programme").only(
        *wanted, "enrolment__unit_id", "programme__code", "enrolment_id", "programme_id"
    )


def suspensions_proposed(
    programme: str,
    first: int,
    last: int,
    *,
    by: Actor,
    under: Ground,
    after: Place | None = None,
    at_most: int = PAGE,
) -> list[tuple[int, Breach]]:
    """Return a page of enrolments of which a suspension is proposed and nobody has decided yet, each with its area's number.

    Names everybody in the log. Whoever was given notice since, also one that was withdrawn, is on it no more.
    """
    expect_decisions(by.classes)
    condition, scope = where(by, of="programmes_breach", row="b")
    place, ends = inside(first, last, by, column="b.area_number")
    beyond = "AND (b.area_number, b.enrolment_id) > (%s, %s)" if after else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _PROPOSED.format(condition=condition, place=place, beyond=beyond),
            [programme, *ends, *scope, *(after or ()), clock.today(), at_most],
        )
        ids = [id for (id,) in cursor.fetchall()]
    rows = within(models.Breach.objects.filter(id__in=ids), by).select_related("enrolment", "programme")
    rows = list(rows.order_by("area_number", "enrolment_id"))
    found = _breaches(rows)
    units = [str(each.unit_id) for each in found]
    record(
        Event.ENROLMENTS_LISTED,
        by=by,
        under=under,
        about_kind="programme",
        about_id=programme,
        area_number=first,
        units=units,
        households=sorted({str(each.enrolment.household_id) for each in rows if each.enrolment.household_id}),
    )
    return [(row.area_number, each) for row, each in zip(rows, found, strict=True)]


_PROPOSED = """
    SELECT DISTINCT ON (b.area_number, b.enrolment_id) b.id FROM programmes_breach b
    JOIN programmes_programme p ON p.id = b.programme_id
    JOIN programmes_enrolment e ON e.id = b.enrolment_id AND e.state = 'enrolled'
    WHERE p.code = %s AND {place} AND {condition} {beyond} AND b.act = 'suspension' AND b.taken_back_at IS NULL
        AND EXISTS (SELECT FROM jsonb_to_recordset(p.conditions) AS asked (code text, forgotten_after int)
            WHERE asked.code = b.condition AND b.period >= %s::date - make_interval(months => asked.forgotten_after))
        AND NOT EXISTS (SELECT FROM programmes_enrolmentnotice n WHERE n.enrolment_id = e.id AND n.given_on >= b.found_on)
    ORDER BY b.area_number, b.enrolment_id, b.period DESC LIMIT %s
"""


def _breaches(rows: Any) -> list[Breach]:
    return [
        Breach(
            each.id,
            each.enrolment_id,
            each.enrolment.unit_id,
            each.programme.code,
            each.condition,
            each.period,
            each.number,
            BreachAct(each.act) if each.act else None,
            each.found_on,
            each.taken_back_at,
        )
        for each in rows
    ]
