"""Reads a country folder into frozen words; what it cannot read, it names, and goes on to name the rest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import (
    agreements,
    areas,
    cases,
    categories,
    connections,
    coverage,
    dictionary,
    feeds,
    files,
    notices,
    overlaps,
    payments,
    performance,
    programmes,
    retention,
    stated,
    transitions,
    trust,
    watch,
)
from amparo.profiles.types import GroupConfig, ItemConfig, Profile, ProfileRefused
from amparo.registry.dictionary import GROUP_KIND

Read = TypeVar("Read")


def read(folder: Path) -> Profile:
    """Return the profile of a folder. Raises ProfileRefused with every entry that could not be read.

    Reading takes each file by itself; whether they fit each other is asked by `checking.check`.
    """
    problems = Problems()
    profile = read_leniently(folder, problems)
    if problems.found or profile is None:
        raise ProfileRefused(folder.name, tuple(problems.found))
    return profile


def read_leniently(folder: Path, problems: Problems) -> Profile | None:
    """Return the profile without the entries that could not be read, which are collected in `problems`.

    None where `profile.toml` itself cannot be read: without it nothing else has a meaning.
    """
    with problems.collected():
        top = files.toml(folder, "profile.toml")
        head = top.table("profile")
        found = _profile(folder, top, head, problems)
        head.nothing_left()
        top.nothing_left()
        return cases.with_cases(found, problems)
    return None


def _profile(folder: Path, top: Place, head: Place, problems: Problems) -> Profile:
    currency, decimals = head.text("currency"), head.whole("decimals")
    identifiers = _each(top.table("identifiers"), trust.identifier, problems)
    sources = trust.read_sources(folder, problems)
    items, groups = _each(top.table("items"), _item, problems), _each(top.table("groups"), _group, problems)
    fields = dictionary.read(folder, currency, decimals, identifiers, problems)
    majority = head.whole_or("majority", None)
    words = dictionary.completed(fields, items, groups, sources, majority)
    organisations, agreed = agreements.read(folder, words, problems)
    zone = _time_zone(head)
    watched, breaches = watch.read(folder, zone, problems)
    languages = head.texts("languages")
    return Profile(
        code=head.text("code"),
        name=head.text("name"),
        folder=folder,
        digest=files.digest(folder),
        languages=languages,
        currency=currency,
        decimals=decimals,
        time_zone_name=zone,
        household_definition=head.text("household_definition"),
        uses=head.texts("uses"),
        levels=top.table("areas").texts("levels"),
        dictionary=words,
        areas=areas.read(folder, problems),
        boundaries=areas.read_boundaries(folder, problems),
        sources=sources,
        purposes=trust.read_purposes(folder, problems),
        identifiers=identifiers,
        groups=groups,
        items=items,
        mappings=_mappings(folder, problems),
        cases=(),
        tables=stated.read_tables(folder, words, problems),
        models=stated.read_models(folder, words, problems),
        attributes=areas.read_attributes(folder, words, problems),
        organisations=organisations,
        agreements=agreed,
        schedules=retention.read_schedules(folder, problems),
        watch=watched,
        breach=breaches,
        connections=connections.read_connections(folder, decimals, problems),
        notices=notices.read_notices(folder, languages, problems),
        **_of_programmes(folder, top, decimals, problems),
    )


def _of_programmes(folder: Path, top: Place, decimals: int, problems: Problems) -> dict[str, Any]:
    """Read what programmes are, and what follows from them; return it by the profile's names."""
    return {
        "parameters": programmes.read_parameters(folder, decimals, problems),
        "programmes": programmes.read_programmes(folder, problems),
        "coverage": coverage.read_coverage(folder, problems),
        "exclusion_alarm": programmes.read_alarm(top.table("programmes"), problems),
        "payments": payments.read_payments(folder, decimals, problems),
        "feeds": feeds.read_feeds(folder, decimals, problems),
        "overlaps": overlaps.read_overlaps(folder, problems),
        "categories": categories.read_categories(folder, problems),
        "transitions": transitions.read_transitions(folder, problems),
        "indices": performance.read_indices(folder, problems),
    }


def _time_zone(head: Place) -> str:
    name = head.text("time_zone")
    if name not in available_timezones():
        head.refuse("profiles-time-zone-unknown", zone=name)
    return name


def _each(place: Place, one: Callable[[str, Place], Read], problems: Problems) -> tuple[Read, ...]:
    """Read every named table in a table, one by one."""
    found = []
    for name, inner in place.named_tables():
        with problems.collected():
            found.append(one(name, inner))
            inner.nothing_left()
    return tuple(found)


def _group(kind: str, place: Place) -> GroupConfig:
    if not GROUP_KIND.fullmatch(kind):
        place.refuse("profiles-name-wrong", name=kind)
    return GroupConfig(kind, place.text("definition"))


def _item(kind: str, place: Place) -> ItemConfig:
    held_by = place.text("held_by")
    if held_by not in ("person", "household", "group"):
        place.refuse("profiles-value-unknown", key="held_by", value=held_by, known=["person", "household", "group"])
    return ItemConfig(kind, held_by)


def _mappings(folder: Path, problems: Problems) -> dict[str, dict]:
    found = {}
    for file in sorted((folder / "mappings").glob("*.toml")):
        with problems.collected():
            found[file.stem] = files.toml(folder, f"mappings/{file.name}").left
    return found
