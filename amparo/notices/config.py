"""What a profile may say about notices, read by `profiles` from `notices.toml` and used here.

Nulls   a kind that is not named is told nobody by this package; a use without a field is known of nobody
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from amparo.notices.types import Channel, Kind
from amparo.trust.types import Ground

# On what ground people are told what was decided about them; every profile has this purpose.
GROUND = Ground(purpose="eligibility")

# How long after an attempt the next one is due; after the last nothing is tried any more.
DELAYS = (*(timedelta(minutes=each) for each in (10, 60)), *(timedelta(hours=each) for each in (6, 24, 48)))
# How long a worker has what it took in hand to itself. What it did not come to by then, another takes up.
LEASE = timedelta(minutes=10)
# After how long nobody is warned any more of what happened to their account.
STALE = timedelta(days=7)
# When something is looked at again whose words could not be put together.
AGAIN = timedelta(minutes=15)


class Use(StrEnum):
    """What a field of the dictionary is used for here."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    CHANNEL = "channel"  # what somebody answered when asked how they want to hear: sms, email, letter or none
    LANGUAGE = "language"
    DETAIL = "detail"  # whether somebody asked that messages name the programme; what is not known is no


@dataclass(frozen=True)
class NoticesConfig:
    """What a country tells its people by itself.

    `kinds`      what is told; of each there are words in every language of the profile
    `contact`    use → (grain, field) of the dictionary
    `spoken`     value of the field for languages → language of the profile; of any other the first is spoken
    `languages`  of the profile, its first one first
    `unasked`    by what somebody is told who was never asked
    `in_person`  of what it serves that somebody was told in person; of all else that is noted, and it goes its way
    """

    kinds: tuple[Kind, ...] = ()
    contact: Mapping[Use, tuple[str, str]] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    unasked: Channel = Channel.LETTER
    in_person: tuple[Kind, ...] = ()
