"""Who is told what programmes did, as statements for `notices`: in the transaction in which it is done.

Nulls   of a decision about a home, a family or a couple the household is told
"""

from uuid import UUID

from amparo.notices.actions import tell
from amparo.notices.types import Kind
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


def tell_of_notice(notice: UUID, *, by: Actor) -> None:
    tell(Kind.DECISION_PROPOSED, _ONE, {"notice": notice}, by=by)


def tell_of_notices(*, by: Actor, using: str) -> None:
    """Tell of each notice whose id is in the temporary table `given`."""
    tell(Kind.DECISION_PROPOSED, _MANY, {}, by=by, using=using)


def tell_of_effects(*, by: Actor, using: str) -> None:
    """Tell of what is in the temporary table `due`, once it took effect."""
    tell(Kind.DECISION_IN_EFFECT, _IN_EFFECT, {}, by=by, using=using)
