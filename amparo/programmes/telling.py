"""Who is told what programmes did, as statements for `notices`: in the transaction in which it is done.

Nulls   of a decision about a home, a family or a couple the household is told
"""

from typing import Any
from uuid import UUID

from amparo.notices.actions import tell
from amparo.notices.types import Kind
from amparo.trust.stage import is_live
from amparo.trust.types import Actor

_NOTICED = """
SELECT n.id AS about, CASE d.grain WHEN 'person' THEN n.unit_id END AS person, n.household_id AS household,
    n.area_number, p.code AS programme, n.takes_effect_on AS day, '' AS code
FROM programmes_notice n
JOIN programmes_decision d ON d.id = n.decision_id AND d.decided_at = n.decided_at
JOIN programmes_programme p ON p.id = n.programme_id
"""
_ONE = f"{_NOTICED} WHERE n.id = %(notice)s"
# Temporary tables of the caller's transaction: `given` has the ids of notices, `due` what takes effect.
_MANY = f"{_NOTICED} JOIN given ON given.id = n.id"
_IN_EFFECT = f"{_NOTICED} JOIN due ON due.notice_id = n.id"
# Decisions for the better of these that were written at one instant: what nobody was granted before, and what is more than it was.
# What stood before them was superseded at that instant, or there was nothing.
_BETTER = """
SELECT d.id AS about, CASE d.grain WHEN 'person' THEN d.unit_id END AS person, d.household_id AS household, d.area_number,
    p.code AS programme, d.on_day AS day, '' AS code
FROM programmes_decision d
JOIN programmes_programme p ON p.id = d.programme_id
LEFT JOIN programmes_decision before ON before.programme_id = d.programme_id AND before.unit_id = d.unit_id
    AND before.superseded_at = d.decided_at AND before.state = 'in-effect'
WHERE d.decided_at = %(at)s AND {which} AND d.superseded_at IS NULL AND d.state = 'in-effect' AND d.outcome AND {better}
"""
_KINDS = {
    Kind.DECISION_GRANTED: "before.outcome IS NOT TRUE",
    Kind.DECISION_RAISED: "before.outcome AND d.amount_minor > before.amount_minor",
}


def tell_of_better(which: str, values: dict[str, Any], *, by: Actor, using: str) -> None:
    """Tell of what was granted and what was raised by decisions written at the instant `at`. `which`: a condition on them, `d`.

    What a trial decides nobody hears of, also once it is over.
    """
    for kind, better in _KINDS.items() if is_live(using=using) else ():
        tell(kind, _BETTER.format(which=which, better=better), values, by=by, using=using)


def tell_of_notice(notice: UUID, *, by: Actor) -> None:
    tell(Kind.DECISION_PROPOSED, _ONE, {"notice": notice}, by=by)


def tell_of_notices(*, by: Actor, using: str) -> None:
    """Tell of each notice whose id is in the temporary table `given`."""
    tell(Kind.DECISION_PROPOSED, _MANY, {}, by=by, using=using)


def tell_of_effects(*, by: Actor, using: str) -> None:
    """Tell of what is in the temporary table `due`, once it took effect."""
    tell(Kind.DECISION_IN_EFFECT, _IN_EFFECT, {}, by=by, using=using)
