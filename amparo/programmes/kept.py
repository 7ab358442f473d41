"""Where programmes keep personal data, what erasing somebody does there, and which decisions keep somebody from being erased.

Outcome, amount, rank and rule of a decision stay, under an id that leads to nobody: what was paid must be accounted for.
"""

import json
from datetime import date
from typing import Any
from uuid import UUID

from amparo.programmes.publishing import GATE_LOCK
from amparo.registry.kept import LIVED
from amparo.trust.keeping.kept import Erase, FoundBy, Holds, Kept, Lapse, Leaves, Reached, Stone

# Decisions about them, and those about a home of theirs or of a relative's that copied what was known of them.
_FACTS = """
UPDATE programmes_decision SET facts = jsonb_build_object('tombstone', %(stone)s::jsonb)
WHERE facts IS NOT NULL AND NOT facts ? 'tombstone' AND (
    unit_id = ANY(%(entities)s) OR unit_id = ANY(%(units)s) AND (
        household_id = ANY(%(households)s) OR facts::text ~ ANY (SELECT id::text FROM unnest(%(persons)s::uuid[]) id)
    )
)
"""
# Of a class of fields: decisions that copied one of them of one of these persons are emptied whole.
_FIELDS = """
UPDATE programmes_decision SET facts = jsonb_build_object('tombstone', %(stone)s::jsonb)
WHERE facts IS NOT NULL AND NOT facts ? 'tombstone' AND unit_id = ANY(%(units)s)
    AND facts::text ~ ANY (SELECT id::text FROM unnest(%(persons)s::uuid[]) id)
    AND facts::text ~ ANY (SELECT format('"%%s": {"value"', name) FROM unnest(%(fields)s::text[]) name)
"""


def _while_nobody_decides(statement: str) -> Erase:
    """Return what empties decisions once everybody who is deciding now has written, so that no copy is made after it."""

    def empty(cursor: Any, reached: Reached, stone: Stone) -> int:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GATE_LOCK])
        cursor.execute(statement, {**reached, "stone": json.dumps(stone.plain)})
        return cursor.rowcount

    return empty


def _words(table: str, column: str) -> str:
    """What was said about a home is said about each who lives there."""
    return f"""
        UPDATE {table} SET {column} = NULL, tombstone = %(stone)s
        WHERE {column} IS NOT NULL AND notice_id IN (
            SELECT id FROM programmes_notice WHERE unit_id = ANY(%(entities)s) OR unit_id = ANY(%(homes)s)
        )
    """


# A change for the worse that is not yet in effect, or that can still be appealed: what it rests on is evidence. So is
# an exit or suspension that somebody was told of.
_HELD = f"""
SELECT DISTINCT person.id FROM unnest(%(persons)s::uuid[]) AS person (id)
LEFT JOIN {LIVED} m ON m.person_id = person.id
JOIN programmes_decision d ON d.unit_id IN (person.id, m.household_id)
LEFT JOIN programmes_notice n ON n.decision_id = d.id
WHERE d.state = 'proposed' AND (
    d.superseded_at IS NULL
    OR n.took_effect_at IS NOT NULL AND greatest(n.takes_effect_on, n.took_effect_at::date) + n.appeal_days >= %(on)s
)
UNION
SELECT person.id FROM unnest(%(persons)s::uuid[]) AS person (id)
LEFT JOIN {LIVED} m ON m.person_id = person.id
JOIN programmes_enrolment e ON e.unit_id IN (person.id, m.household_id)
JOIN programmes_enrolmentnotice n ON n.enrolment_id = e.id AND n.withdrawn_at IS NULL AND n.took_effect_at IS NULL
"""


def rested_on(cursor: Any) -> list[UUID]:
    """Return the snapshots of runs: decisions rest on them, or will. A run that failed for good leaves none."""
    cursor.execute(
        "SELECT DISTINCT snapshot_id FROM programmes_determination WHERE snapshot_id IS NOT NULL AND state <> 'failed'"
    )
    return [id for (id,) in cursor.fetchall()]


def open_to_appeal(cursor: Any, persons: list[UUID], on: Any) -> set[UUID]:
    """Return those of whom a decision for the worse is proposed, noticed, or can still be appealed, or an exit was noticed."""
    cursor.execute(_HELD, {"persons": persons, "on": on})
    return {id for (id,) in cursor.fetchall()}


