"""Where trust itself keeps personal data: of those whom the registry is about by id only, and of those who work here."""

from datetime import date
from typing import Any

from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Lapse, Leaves, Stone

# A receipt proves that something was handed over by right, and of whom only to who knows the id. Nothing more is.
_CONSENTS = """
UPDATE trust_consent SET withdrawn_on = greatest(%(on)s, given_on), withdrawn_at = now(), withdrawn_by = %(by)s
WHERE person_id = ANY(%(persons)s) AND withdrawn_at IS NULL
"""

# That somebody acted for another stays, of ids alone; the document that lay there does not.
_MANDATES = """
UPDATE trust_mandate SET proof_number = ''
WHERE (person_id = ANY(%(persons)s) OR holder_id = ANY(%(persons)s)) AND proof_number <> ''
"""


def _of_staff(table: str, *columns: str, bare: tuple[str, ...] = ()) -> Kept:
    return Kept(table, Holds.ACCOUNTS, FoundBy.ACCOUNT, Leaves.ALL, columns=columns, bare=bare)


KEPT = (
    Kept(
        "trust_consent",
        Holds.CONSENTS,
        FoundBy.PERSON,
        Leaves.PSEUDONYM,
        bare=("agreement", "asked", "kind"),
        erase=_CONSENTS,
    ),
    Kept(
        "trust_audit",
        Holds.ACTS,
        FoundBy.PERSON,
        Leaves.PSEUDONYM,
        bare=("event", "by_kind", "permission", "purpose", "agreement", "about_kind", "about_id", "details"),
    ),
    Kept(
        "trust_erasure",
        Holds.ORDERS,
        FoundBy.PERSON,
        Leaves.PSEUDONYM,
        bare=("schedule", "ground", "reference", "state", "certificate", "digest"),
    ),
    Kept(
        "trust_invitation",
        Holds.ACTS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("proof_number",),
        bare=("code_digest", "detail_digests", "proof"),
        erase="DELETE FROM trust_invitation WHERE person_id = ANY(%(persons)s)",
    ),
    Kept(
        "trust_mandate",
        Holds.BELONGING,
        FoundBy.PERSON,
        Leaves.PSEUDONYM,
        columns=("proof_number",),
        bare=("proof", "scope"),
        erase=_MANDATES,
    ),
    Kept("trust_citizen", Holds.ROWS, FoundBy.PERSON, Leaves.PSEUDONYM),
    Kept("trust_delay", Holds.ORDERS, FoundBy.PERSON, Leaves.PSEUDONYM, bare=("authority", "reference")),
    Kept("trust_alert", Holds.ACTS, FoundBy.PERSON, Leaves.PSEUDONYM, bare=("kind", "agreement", "about", "state")),
    Kept("trust_alertstep", Holds.ACTS, FoundBy.ACCOUNT, Leaves.ALL, columns=("reason",), bare=("state",)),
    Kept("trust_hold", Holds.ORDERS, FoundBy.PERSON, Leaves.PSEUDONYM, bare=("reason",)),
    Kept(
        "trust_keptmessage",
        Holds.ORIGINALS,
        FoundBy.NOTHING,
        Leaves.ITS_DAY,
        columns=("raw",),
        bare=("message", "action", "profile", "digest", "signature", "key"),
    ),
    Kept(
        "trust_subscription",
        Holds.ORIGINALS,
        FoundBy.NOTHING,
        Leaves.ITS_DAY,
        columns=("criteria",),
        bare=("agreement", "registry", "event", "digest", "reference", "transaction"),
    ),
    _of_staff("trust_account", "username", "display_name", "email", "password", bare=("language",)),
    _of_staff("trust_identity", "issuer", "subject"),
    _of_staff("trust_roleassignment"),
    _of_staff("trust_guess", "key"),
    _of_staff("trust_factorsecret", "sealed"),
    _of_staff("trust_agreementsignature", "name", "position"),
    Kept("audit", Holds.ACTS, FoundBy.PERSON, Leaves.PSEUDONYM, is_folder=True),
    Kept("keys", Holds.FIGURES, FoundBy.NOTHING, Leaves.ALL, is_folder=True),
)

# A message that came may name somebody by a number. It proves who asked for what, and goes as a whole on its day; so does a
# subscription, counted from its end.
_OLD = (
    ("trust_keptmessage", "at::date < %(until)s"),
    ("trust_subscription", "ended_at::date < %(until)s"),
)
_DUE = "SELECT " + " + ".join(f"(SELECT count(*) FROM {table} WHERE {is_old})" for table, is_old in _OLD)


def _take_messages(cursor: Any, until: date, at_most: int, stone: Stone) -> int:
    count = 0
    for table, is_old in _OLD:
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {is_old} LIMIT %(at_most)s)",
            {"until": until, "at_most": at_most - count},
        )
        count += cursor.rowcount
    return count


LAPSES = (Lapse("messages", "delivered", due=_DUE, take=_take_messages),)
