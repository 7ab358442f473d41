"""Reads `cases.toml`: what cases are about, within how many days they are answered, who sees them, to whom late ones go."""

import re
from pathlib import Path

from amparo.cases.config import CategoryConfig
from amparo.cases.types import Kind
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.trust.types import PERMISSIONS, Permission, Role

FILE = "cases.toml"
MOST_DAYS = 3650
_CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")


def read_categories(folder: Path, problems: Problems) -> tuple[CategoryConfig, ...]:
    """Return the categories in the file's order; none where the profile has no such file: then only appeals can be filed."""
    found: dict[str, CategoryConfig] = {}
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        top = files.toml(folder, FILE)
        for place in top.tables("category"):
            with problems.collected():
                category = _category(place)
                if category.code in found:
                    place.refuse("profiles-code-given-twice", code=category.code)
                found[category.code] = category
        top.nothing_left()
    return tuple(found.values())


def _category(place: Place) -> CategoryConfig:
    code, kind = place.text("code"), place.one_of("kind", Kind)
    if not _CODE.fullmatch(code):
        place.refuse("profiles-name-wrong", name=code)
    found = CategoryConfig(
        code=code,
        kind=kind,
        days=_days(place, "days", 1),
        escalate_days=_days(place, "escalate_days", 0) if place.has("escalate_days") else 0,
        escalate_to=_role(place, place.text("escalate_to")) if place.has("escalate_to") else None,
        is_sensitive=place.truth_or("sensitive", False),
        roles=tuple(_role(place, each) for each in place.texts("roles")),
        is_public=place.truth_or("public", False),
        questions=place.texts("questions"),
    )
    place.nothing_left()
    _expect_sound(place, found)
    return found


def _expect_sound(place: Place, found: CategoryConfig) -> None:
    """Refuse what nobody could see, and what nobody may file without saying who they are."""
    if found.is_sensitive != bool(found.roles):
        place.refuse("profiles-category-roles")
    if found.is_public and found.kind is not Kind.GRIEVANCE:
        place.refuse("profiles-category-public", kind=found.kind.value)
    for each in found.questions:
        if not _CODE.fullmatch(each):
            place.refuse("profiles-name-wrong", name=each)


def _role(place: Place, name: str) -> Role:
    """Return a role that reads cases; another could do nothing with one."""
    known = [each.value for each in Role if Permission.READ_CASE in PERMISSIONS[each]]
    if name not in known:
        place.refuse("profiles-value-unknown", key="roles", value=name, known=known)
    return Role(name)


def _days(place: Place, key: str, least: int) -> int:
    days = place.whole(key)
    if not least <= days <= MOST_DAYS:
        place.refuse("profiles-value-wrong", key=key, example="30")
    return days
