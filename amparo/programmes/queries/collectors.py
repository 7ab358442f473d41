"""Who collects what a citizen is paid, as they may be told it: the page of the person concerned.

Shape   one row for each place that somebody fills of what they, their household or a group take part in
Nulls   `who` and `institution` both None: somebody of whom the citizen sees nothing, or an institution that is not theirs to know;
        `proof` "" where it is not told, or, with `is_first`, where it is whoever was named when taking part began
Source  docs/decisions/0023-what-a-citizen-sees.md: of other adults of the household one sees the name; under a mandate nothing
        that says how somebody lives; of a child who lives elsewhere nothing by which the child could be found
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from amparo.programmes import models
from amparo.registry.insight import Relation
from amparo.registry.own import Near, expect_own, near, own_units
from amparo.trust.grounds.agreements import organisation_names
from amparo.trust.log.tracker import note_look
from amparo.trust.types import Actor, Permission

_WHOLE = (Relation.SELF, Relation.CHILD)


@dataclass(frozen=True)
class OwnCollector:
    """Who collects of one enrolment, or may instead. `until` None: until it is changed."""

    enrolment: UUID
    is_alternate: bool
    who: UUID | None
    institution: str | None
    since: date
    until: date | None
    proof: str
    law: str
    is_first: bool


def own_collectors(*, by: Actor) -> list[OwnCollector]:
    """Return who collects for whom the citizen looks at. Raises NotFound where they may not look."""
    around = near(by)
    relation = expect_own(by, around)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM amparo_own_collectors() ORDER BY enrolment_id, is_alternate")
        rows = cursor.fetchall()
    names = organisation_names(id for _, _, id, is_institution, *_ in rows if is_institution)
    note_look(by.narrowed(Permission.SEE_OWN), part="collectors")
    mine = set(models.Enrolment.objects.filter(unit_id__in=own_units(by)).values_list("id", flat=True))
    told = (_told(row, relation, around, names) for row in rows if row[0] in mine)
    return [each for each in told if relation is not Relation.CHILD_ELSEWHERE or each.who == by.person]


def _told(row: tuple, relation: Relation, around: Near, names: Mapping[UUID, str]) -> OwnCollector:
    """Return a row as its reader may be told it: the program's own gate, whatever the database let through."""
    enrolment, is_alternate, id, is_institution, since, until, proof, law, is_first = row
    is_whole = relation in _WHOLE
    is_seen = not is_institution and around.relations.get(id) not in (None, Relation.HOME)
    return OwnCollector(
        enrolment=enrolment,
        is_alternate=is_alternate,
        who=id if is_seen else None,
        institution=names.get(id) if is_institution and is_whole else None,
        since=since,
        until=until,
        proof=(is_whole and proof) or "",
        law=(is_whole and law) or "",
        is_first=is_whole and is_first,
    )
