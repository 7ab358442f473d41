"""Reads of what a run would change, by programme and area. Counts and sums only, nobody's record."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from amparo.programmes.types import Change
from amparo.trust.scope import where
from amparo.trust.types import Actor


@dataclass(frozen=True)
class AreaChange:
    """How many units of an area and all below it a run would change in one way; sums in minor units per period."""

    programme: str
    area_number: int
    change: Change
    units: int
    before: int
    after: int


def previewed(run: UUID, areas: Sequence[tuple[int, int]], *, by: Actor) -> list[AreaChange]:
    """Return one row per programme, area and kind of change, of those that occur, in the order given.

    `areas`: (number, last number) of each. What lies outside the actor's areas counts as if it were not there.
    """
    condition, scope = where(by, of="programmes_preview", row="v")
    statement = f"""
        SELECT p.code, a.first, v.change, sum(v.units)::bigint, sum(v.before_minor)::bigint, sum(v.after_minor)::bigint
        FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY a (first, last, place)
        JOIN programmes_preview v ON v.run_id = %s AND v.area_number BETWEEN a.first AND a.last AND {condition}
        JOIN programmes_programme p ON p.id = v.programme_id
        GROUP BY p.position, p.code, a.place, a.first, v.change
        ORDER BY p.position, p.code, a.place, v.change
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [[each[0] for each in areas], [each[1] for each in areas], run, *scope])
        return [AreaChange(code, area, Change(change), *sums) for code, area, change, *sums in cursor.fetchall()]