def _said(table: str, column: str) -> Kept:
    return Kept(
        table,
        Holds.WORDS,
        FoundBy.UNIT,
        Leaves.TOMBSTONE,
        columns=(column,),
        bare=("tombstone",),
        erase=_words(table, column),
    )


# Also of pairs with others, of whom they might have been told.
_MATCHES_OF = """FROM programmes_match WHERE person_id = ANY(%(persons)s)
    OR beneficiary_id IN (SELECT id FROM programmes_beneficiary WHERE person_id = ANY(%(persons)s))"""
_TOLD_OF = "FROM programmes_beneficiary WHERE person_id = ANY(%(persons)s)"
# Codes of a programme's vocabulary and message ids: nobody's words.
_BARE_STEP = ("state", "reason", "law", "under")

KEPT = (
    Kept(
        "programmes_decision",
        Holds.DECISIONS,
        FoundBy.UNIT,
        Leaves.TOMBSTONE,
        columns=("facts",),
        bare=("grain", "missing", "state"),
        erase=_while_nobody_decides(_FACTS),
        of_class=_while_nobody_decides(_FIELDS),
    ),
    _said("programmes_reply", "words"),
    _said("programmes_review", "reason"),
    Kept("programmes_notice", Holds.DECISIONS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=("law",)),
    Kept("programmes_householddetermination", Holds.DECISIONS, FoundBy.HOUSEHOLD, Leaves.PSEUDONYM),
    # Who received what from when to when must be accounted for, under an id that leads to nobody.
    Kept(
        "programmes_enrolment",
        Holds.DECISIONS,
        FoundBy.UNIT,
        Leaves.PSEUDONYM,
        bare=("grain", "source", "state"),
    ),
    Kept("programmes_enrolmentstep", Holds.DECISIONS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=_BARE_STEP),
    Kept("programmes_enrolmentnotice", Holds.DECISIONS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=_BARE_STEP),
    Kept(
        "programmes_collectorchange",
        Holds.DECISIONS,
        FoundBy.UNIT,
        Leaves.PSEUDONYM,
        bare=("kind", "proof", "law", "document", "under"),
    ),
    Kept("programmes_breach", Holds.DECISIONS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=("condition", "act")),
    # A copy of what another programme knows: it goes with whom it is of, and stays with the programme.
    Kept(
        "programmes_benefit",
        Holds.DECISIONS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("scheme", "status", "kind", "currency", "payment", "receiver"),
        erase=f"DELETE FROM programmes_benefit WHERE beneficiary_id IN (SELECT id {_TOLD_OF})",
    ),
    Kept(
        "programmes_compliance",
        Holds.DECISIONS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("scheme", "condition", "met", "reason"),
        erase=f"DELETE FROM programmes_compliance WHERE beneficiary_id IN (SELECT id {_TOLD_OF})",
    ),
    Kept(
        "programmes_grievance",
        Holds.DECISIONS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("grievance",),
        bare=("scheme", "category", "state"),
        erase=f"DELETE FROM programmes_grievance WHERE beneficiary_id IN (SELECT id {_TOLD_OF})",
    ),
    Kept(
        "programmes_match",
        Holds.DECISIONS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("birth", "place", "state"),
        erase=f"DELETE {_MATCHES_OF}",
    ),
    Kept(
        "programmes_beneficiary",
        Holds.IDENTIFIERS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("reference", "identifier", "told"),
        bare=("feed", "found", "scheme", "blind_index", "spare_index"),
        field_class="identity",
        erase=f"DELETE {_TOLD_OF}",
    ),
    Kept(
        "programmes_draft",  # who wrote and published a rule; the rule itself speaks of nobody
        Holds.ACCOUNTS,
        FoundBy.ACCOUNT,
        Leaves.ALL,
        bare=("kind", "code", "law", "content", "cases", "measured"),
    ),
    Kept("programmes_tally", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL),
    Kept("programmes_gap", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL),
    Kept("programmes_exclusion", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL),
    Kept("programmes_followingcount", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL),
    Kept("programmes_measuredarea", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL, bare=("numbers",)),
    Kept("programmes_groupexclusion", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL, bare=("life_group",)),
    Kept("programmes_groupcoverage", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL, bare=("life_group",)),
    Kept("programmes_untold", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL, bare=("code",)),
    Kept("programmes_overlap", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL, bare=("first", "second", "overlap")),
    Kept("programmes_preview", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL, bare=("change",)),
)


