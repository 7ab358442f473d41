"""What a country folder holds once it has been read: words that cross the border of this package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from amparo.cases.config import CategoryConfig, TransitionConfig
from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message
from amparo.notices.config import NoticesConfig
from amparo.payments.config import PaymentConfig
from amparo.programmes.config import ParameterConfig, ProgrammeConfig
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.lifecycle import CoverageConfig
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.performance import IndexConfig
from amparo.registry.dictionary import Dictionary
from amparo.registry.schemes import Scheme
from amparo.registry.types import AttributeConfig, SourceConfig
from amparo.rules.contents import ScoringModel, Table
from amparo.sources.types import ConnectionConfig
from amparo.trust.covering import Terms
from amparo.trust.types import (
    AreaConfig,
    BreachConfig,
    OrganisationConfig,
    PurposeConfig,
    ScheduleConfig,
    WatchConfig,
)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a profile: the file, the place in it, and why and what to do about it."""

    file: str
    place: str
    message: Message


class ProfileRefused(Refused):
    """A profile that cannot be used, with everything that is wrong with it."""

    def __init__(self, folder: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        first = problems[0]
        super().__init__(
            "profiles-broken",
            folder=folder,
            count=len(problems),
            file=first.file,
            place=first.place,
        )


class SourceKind(StrEnum):
    SURVEY = "survey"  # asked by an enumerator
    DECLARED = "declared"  # said by the person on their own account
    ADMINISTRATIVE = "administrative"  # another institution's database


@dataclass(frozen=True)
class GroupConfig:
    """A kind of group inside a household; `definition` is a message id."""

    kind: str
    definition: str


@dataclass(frozen=True)
class ItemConfig:
    """A kind of item, of which a person or a household may hold many."""

    kind: str
    held_by: str


@dataclass(frozen=True)
class Expected:
    """What a worked case says will come out; `member` counts from 0 where the programme decides about persons.

    `unit`     of a programme about families or couples: the group's name in the case, or of who is in none their own
    `outcome`  true, false, or None for unknown
    `amount`   money in minor units; None where nothing is paid or the amount is unknown
    `missing`  fields that keep the outcome unknown, as `household.rooms` or `members[0].sex`
    `keys`     of a programme with few places: what the unit is ranked by, in order; `outcome` then says whether it is eligible
    """

    outcome: bool | None
    amount: int | None = None
    missing: tuple[str, ...] = ()
    member: int | None = None
    unit: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseConfig:
    """A worked case that an official can read: a household on a day, and what a programme says of it.

    `household`, `members`  field name → value as the dictionary types it; what is not named is unknown
    `who`, `groups`  each member's name in the case, and that of the family or couple they are in, by kind
    """

    name: str
    file: str
    programme: str
    on: date
    household: Mapping[str, Any]
    members: tuple[Mapping[str, Any], ...]
    expected: tuple[Expected, ...]
    why: str = ""
    who: tuple[str | None, ...] = ()
    groups: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)


Boundary = Mapping[str, Any]  # a GeoJSON geometry: Polygon or MultiPolygon, longitude and latitude


@dataclass(frozen=True)
class Profile:
    """A country: everything its folder says, read and typed.

    `digest`  changes with any byte of the folder; a snapshot and a decision name it
    `boundaries`  area code → geometry
    `mappings`  name → mapping as TOML gives it; `intake.config.mapping` checks it
    `agreements`  code and terms of those that are to be drafted; people sign them
    `schedules`  how long what is kept
    `payments`  how programmes pay; `feeds` how files of other programmes' systems are read;
        `overlaps` how programmes go together; `exclusion_alarm` of how many in a hundred households receiving nothing
        from anybody is an alarm, None: no level is set; `indices` by what it is measured how local offices do
    `coverage`  the life-cycle groups by which people are counted
    `categories`  what cases are about, `transitions` what in a life opens some; `cases` are worked examples
    `connections`  how sources are asked
    `notices`  what people are told by themselves, and by what
    `watch`, `breach`  from how much on use is unusual, and the law on breaches
    """

    code: str
    name: str
    folder: Path
    digest: str
    languages: tuple[str, ...]
    currency: str
    decimals: int
    time_zone_name: str
    household_definition: str
    uses: tuple[str, ...]
    levels: tuple[str, ...]
    dictionary: Dictionary
    areas: tuple[AreaConfig, ...]
    boundaries: Mapping[str, Boundary]
    sources: tuple[SourceConfig, ...]
    purposes: tuple[PurposeConfig, ...]
    identifiers: tuple[Scheme, ...]
    groups: tuple[GroupConfig, ...]
    items: tuple[ItemConfig, ...]
    parameters: tuple[ParameterConfig, ...]
    programmes: tuple[ProgrammeConfig, ...]
    mappings: Mapping[str, Mapping[str, Any]]
    cases: tuple[CaseConfig, ...]
    tables: tuple[Table, ...] = ()
    models: tuple[ScoringModel, ...] = ()
    attributes: tuple[AttributeConfig, ...] = ()
    organisations: tuple[OrganisationConfig, ...] = ()
    agreements: tuple[tuple[str, Terms], ...] = ()
    schedules: tuple[ScheduleConfig, ...] = ()
    watch: WatchConfig = field(default_factory=WatchConfig)
    breach: BreachConfig = field(default_factory=BreachConfig)
    payments: tuple[PaymentConfig, ...] = ()
    feeds: tuple[FeedConfig, ...] = ()
    overlaps: tuple[OverlapRule, ...] = ()
    categories: tuple[CategoryConfig, ...] = ()
    transitions: tuple[TransitionConfig, ...] = ()
    connections: tuple[ConnectionConfig, ...] = ()
    notices: NoticesConfig = field(default_factory=NoticesConfig)
    exclusion_alarm: int | None = None
    indices: tuple[IndexConfig, ...] = ()
    coverage: CoverageConfig = field(default_factory=CoverageConfig)

    @property
    def time_zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone_name)

    @property
    def insurance(self) -> tuple[str, ...]:
        """The programmes that are social insurance, run here or told by other systems; all others are assistance."""
        own = {each.code for each in self.programmes if each.insurance}
        return tuple(sorted(own.union(*(each.insurance for each in self.feeds))))

    @property
    def locale_folder(self) -> Path:
        return self.folder / "locale"
