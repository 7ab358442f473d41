"""What a profile states of areas and purposes, and who stands on either side of an agreement or gives a consent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Side(StrEnum):
    """A party to an agreement: who gives, and who gets."""

    PROVIDER = "provider"
    CONSUMER = "consumer"


class ConsentKind(StrEnum):
    """How a consent was given."""

    SIGNED = "signed"
    SPOKEN = "spoken"  # read out, and answered before the officer who records it
    REPRESENTED = "represented"  # by a parent, guardian or holder of a mandate


@dataclass(frozen=True)
class AreaConfig:
    """One area of the country as its profile gives it: codes name the parent and the successor.

    `name` is in the country's first language, `names` holds others: language → name.
    """

    code: str
    parent: str | None
    level: str
    name: str
    valid_from: date | None = None
    valid_until: date | None = None
    successor: str | None = None
    names: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class PurposeConfig:
    """`last_day`: of a purpose that ends, for instance of an emergency; after it nobody reads for it."""

    code: str
    legal_basis: str
    last_day: date | None = None


@dataclass(frozen=True)
class ScheduleConfig:
    """How long something is kept: `days` after an event, by a law (a message id of the profile's catalogue).

    `place`  and `after` are words of `trust.retention`; `field_class` where not all of a person goes
    """

    code: str
    place: str
    field_class: str
    after: str
    days: int
    law: str


@dataclass(frozen=True)
class OrganisationConfig:
    """An institution; `name` is a message id of the profile's catalogue, or the name itself."""

    code: str
    name: str
    is_own: bool = False


@dataclass(frozen=True)
class Signatory:
    """Who signs for a side, in what position, and which term of confidentiality they signed with it."""

    name: str
    position: str
    confidentiality: str
