"""Holds areas against each other, their levels and their boundaries."""

from collections.abc import Mapping

from amparo.profiles.places import Problems
from amparo.profiles.reading.areas import ATTRIBUTES, BOUNDARIES, FILE
from amparo.profiles.types import Profile
from amparo.trust.types import AreaConfig


def check(profile: Profile, problems: Problems) -> None:
    by_code = {each.code: each for each in profile.areas}
    _names(profile, problems)
    for area in profile.areas:
        for id, values in _wrong(area, by_code, profile.levels):
            problems.add(FILE, area.code, id, **values)
    _attributes(profile, by_code, problems)
    if (profile.folder / BOUNDARIES).exists():
        _boundaries(profile, by_code, problems)


def _names(profile: Profile, problems: Problems) -> None:
    """`name` is in the first language, so only the others have a column of their own."""
    others = profile.languages[1:]
    for language in sorted({each for area in profile.areas for each in area.names} - set(others)):
        problems.add(FILE, f"name:{language}", "profiles-area-language-unknown", language=language, known=list(others))


def _wrong(area: AreaConfig, by_code: Mapping[str, AreaConfig], levels: tuple[str, ...]) -> list[tuple[str, dict]]:
    found: list[tuple[str, dict]] = []
    if area.level not in levels:
        found.append(("profiles-level-unknown", {"level": area.level, "known": list(levels)}))
    if area.parent is not None and area.parent not in by_code:
        found.append(("profiles-parent-unknown", {"area": area.code, "parent": area.parent}))
    elif _goes_in_a_circle(area, by_code):
        found.append(("profiles-area-circle", {"area": area.code}))
    elif area.level in levels and not _is_below(area, by_code, levels):
        found.append(("profiles-level-order", {"area": area.code, "level": area.level}))
    if area.successor is not None and area.successor not in by_code:
        found.append(("profiles-successor-unknown", {"area": area.code, "successor": area.successor}))
    if area.valid_from and area.valid_until and area.valid_until < area.valid_from:
        found.append(("profiles-days-in-reverse", {"first": area.valid_from, "last": area.valid_until}))
    return found


def _attributes(profile: Profile, by_code: Mapping[str, AreaConfig], problems: Problems) -> None:
    sources, seen = {each.code for each in profile.sources}, set()
    for each in profile.attributes:
        place = f"{each.area} {each.field} {each.starts_on}"
        if each.area not in by_code:
            problems.add(ATTRIBUTES, place, "profiles-attribute-without-area", area=each.area)
        if each.source not in sources:
            problems.add(ATTRIBUTES, place, "profiles-source-unknown", source=each.source, known=sorted(sources))
        if place in seen:
            problems.add(ATTRIBUTES, place, "profiles-attribute-twice", area=each.area, name=each.field)
        seen.add(place)


def _goes_in_a_circle(area: AreaConfig, by_code: Mapping[str, AreaConfig]) -> bool:
    seen: set[str] = set()
    at: AreaConfig | None = area
    while at is not None and at.code not in seen:
        seen.add(at.code)
        at = by_code.get(at.parent) if at.parent else None
    return at is not None


def _is_below(area: AreaConfig, by_code: Mapping[str, AreaConfig], levels: tuple[str, ...]) -> bool:
    """Whether the parent stands on the level just above; only the first level has none."""
    rank = levels.index(area.level)
    if area.parent is None:
        return rank == 0
    above = by_code[area.parent].level
    return above not in levels or levels.index(above) == rank - 1


def _boundaries(profile: Profile, by_code: Mapping[str, AreaConfig], problems: Problems) -> None:
    for code in by_code:
        if code not in profile.boundaries:
            problems.add(FILE, code, "profiles-area-without-boundary", area=code)
    for code in profile.boundaries:
        if code not in by_code:
            problems.add(BOUNDARIES, code, "profiles-boundary-without-area", area=code)
