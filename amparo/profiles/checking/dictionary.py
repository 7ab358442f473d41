"""Holds the dictionary against vocabularies, sources, purposes and whoever uses a field."""

from collections import Counter

from amparo.profiles.checking.uses import programmes_reading, with_every_vocabulary
from amparo.profiles.places import Problems
from amparo.profiles.types import Profile
from amparo.registry.dictionary import Field, Type

FILE = "dictionary.toml"
ROLES = (
    "birth_date",
    "sex",
    "is_head",
    "relation_to_head",
    "given_name",
    "family_name",
    "survey_weight",
)
_ORDERED = (Type.INTEGER, Type.NUMBER, Type.MONEY, Type.DATE)


def check(profile: Profile, problems: Problems) -> None:
    readers = programmes_reading(with_every_vocabulary(profile))
    for field in profile.dictionary.fields:
        wrong = _wrong(field, profile)
        if readers is not None:
            wrong += _unused(field, profile, readers.get((field.grain, field.name), ()))
        for id, values in wrong:
            problems.add(FILE, f"{field.grain}.{field.name}", id, **values)
    roles = Counter((each.grain, each.role) for each in profile.dictionary.fields if each.role)
    for (grain, role), count in roles.items():
        if count > 1:
            problems.add(FILE, grain, "profiles-role-twice", role=role, grain=grain)
    for item in profile.items:
        if not profile.dictionary.of(f"item:{item.kind}"):
            problems.add("profile.toml", f"items › {item.kind}", "profiles-item-without-fields", kind=item.kind)


def _wrong(field: Field, profile: Profile) -> list[tuple[str, dict]]:
    """What in a field names nothing, or cannot be."""
    found: list[tuple[str, dict]] = []
    if field.grain not in _grains(profile):
        found.append(("profiles-grain-unknown", {"grain": field.grain, "known": _grains(profile)}))
    if field.role is not None and field.role not in ROLES:
        found.append(("profiles-value-unknown", {"key": "role", "value": field.role, "known": list(ROLES)}))
    if field.is_inherited and field.grain != "area":
        found.append(("profiles-inherited-misplaced", {"field": field.name}))
    if field.effective_month and (field.type is not Type.DATE or not field.grain.startswith("item:")):
        found.append(("profiles-month-misplaced", {"field": field.name}))
    return found + _vocabulary(field, profile) + _limits(field) + _names(field, profile)


def _grains(profile: Profile) -> list[str]:
    return ["household", "person", "group", "area", *(f"item:{each.kind}" for each in profile.items)]


def _vocabulary(field: Field, profile: Profile) -> list[tuple[str, dict]]:
    if (field.type is Type.CODE) != (field.vocabulary is not None):
        return [("profiles-vocabulary-misplaced", {"field": field.name, "type": field.type.value})]
    known = [each.name for each in profile.dictionary.vocabularies]
    if field.vocabulary is not None and field.vocabulary not in known:
        return [("profiles-vocabulary-unknown", {"vocabulary": field.vocabulary, "known": known})]
    return []


def _limits(field: Field) -> list[tuple[str, dict]]:
    if field.minimum is None and field.maximum is None:
        return []
    if field.type not in _ORDERED:
        return [("profiles-limit-without-order", {"field": field.name, "type": field.type.value})]
    if None not in (field.minimum, field.maximum) and field.minimum > field.maximum:
        return [("profiles-limits-in-reverse", {"field": field.name})]
    return []


def _names(field: Field, profile: Profile) -> list[tuple[str, dict]]:
    """Purpose, sources and consumers must exist."""
    found = []
    purposes = [each.code for each in profile.purposes]
    if field.purpose not in purposes:
        found.append(("profiles-purpose-unknown", {"purpose": field.purpose, "known": purposes}))
    sources = [each.code for each in profile.sources]
    for source in field.precedence:
        if source not in sources:
            found.append(("profiles-source-unknown", {"source": source, "known": sources}))
    known = [*profile.uses, *(f"programme:{each.code}" for each in profile.programmes)]
    for use in field.used_by:
        if use not in known:
            found.append(("profiles-use-unknown", {"use": use, "known": known}))
    return found


def _unused(field: Field, profile: Profile, readers: tuple[str, ...]) -> list[tuple[str, dict]]:
    """A field nobody uses may not be collected (REG-6, ARC-7); nor may a field claim a reader that it has not."""
    claimed = {each for each in field.used_by if each.startswith("programme:")}
    read = {f"programme:{each}" for each in readers}
    found = [("profiles-use-untrue", {"use": each}) for each in sorted(claimed - read) if _exists(each, profile)]
    if not (read or set(field.used_by) - claimed) and field.role != "survey_weight":
        found.append(("profiles-field-unused", {"field": field.name}))
    return found


def _exists(use: str, profile: Profile) -> bool:
    return use in {f"programme:{each.code}" for each in profile.programmes}
