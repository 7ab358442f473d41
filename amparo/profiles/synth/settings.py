"""Reads `synth.toml` and `names.toml` of a profile: how its invented people live, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from amparo.kernel.errors import Refused
from amparo.profiles.places import Fault, Place
from amparo.profiles.reading import files
from amparo.profiles.types import ProfileRefused

FILE, NAMES = "synth.toml", "names.toml"
Read = TypeVar("Read")
Shares = Mapping[str, float]


@dataclass(frozen=True)
class FieldDraw:
    """How one field is drawn; `synth.toml` explains the words.

    `shares`  codes with their shares: on a ladder from the worst to the best, or by pure chance where `chance`
    `share`   of yes, for a boolean
    `median`  of a number
    `by`, `missing_by`  latent → weight, against chance with weight 1
    """

    name: str
    shares: Shares | None
    chance: bool
    share: float | None
    median: float | None
    spread: float
    none: float
    step: float
    least: float
    most: float | None
    at_most: str | None
    by: Shares
    missing: float
    missing_by: Shares
    ages: tuple[int, int] | None
    sex: str | None
    only: Mapping[str, tuple]
    unless: Mapping[str, tuple]
    otherwise: Any


@dataclass(frozen=True)
class Community:
    """A language, and the names of those who speak it, the common ones first."""

    name: str
    script: str
    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]


@dataclass(frozen=True)
class PlaceSettings:
    seed: int
    urban_share: float
    urban_weight: float
    reach: float
    clustering: float
    dispersion: float
    communities: Mapping[str, Shares]


@dataclass(frozen=True)
class Fertility:
    children: float
    by_welfare: float
    by_urban: float
    first_birth_age: float
    spacing_years: float
    leaving_age: float


@dataclass(frozen=True)
class Work:
    from_age: int
    until_age: int
    male: float
    female: float
    unemployed: float
    status: Shares
    rural: Shares
    urban: Shares
    earnings: float
    earnings_spread: float
    earnings_by_welfare: float
    pension_from_age: int
    pension_share: float
    pension: float
    remittance_share: float
    remittance: float
    transfer_share: float
    transfer: float


@dataclass(frozen=True)
class Settings:
    """Everything `synth.toml` says.

    `structure`  age of the head from which it holds → kind of household → share
    """

    on: date
    interview_days: int
    mapping: str
    places: PlaceSettings
    structure: Mapping[int, Shares]
    fertility: Fertility
    work: Work
    diary_share: float
    diary_months: int
    most_plots: int
    numbered_adults: float
    numbered_children: float
    estimated_birth_date: float
    duplicates: Shares
    defects: Shares
    household: tuple[FieldDraw, ...]
    person: tuple[FieldDraw, ...]
    communities: tuple[Community, ...]


def read(folder: Path) -> Settings:
    """Return the settings of a profile's population. A profile without them is refused, and so is a broken file."""
    if not (folder / FILE).is_file():
        raise Refused("profiles-no-population", profile=folder.name)
    try:
        return _settings(files.toml(folder, FILE), tuple(_communities(files.toml(folder, NAMES))))
    except Fault as fault:
        raise ProfileRefused(folder.name, (fault.problem,)) from fault


def _settings(top: Place, communities: tuple[Community, ...]) -> Settings:
    planted, identity, diary = top.table("planted"), top.table("identity"), top.table("income_diary")
    numbered = identity.table("national_id")
    found = Settings(
        on=top.day("on"),
        interview_days=top.whole("interview_days"),
        mapping=top.text("mapping"),
        places=_places(top.table("places")),
        structure={_age(age, each): _shares(each) for age, each in top.table("structure").named_tables()},
        fertility=_numbers(Fertility, top.table("fertility")),
        work=_numbers(Work, top.table("work")),
        diary_share=diary.number("share"),
        diary_months=diary.whole("months"),
        most_plots=top.table("plots").whole("most"),
        numbered_adults=numbered.number("adults"),
        numbered_children=numbered.number("children"),
        estimated_birth_date=identity.number("estimated_birth_date"),
        duplicates=_shares(planted.table("duplicates")),
        defects=_shares(planted.table("defects")),
        household=tuple(_draw(name, each) for name, each in top.table("household").named_tables()),
        person=tuple(_draw(name, each) for name, each in top.table("person").named_tables()),
        communities=communities,
    )
    for each in (planted, identity, diary, top):
        each.nothing_left()
    return found


