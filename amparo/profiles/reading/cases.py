"""Reads `cases/*.yaml`: worked cases, written as an official would work them by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from amparo.profiles.area_attributes import stated_of
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.profiles.reading.dictionary import value
from amparo.profiles.types import CaseConfig, Expected, Profile
from amparo.programmes.config import Unit

_UNKNOWN = "unknown"
_WHO = "who"  # names a member within a case, so that the outcome can say whom it is about


def with_cases(profile: Profile, problems: Problems) -> Profile:
    """Return the profile with its worked cases; values take the types of the dictionary."""
    found: list[CaseConfig] = []
    for file in sorted((profile.folder / "cases").glob("*.yaml")):
        with problems.collected():
            found += cases_in(files.yaml_file(profile.folder, f"cases/{file.name}"), profile, problems)
    return replace(profile, cases=tuple(found))


def cases_in(top: Place, profile: Profile, problems: Problems) -> list[CaseConfig]:
    """Return the worked cases of one file."""
    found: list[CaseConfig] = []
    programme = _programme(top, profile)
    for place in top.tables("cases"):
        with problems.collected():
            found.append(_case(place, programme, profile))
    top.nothing_left()
    return found


def _programme(top: Place, profile: Profile) -> tuple[str, Unit]:
    code, units = top.text("programme"), {each.code: each.unit for each in profile.programmes}
    if code not in units:
        top.refuse("profiles-value-unknown", key="programme", value=code, known=list(units))
    return code, units[code]


def _case(place: Place, programme: tuple[str, Unit], profile: Profile) -> CaseConfig:
    name = place.text("name")
    place = place.named(name)
    code, unit = programme
    if not place.has("members"):
        place.refuse("profiles-case-without-members")
    members = place.tables("members")
    who = [each.text_or(_WHO, None) for each in members]
    kinds = [each.value for each in Unit if each.is_group]
    groups = {kind: tuple(each.text_or(f"in_{kind}", None) for each in members) for kind in kinds}
    units, on = _names(unit, who, groups), place.day("on")
    found = CaseConfig(
        name=name,
        file=place.file,
        programme=code,
        on=on,
        household=_values(place.table("household"), "household", profile, who) | _of_area(place, profile, on),
        members=tuple(_values(each, "person", profile, who) for each in members),
        expected=_expected(place.table("expect"), unit, units, profile),
        why=place.text_or("why", "") or "",
        who=tuple(who),
        groups=groups,
    )
    place.nothing_left()
    return found


def _of_area(place: Place, profile: Profile, on: date) -> dict[str, Any]:
    """Return what the profile states, on the case's day, of the area whose code the case gives."""
    area = place.text_or("area", None)
    if area is not None and area not in (each.code for each in profile.areas):
        place.refuse("trust-area-unknown", area=area)
    return stated_of(area, profile, on=on)


def _names(unit: Unit, who: list[str | None], groups: Mapping[str, tuple[str | None, ...]]) -> list[str | None]:
    """Return what the case may call a unit: a member, or a group, and who is in none by their own name."""
    if not unit.is_group:
        return who
    return [group or name for group, name in zip(groups[unit], who, strict=True)]


def _values(place: Place, grain: str, profile: Profile, who: list[str | None]) -> dict[str, Any]:
    """Field → typed value, list → elements; what is unknown is left out or written as null."""
    found: dict[str, Any] = {}
    lists = {each.name: each.elements for each in profile.dictionary.lists if each.grain == grain}
    for name in list(place.left):
        if name in lists and isinstance(place.left[name], list):
            found[name] = [_element(each, lists[name], profile, who) for each in _elements(place, name, who)]
            continue
        if (grain, name) not in profile.dictionary:
            place.refuse("profiles-case-field-unknown", grain=grain, field=name)
        if place.left[name] is None:
            place.left.pop(name)
            found[name] = None
        else:
            found[name] = value(place, name, profile.dictionary[grain, name].type, profile.decimals)
    return found


def _elements(place: Place, name: str, who: list[str | None]) -> list[Place | int]:
    """A list's elements: a member by the name that the case gives them, anybody or anything else as a table."""
    found: list[Place | int] = []
    for number, each in enumerate(place.left.pop(name), 1):
        if isinstance(each, str) and each not in who:
            place.refuse("profiles-case-nobody", who=each)
        found.append(who.index(each) if isinstance(each, str) else place.within(f"{name} {number}", each))
    return found


def _element(element: Place | int, grain: str, profile: Profile, who: list[str | None]) -> Any:
    return element if isinstance(element, int) else _values(element, grain, profile, who)


def _expected(place: Place, unit: Unit, units: list[str | None], profile: Profile) -> tuple[Expected, ...]:
    if unit is Unit.HOUSEHOLD:
        return (_outcome(place, profile),)
    found = []
    for name, inner in place.named_tables():
        if name not in units:
            inner.refuse("profiles-case-nobody", who=name)
        named = {"unit": name} if unit.is_group else {"member": units.index(name)}
        found.append(replace(_outcome(inner, profile), **named))
    if not found:
        place.refuse("profiles-key-missing", key="expect")
    return tuple(found)


def _outcome(place: Place, profile: Profile) -> Expected:
    given = place.left.pop("outcome", "")
    if given not in (True, False, _UNKNOWN) or (isinstance(given, int) and not isinstance(given, bool)):
        place.refuse("profiles-value-unknown", key="outcome", value=str(given), known=["true", "false", _UNKNOWN])
    found = Expected(
        outcome=None if given == _UNKNOWN else given,
        amount=place.money("amount", profile.decimals) if place.has("amount") else None,
        missing=place.texts("missing"),
        keys=tuple(str(each).lower() for each in place.left.pop("keys", ())),
    )
    place.nothing_left()
    return found