# Over for good: it was overtaken, and whatever could be appealed about it no longer can.
_OVER = """
d.superseded_at::date < %(until)s AND NOT EXISTS (
    SELECT FROM programmes_notice n WHERE n.decision_id = d.id
    AND coalesce(greatest(n.takes_effect_on, n.took_effect_at::date) + n.appeal_days, n.takes_effect_on) >= %(until)s
)
"""
_FACTS_OVER = f"FROM programmes_decision d WHERE d.facts IS NOT NULL AND NOT d.facts ? 'tombstone' AND {_OVER}"
_TAKE_FACTS = f"""
UPDATE programmes_decision SET facts = jsonb_build_object('tombstone', %(stone)s::jsonb)
WHERE (id, decided_at) IN (SELECT d.id, d.decided_at {_FACTS_OVER} LIMIT %(at_most)s)
"""


# Whom a system tells of and nobody here knows: no home or person of the registry can ever be erased for them.
_STRANGERS = """
FROM programmes_beneficiary held WHERE held.person_id IS NULL AND held.told_on < %(until)s AND NOT EXISTS (
    SELECT FROM programmes_benefit b WHERE b.beneficiary_id = held.id AND b.day >= %(until)s
) AND NOT EXISTS (
    SELECT FROM programmes_compliance c WHERE c.beneficiary_id = held.id AND c.day >= %(until)s
) AND NOT EXISTS (
    SELECT FROM programmes_grievance g WHERE g.beneficiary_id = held.id AND g.day >= %(until)s
)
"""
_STRANGERS_BATCH = f"SELECT held.id {_STRANGERS} ORDER BY held.told_on, held.id LIMIT %(at_most)s"


def _take_strangers(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
    cursor.execute(_STRANGERS_BATCH, {"until": until, "at_most": at_most})
    going = [id for (id,) in cursor.fetchall()]
    for table in ("programmes_benefit", "programmes_compliance", "programmes_grievance", "programmes_match"):
        cursor.execute(f"DELETE FROM {table} WHERE beneficiary_id = ANY (%s)", [going])
    cursor.execute("DELETE FROM programmes_beneficiary WHERE id = ANY (%s)", [going])
    return len(going)


def _words_over(table: str, column: str) -> str:
    return f"""
        FROM {table} said JOIN programmes_notice ON programmes_notice.id = said.notice_id
        JOIN programmes_decision d ON d.id = programmes_notice.decision_id
        WHERE said.{column} IS NOT NULL AND {_OVER}
    """


_SAID = (("programmes_reply", "words"), ("programmes_review", "reason"))


def _taking(*statements: str) -> Any:
    """Return what takes as many as it may by each statement in turn."""

    def take(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
        taken = 0
        for each in statements:
            given = {"until": until, "at_most": at_most - taken, "stone": json.dumps(stone.plain)}
            cursor.execute(each, given)
            taken += cursor.rowcount
        return taken

    return take


LAPSES = (
    Lapse("known-to-programme", "told", due=f"SELECT count(*) {_STRANGERS}", take=_take_strangers),
    Lapse(
        "decision-facts",
        "decided",
        due=f"SELECT count(*) {_FACTS_OVER}",
        leaves=Leaves.TOMBSTONE,
        take=_taking(_TAKE_FACTS),
    ),
    Lapse(
        "words",
        "decided",
        leaves=Leaves.TOMBSTONE,
        due="SELECT " + " + ".join(f"(SELECT count(*) {_words_over(*each)})" for each in _SAID),
        take=_taking(
            *(
                f"UPDATE {table} SET {column} = NULL, tombstone = %(stone)s"
                f" WHERE id IN (SELECT said.id {_words_over(table, column)} LIMIT %(at_most)s)"
                for table, column in _SAID
            )
        ),
    ),
)
