"""Reads a household from JSON as rules read it: for trying a rule without a registry.

Shape   {"household": {field: value}, "members": [{field: value}, …]}, fields by their dictionary names; `area`, the code
        of an area, adds what is stated of it; `member`, counted from 0, is the person a rule about persons decides about
Units   money in major units, as a number or text that loses no decimal; days as 2026-07-01
Nulls   absent or null is unknown; absent `members` is refused, `[]` is an empty home
Errors  Refused: what is no JSON, a field or code that the dictionary does not know, a value of another type
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from amparo.kernel.errors import Refused
from amparo.profiles.area_attributes import stated_of
from amparo.profiles.places import Fault, Place
from amparo.profiles.reading.dictionary import value
from amparo.profiles.types import Profile
from amparo.registry.dictionary import Type

_KEYS = ("household", "members", "area", "member")


def from_json(text: str, file: str, profile: Profile, *, on: date) -> dict[str, Any]:
    """Return the record that the reference engine takes."""
    try:
        raw = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused("profiles-record-unreadable", file=file, line=getattr(error, "lineno", 1)) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("household", {}), dict):
        raise Refused("profiles-record-unreadable", file=file, line=1)
    if unknown := sorted(set(raw) - set(_KEYS)):
        raise Refused("profiles-record-key", key=unknown[0], known=list(_KEYS))
    members = raw.get("members")
    if not isinstance(members, list) or not all(isinstance(each, dict) for each in members):
        raise Refused("rules-record-without-members")
    household = _values(raw.get("household") or {}, "household", "household", profile, file)
    return {
        "household": {**household, **stated_of(raw.get("area"), profile, on=on)},
        "members": [_values(each, "person", f"members[{i}]", profile, file) for i, each in enumerate(members)],
        "member": _member(raw.get("member"), members),
    }


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _member(given: Any, members: list[Any]) -> int | None:
    if given is None:
        return 0 if len(members) == 1 else None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < len(members):
        raise Refused("rules-record-without-member")
    return given


def _values(raw: Mapping[str, Any], grain: str, where: str, profile: Profile, file: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, given in raw.items():
        if (grain, name) not in profile.dictionary:
            raise Refused("profiles-record-field", place=f"{where}.{name}"[:80], grain=grain)
        if given is not None:
            found[name] = _value(given, (grain, name), f"{where}.{name}", profile, file)
    return found


def _value(given: Any, key: tuple[str, str], where: str, profile: Profile, file: str) -> Any:
    field = profile.dictionary[key]
    if field.type is Type.DATE and isinstance(given, str):
        given = _day(given)
    try:
        found = value(Place(file, where, {field.name: given}), field.name, field.type, profile.decimals)
    except Fault as fault:
        raise Refused(fault.problem.message.id, **{**fault.problem.message.values, "key": where}) from None
    codes = profile.dictionary.vocabulary(field.vocabulary).codes if field.vocabulary else ()
    if codes and found not in codes:
        raise Refused("profiles-value-unknown", key=where, value=str(found)[:40], known=list(codes))
    return found


def _day(given: str) -> Any:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return given  # refused as a value that is no day
