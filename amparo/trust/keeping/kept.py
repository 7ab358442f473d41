"""How a package says where it keeps personal data, of whom, how a person's is found there, and what erasure leaves of it.

Each package lists its own in `kept.py`; `project` puts them together. A test finds a protected table, a column of text,
JSON or bytes in one, or a folder, that nobody declared; documentation and the data protection officer's page are written
from the same lists.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Holds(StrEnum):
    """What is kept in a place. The words are in the catalogue under `trust-holds-<value>`."""

    KNOWN = "known"  # what was observed, and what holds of it
    NAMES = "names"
    IDENTIFIERS = "identifiers"
    BELONGING = "belonging"  # who lives with whom, and is whose relative
    ROWS = "rows"  # that there is somebody: an id, a number, an area
    DECISIONS = "decisions"
    WORDS = "words"  # what somebody said in their own words
    ORIGINALS = "originals"  # delivered lines as they came
    FILES = "files"  # what delivered files are called
    CONSENTS = "consents"
    COPIES = "copies"  # a country frozen at one instant
    ACTS = "acts"  # who looked, and when
    ORDERS = "orders"  # that somebody is to be erased, or not yet
    FIGURES = "figures"  # counts: of nobody
    PAYMENTS = "payments"
    WHERE_PAID = "where-paid"  # accounts that money goes to
    ACCOUNTS = "accounts"  # who works here


class FoundBy(StrEnum):
    """By what a person's is found in a place: `trust-found-by-<value>`."""

    PERSON = "person"
    SUBJECT = "subject"  # a record of one source
    HOUSEHOLD = "household"
    UNIT = "unit"  # whom a decision is about
    CONTENT = "content"  # each row is opened and looked at
    DELIVERY = "delivery"
    SNAPSHOT = "snapshot"
    ACCOUNT = "account"
    NOTHING = "nothing"  # not found, for nobody's is there or it cannot be opened


class Leaves(StrEnum):
    """What erasure leaves in a place: `trust-leaves-<value>`."""

    TOMBSTONE = "tombstone"  # ground and day
    NOTHING = "nothing"
    BARE_ROW = "bare-row"  # ids and days that others depend on
    PSEUDONYM = "pseudonym"  # an id that leads to nobody any more
    LOCKED = "locked"  # files without a key: at once, or on their day where a decision rests on them
    ITS_DAY = "its-day"  # all of it, until its schedule takes it
    ALL = "all"  # it is not of whom the registry is about


@dataclass(frozen=True)
class Stone:
    """On what ground something is erased, and on which day."""

    ground: str
    on: date

    @property
    def plain(self) -> dict[str, str]:
        return {"ground": self.ground, "on": self.on.isoformat()}


# What is erased, by the names that statements use: persons, households, groups, entities, subjects, homes.
Reached = Mapping[str, Sequence[Any]]
Erase = Callable[[Any, Reached, Stone], int]


@dataclass(frozen=True)
class Kept:
    """A place of personal data: a table, or a folder of the installation.

    `columns`      what holds somebody's data there; of a folder nothing
    `bare`         its other columns of text, JSON or bytes, which hold codes, days and ids
    `field_class`  of the dictionary's classes the one it is of; "" where all may be
    `erase`        psycopg's SQL with the names of `Reached` and `stone`, `on`, `ground`, which gives one row for each thing
                   erased or changes as many rows; or what does the same. None: erasure does nothing here, as `leaves` says
    `of_class`     the same, for what is in `fields` of some persons: those of one class, whose time is over before the rest's
    `many`         the name stands for all tables that begin with it
    """

    place: str
    holds: Holds
    found_by: FoundBy
    leaves: Leaves
    columns: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    field_class: str = ""
    erase: str | Erase | None = None
    of_class: str | Erase | None = None
    is_folder: bool = False
    many: bool = False


# Called with the last day that has passed its time, how many at most, and who acts; returns how many were taken.
Take = Callable[[Any, date, int, Stone], int]


@dataclass(frozen=True)
class Lapse:
    """Something that a profile's schedule may let go after a time: what, after which event, and how it is found.

    `place`, `after`  the words by which a schedule names it: `trust-lapse-<place>`, `trust-after-<after>`
    `due`    psycopg's SQL that counts what was over before `until`
    `leaves` what is left of it
    `take`   takes up to so many of them as the eraser, and returns how many it met; None where whole persons are taken
    `persons`  psycopg's SQL that gives the persons who are due, by id, after `last` and up to `at_most`
    `of_class` a condition on person `p` by which a schedule of one class of `fields` still finds something of theirs
    """

    place: str
    after: str
    due: str
    leaves: Leaves = Leaves.NOTHING
    take: Take | None = None
    persons: str = ""
    of_class: Callable[[str, Sequence[str]], str] | None = None
