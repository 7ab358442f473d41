"""What is unusual: from how much on, and what an alert of it or a breach may become."""

from dataclasses import dataclass
from enum import StrEnum

from amparo.kernel.messages import Message, message


class AlertKind(StrEnum):
    """What was unusual. The catalogue has the words under `trust-alert-<kind>`; `trust.watching.rules` says how it is found."""

    BUDGET = "budget"  # asked for more records in a day than anybody may
    BULK = "bulk"  # many more records in a day than colleagues
    SLOW = "slow"  # for weeks more than before, or than colleagues
    NO_ACT = "no-act"  # many records, and next to nothing done with them
    NIGHT = "night"  # outside office hours
    AWAY = "away"  # in areas where they have never worked
    NEAR = "near"  # their own household, or a relative's
    FAMOUS = "famous"  # one record, read by many officers
    AGAIN = "again"  # the same household day after day, with nothing done
    DENIED = "denied"  # refused again and again
    NUMBERS = "numbers"  # numbers tried that nobody has
    EXPORTED = "exported"  # lists of many taken along
    LEAVING = "leaving"  # gives roles or takes lists along shortly before their own role ends
    PAIR = "pair"  # one makes and the other confirms at once, again and again
    PARTNER = "partner"  # a partner that takes much more than it did

    @property
    def words(self) -> Message:
        return message(f"trust-alert-{self.value}")


class AlertState(StrEnum):
    OPEN = "open"
    LOOKED_AT = "looked-at"
    CLOSED = "closed"


class BreachStepKind(StrEnum):
    """What was done about a breach. The clock stops when the authority is told."""

    OPENED = "opened"
    TOLD_AUTHORITY = "told-authority"
    TOLD_PEOPLE = "told-people"
    TOLD_OTHERS = "told-others"
    NOTED = "noted"
    CLOSING = "closing"  # somebody says it may be closed; another must agree
    CLOSED = "closed"


@dataclass(frozen=True)
class WatchConfig:
    """From how much on something is unusual, as a profile states it; each number is a threshold that alerts when reached.

    `zone`, `opens`, `closes`, `weekdays`  office hours: IANA time zone, whole hours (`closes` is the first closed one), ISO weekdays
    `most_a_day`   records that one officer may open in a day; after that no more are served
    `bulk_least`, `times`, `spreads`  a day is unusual from the largest of: this many records, so many times the median day of
                   colleagues, their median plus so many spreads (1.4826 × median absolute deviation)
    `bulk_alone`   records in a day of somebody without enough colleagues to compare with
    `leaving_days` how long before the end of their roles somebody is leaving
    """

    zone: str = "UTC"
    opens: int = 7
    closes: int = 19
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    most_a_day: int = 2_000
    bulk_least: int = 150
    bulk_alone: int = 400
    times: int = 3
    spreads: int = 6
    slow_least: int = 200
    idle_reads: int = 80
    night_reads: int = 10
    away_reads: int = 8
    famous_officers: int = 8
    again_days: int = 7
    denials: int = 15
    missed_numbers: int = 15
    exported_records: int = 5_000
    leaving_days: int = 30
    pairs: int = 5
    pair_seconds: int = 60


@dataclass(frozen=True)
class BreachConfig:
    """Within how many hours of finding a breach the authority must be told, and by which law (a message id); '' where none is named."""

    hours: int = 72
    law: str = ""
