"""Where notices keep personal data: that somebody was told of something, when and by what. It goes with whoever is erased.

What owners of accounts are warned of stays: that is about those who sign in here, by their accounts.
"""

from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Leaves

_WHOSE = "SELECT id FROM notices_sending WHERE person_id = ANY(%(persons)s) OR household_id = ANY(%(households)s)"

# Attempts first: they are found by their sendings.
KEPT = (
    Kept(
        "notices_attempt",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("channel", "reason"),
        erase=f"DELETE FROM notices_attempt WHERE sending_id IN ({_WHOSE})",
    ),
    Kept(
        "notices_sending",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("kind", "programme", "code", "state", "channel", "reason"),
        erase=f"DELETE FROM notices_sending WHERE id IN ({_WHOSE})",
    ),
    Kept(
        "notices_accountwarning",
        Holds.ACCOUNTS,
        FoundBy.ACCOUNT,
        Leaves.ALL,
        columns=("former",),
        bare=("of", "state", "reason"),
    ),
)
