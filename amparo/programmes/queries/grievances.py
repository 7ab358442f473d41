"""What other programmes tell of grievances: of people, of whom a citizen looks at, and counted by area. Theirs to decide.

Shape   people in, one row per grievance out, those that are open first; areas in, one row per area, scheme and
        category out
Nulls   of whom nobody here knows who they are, nothing is shown and nothing counts. Whoever runs one programme has its own
        system, and is told of no other
Source  requirements IBR-1 and OPS-2; docs/decisions/0034-what-others-tell.md
"""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db import connection

from amparo.programmes.types import Grievance, GrievanceCount, GrievanceState
from amparo.registry.own import expect_own
from amparo.trust.log.recording import record
from amparo.trust.log.tracker import note_look
from amparo.trust.scope import where
from amparo.trust.types import Actor, Event, Ground, Permission

TABLE = "programmes_grievance"
# Of each grievance what the latest day tells.
_TOLD = """
    SELECT DISTINCT ON (held.id, g.scheme, g.grievance) g.scheme, held.feed, g.grievance, g.category, g.state, g.filed,
        g.closed, g.day, held.person_id, g.area_number
    FROM programmes_beneficiary held JOIN programmes_grievance g ON g.beneficiary_id = held.id
    WHERE held.person_id = ANY (%s) AND {condition}
    ORDER BY held.id, g.scheme, g.grievance, g.day DESC, g.id DESC
"""
_OWN = "SELECT scheme, feed, grievance, category, state, filed, closed, day, NULL, NULL FROM amparo_own_grievances()"
# A grievance that a later day tells to have been filed on another day counts on that one.
_COUNTED = """
    SELECT {place} AS place, l.scheme, l.category, count(*), count(*) FILTER (WHERE l.state = 'open')
    FROM (
        SELECT DISTINCT ON (g.beneficiary_id, g.scheme, g.grievance)
            g.area_number, g.scheme, g.category, g.state, g.filed
        FROM programmes_grievance g WHERE {condition} AND g.area_number >= 0 AND {within}
        ORDER BY g.beneficiary_id, g.scheme, g.grievance, g.day DESC, g.id DESC
    ) l
    WHERE l.filed BETWEEN %s AND %s
    GROUP BY place, l.scheme, l.category ORDER BY place, l.scheme, l.category
"""


def grievances_of(persons: Collection[UUID], *, by: Actor, under: Ground) -> list[Grievance]:
    """Return what other programmes tell of the grievances of some people whom the actor reaches."""
    by = by.narrowed(Permission.READ_CASE)
    if by.scope.is_of_programmes or not persons:
        return []
    condition, scope = where(by, of=TABLE, row="g")
    with connection.cursor() as cursor:
        cursor.execute(_TOLD.format(condition=condition), [list(persons), *scope])
        rows = cursor.fetchall()
    for person in sorted({row[8] for row in rows}):
        mine = [row for row in rows if row[8] == person]
        about = {"about_kind": "person", "about_id": person, "area_number": mine[0][9]}
        record(Event.GRIEVANCES_READ, by=by, under=under, grievances=len(mine), **about)
    return _told(rows)


def own_grievances(*, by: Actor) -> list[Grievance]:
    """Return the same of whom a citizen looks at. Raises NotFound where they may not look."""
    expect_own(by)
    with connection.cursor() as cursor:
        cursor.execute(_OWN)
        rows = cursor.fetchall()
    note_look(by.narrowed(Permission.SEE_OWN), part="cases")
    return _told(rows)


def grievance_counts(first: int, last: int, *, since: date, until: date, by: Actor) -> list[GrievanceCount]:
    """Return how many were filed in a period, both days included, of a range of areas, by programme and category."""
    return _counted(str(int(first)), "g.area_number BETWEEN %s AND %s", [first, last], since, until, by)


def grievance_counts_by_area(*, since: date, until: date, by: Actor) -> list[GrievanceCount]:
    """Return the same of every area that the actor reaches, each without those inside."""
    return _counted("l.area_number", "true", [], since, until, by)


def _counted(place: str, within: str, ends: list[int], since: date, until: date, by: Actor) -> list[GrievanceCount]:
    by = by.narrowed(Permission.READ_FIGURES)
    if by.scope.is_of_programmes:
        return []
    condition, scope = where(by, of=TABLE, row="g")
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(place=place, condition=condition, within=within), [*scope, *ends, since, until])
        return [GrievanceCount(*row) for row in cursor.fetchall()]


def _told(rows: Iterable[tuple]) -> list[Grievance]:
    found = [
        Grievance(scheme, feed, number, category, GrievanceState(state), filed, closed, day, person)
        for scheme, feed, number, category, state, filed, closed, day, person, _ in rows
    ]
    return sorted(
        found, key=lambda each: (each.state is not GrievanceState.OPEN, -each.filed_on.toordinal(), each.grievance)
    )
