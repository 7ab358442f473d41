"""Where payments keep personal data. What was paid must be accounted for, under an id that leads to nobody; accounts go."""

from typing import Any
from uuid import UUID

from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Leaves

# Whoever is being paid: money on its way must arrive, or be followed up.
_BEING_PAID = """
SELECT DISTINCT p.recipient_id FROM payments_payment p JOIN payments_list l ON l.id = p.list_id AND l.state <> 'withdrawn'
WHERE p.recipient_id = ANY (%(persons)s::uuid[]) AND p.state IN ('ready', 'held')
"""


def being_paid(cursor: Any, persons: list[UUID], on: Any) -> set[UUID]:
    """Return those to whom a payment is on its way: where it goes must stay known until it has arrived."""
    cursor.execute(_BEING_PAID, {"persons": persons})
    return {id for (id,) in cursor.fetchall()}


KEPT = (
    Kept(
        "payments_account",
        Holds.WHERE_PAID,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("number", "holder"),
        bare=("scheme", "institution", "blind_index", "spare_index"),
        field_class="payment",
        erase="DELETE FROM payments_account WHERE person_id = ANY(%(persons)s)",
    ),
    Kept(
        "payments_payment",
        Holds.PAYMENTS,
        FoundBy.UNIT,
        Leaves.PSEUDONYM,
        bare=("reference", "state", "check_failed"),
    ),
    Kept(
        "payments_line", Holds.PAYMENTS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=("cycle", "kind", "reference", "owed_for")
    ),
    Kept("payments_arrears", Holds.PAYMENTS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=("cycle",)),
    Kept("payments_adjustment", Holds.PAYMENTS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=("kind", "law")),
)
