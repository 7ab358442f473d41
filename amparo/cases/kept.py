"""Where cases keep personal data, what erasing somebody does there, and which cases keep somebody from being erased.

What was said in a case that names nobody (filed without saying who) is found by nobody's id: it goes by its schedule alone.
"""

import json
from datetime import date
from typing import Any
from uuid import UUID

from amparo.registry.kept import LIVED
from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Lapse, Leaves, Stone

# What was said about a home is said about each who lives there.
_SAID = """
UPDATE cases_step SET said = NULL, tombstone = %(stone)s WHERE said IS NOT NULL AND case_id IN (
    SELECT id FROM cases_case WHERE person_id = ANY(%(persons)s) OR household_id = ANY(%(homes)s)
)
"""
_OPEN = f"""
SELECT DISTINCT person.id FROM unnest(%(persons)s::uuid[]) AS person (id)
LEFT JOIN {LIVED} m ON m.person_id = person.id
JOIN cases_case c ON c.closed_at IS NULL AND (c.person_id = person.id OR c.household_id = m.household_id)
WHERE c.channel <> 'system'
"""
_OVER = (
    "FROM cases_step s JOIN cases_case c ON c.id = s.case_id WHERE s.said IS NOT NULL AND c.closed_at::date < %(until)s"
)
_TAKE = f"""
UPDATE cases_step SET said = NULL, tombstone = %(stone)s WHERE id IN (SELECT s.id {_OVER} LIMIT %(at_most)s)
"""


def still_open(cursor: Any, persons: list[UUID], on: Any) -> set[UUID]:
    """Return those of some persons about whom somebody filed a case that is not over. What the house asked itself holds nobody."""
    cursor.execute(_OPEN, {"persons": persons})
    return {id for (id,) in cursor.fetchall()}


def _take(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
    cursor.execute(_TAKE, {"until": until, "at_most": at_most, "stone": json.dumps(stone.plain)})
    return cursor.rowcount


KEPT = (
    Kept(
        "cases_case",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.PSEUDONYM,
        bare=("code", "kind", "category_id", "channel", "state", "programme", "escalated_to", "effect", "transition"),
    ),
    Kept(
        "cases_step",
        Holds.WORDS,
        FoundBy.PERSON,
        Leaves.TOMBSTONE,
        columns=("said",),
        bare=("act", "state", "tombstone"),
        erase=_SAID,
    ),
)

LAPSES = (Lapse("case-words", "closed", due=f"SELECT count(*) {_OVER}", leaves=Leaves.TOMBSTONE, take=_take),)