def _communities(top: Place) -> list[Community]:
    return [
        Community(
            name, place.text("script"), *(tuple(place.text(each).split()) for each in ("female", "male", "family"))
        )
        for name, place in top.named_tables()
    ]


def _places(place: Place) -> PlaceSettings:
    communities = {region: _shares(each) for region, each in place.table("communities").named_tables()}
    return PlaceSettings(seed=place.whole("seed"), communities=communities, **_all_numbers(place))


def _numbers(kind: Callable[..., Read], place: Place) -> Read:
    """Build a dataclass whose fields are numbers, or shares."""
    shares = {name: _shares(place.table(name)) for name, value in list(place.left.items()) if isinstance(value, dict)}
    try:
        return kind(**shares, **_all_numbers(place))
    except TypeError:
        place.refuse("profiles-settings-incomplete", keys=list(kind.__annotations__))


def _all_numbers(place: Place) -> dict[str, float]:
    return {
        name: place.whole(name) if isinstance(place.left[name], int) else place.number(name)
        for name in list(place.left)
    }


def _shares(place: Place) -> Shares:
    return {name: place.number(name) for name in list(place.left)}


def _draw(name: str, place: Place) -> FieldDraw:
    ways = [each for each in ("ladder", "choice", "share", "median") if place.has(each)]
    if len(ways) != 1:
        place.refuse("profiles-draw-one-way", field=name)
    shares = _shares(place.table(ways[0])) if ways[0] in ("ladder", "choice") else None
    if shares is not None and abs(sum(shares.values()) - 1) > 1e-6:
        place.refuse("profiles-shares-not-one", field=name)
    found = FieldDraw(
        name=name,
        shares=shares,
        chance=ways[0] == "choice",
        share=_number_or(place, "share", None),
        median=_number_or(place, "median", None),
        spread=_number_or(place, "spread", 0.0),
        none=_number_or(place, "none", 0.0),
        step=_number_or(place, "step", 1.0),
        least=_number_or(place, "least", 0.0),
        most=_number_or(place, "most", None),
        at_most=place.text_or("at_most", None),
        by=_shares(place.table("by")),
        missing=_number_or(place, "missing", 0.0),
        missing_by=_shares(place.table("missing_by")),
        ages=_ages(place),
        sex=place.text_or("sex", None),
        only=_conditions(place.table("only")),
        unless=_conditions(place.table("unless")),
        otherwise=place.left.pop("otherwise", None),
    )
    place.nothing_left()
    return found


def _number_or(place: Place, key: str, default: Any) -> Any:
    return place.number(key) if place.has(key) else default


def _age(name: str, place: Place) -> int:
    if not name.isdigit():
        place.refuse("profiles-value-wrong", key=name, example="[structure.30]")
    return int(name)


def _ages(place: Place) -> tuple[int, int] | None:
    ages = place.left.pop("ages", None)
    if ages is None:
        return None
    if not isinstance(ages, list) or [type(each) for each in ages] != [int, int]:
        place.refuse("profiles-value-wrong", key="ages", example="[6, 17]")
    return ages[0], ages[1]


def _conditions(place: Place) -> Mapping[str, tuple]:
    for name, values in place.left.items():
        if not isinstance(values, list):
            place.refuse("profiles-value-wrong", key=name, example="[“…”, “…”]")
    return {name: tuple(place.left.pop(name)) for name in list(place.left)}
