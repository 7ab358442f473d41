"""Where payments keep personal data. What was paid must be accounted for, under an id that leads to nobody; accounts go."""

from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Leaves

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
    Kept("payments_line", Holds.PAYMENTS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=("cycle", "kind", "reference")),
    Kept("payments_adjustment", Holds.PAYMENTS, FoundBy.UNIT, Leaves.PSEUDONYM, bare=("kind", "law")),
)
