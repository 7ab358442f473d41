"""What each kind of notice may tell, by what. A kind is one line here, one in `types.Kind`, and words in a profile.

What a placeholder may stand for is in the sending's row. A text or an e-mail is seen by whoever holds the telephone: neither ever
names a programme, an amount or a reason. `profiles.checking.notices` holds a profile's words to that, and `words` fills in
nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from amparo.notices.types import Channel, Kind

# What a neutral message may hold, whatever happened: what somebody quotes at the counter, a day, and a case's own code.
NEUTRAL = frozenset({"reference", "day", "code"})


@dataclass(frozen=True)
class Told:
    """`holds`: the placeholders of its letter. `is_owed`: the law asks that it is told, also to who wants to hear nothing.

    `asked`: what more may be named to who asked that messages say more. Then it has words of its own (`ASKED`).
    """

    holds: frozenset[str]
    is_owed: bool = False
    asked: frozenset[str] = frozenset()


KINDS: Mapping[Kind, Told] = {
    Kind.DECISION_PROPOSED: Told(frozenset({"reference", "programme", "day"}), is_owed=True),
    Kind.DECISION_IN_EFFECT: Told(frozenset({"reference", "programme", "day"}), is_owed=True),
    # What is good news at home may be found by who would take it: not even a letter names a programme by itself.
    Kind.DECISION_GRANTED: Told(frozenset({"reference", "day"}), asked=frozenset({"programme"})),
    Kind.DECISION_RAISED: Told(frozenset({"reference", "day"}), asked=frozenset({"programme"})),
    Kind.CASE_RECEIVED: Told(frozenset({"reference", "code", "day"})),
    Kind.CASE_CLOSED: Told(frozenset({"reference", "code"})),
    Kind.CONDITION_MISSED: Told(frozenset({"reference", "programme", "day"}), is_owed=True),
    Kind.PAYMENT_UNPAID: Told(frozenset({"reference", "programme", "day"})),
}
# Part of a notice → by which channel it goes; its words are `notice-<kind>-<part>` in the profile's catalogue.
PARTS: Mapping[str, Channel] = {
    "text": Channel.SMS,
    "subject": Channel.EMAIL,
    "email": Channel.EMAIL,
    "title": Channel.LETTER,
    "letter": Channel.LETTER,
}
# Part that is written in its stead to who asked that messages say more → what it stands for.
ASKED: Mapping[str, str] = {"asked-text": "text", "asked-email": "email", "asked-letter": "letter"}


def parts_of(kind: Kind, *, may_be_asked: bool) -> tuple[str, ...]:
    """Return the parts that a kind has words for; those for who asked, only where the country asks."""
    return (*PARTS, *(ASKED if may_be_asked and KINDS[kind].asked else ()))


def channel_of(part: str) -> Channel:
    return PARTS[ASKED.get(part, part)]


def words_id(kind: Kind, part: str) -> str:
    return f"notice-{kind.value}-{part}"


def may_hold(kind: Kind, part: str) -> frozenset[str]:
    """Return the placeholders that a part's words may have."""
    told = KINDS[kind]
    if part in ASKED:
        return told.holds | told.asked
    return told.holds if PARTS[part] is Channel.LETTER else told.holds & NEUTRAL
