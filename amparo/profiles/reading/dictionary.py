"""Reads `dictionary.toml`: vocabularies and fields."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.profiles.types import GroupConfig, ItemConfig
from amparo.registry.dictionary import GRAIN, NAME, Dictionary, Field, FieldClass, ListDefinition, Type, Vocabulary
from amparo.registry.lists import relations
from amparo.registry.schemes import Scheme
from amparo.registry.types import SourceConfig

FILE = "dictionary.toml"
_DAYS_PER_MONTH = 365.25 / 12
# Columns that the registry and rules keep for themselves.
_KEPT = frozenset(
    [
        "household_id",
        "person_id",
        "group_id",
        "item_id",
        "area_number",
        "source_id",
        "observed_on",
        "received_at",
        "size",
        "members",
    ]
)


def read(folder: Path, currency: str, decimals: int, schemes: tuple[Scheme, ...], problems: Problems) -> Dictionary:
    """Return the dictionary with every field that could be read; its version is a hash of the file, and of the schemes."""
    fields: dict[tuple[str, str], Field] = {}
    vocabularies: list[Vocabulary] = []
    version = ""
    with problems.collected():
        top = files.toml(folder, FILE)
        version = hashlib.sha256(
            (folder / FILE).read_bytes() + (repr(schemes).encode() if schemes else b"")
        ).hexdigest()
        for name, place in top.table("vocabularies").named_tables():
            with problems.collected():
                vocabularies.append(_vocabulary(name, place, problems))
        for place in top.tables("field"):
            with problems.collected():
                field = _field(place, decimals)
                if (field.grain, field.name) in fields:
                    place.refuse("profiles-field-twice", grain=field.grain, field=field.name)
                fields[field.grain, field.name] = field
        top.nothing_left()
    return Dictionary(tuple(fields.values()), tuple(vocabularies), currency, decimals, version, schemes)


def completed(
    dictionary: Dictionary,
    items: Sequence[ItemConfig],
    groups: Sequence[GroupConfig],
    sources: Sequence[SourceConfig],
    majority: int | None,
) -> Dictionary:
    """Return the dictionary with the kinds of groups, the lists that rules may ask, which sources name each whole, and
    the age of majority."""
    held = [ListDefinition(each.kind, each.held_by, f"item:{each.kind}") for each in items if each.held_by != "group"]
    stated = tuple(
        replace(each, complete_in=tuple(source.code for source in sources if each.name in source.complete))
        for each in (*relations(), *held)
        if each.elements == "person" or dictionary.of(each.elements)
    )
    codes, kinds = tuple(each.code for each in sources), tuple(each.kind for each in groups)
    version = hashlib.sha256(f"{dictionary.version} {stated} {codes} {kinds} {majority}".encode()).hexdigest()
    return replace(
        dictionary, lists=stated, sources=codes, groups=kinds, majority=majority, version=version, _by_key={}
    )


def _vocabulary(name: str, place: Place, problems: Problems) -> Vocabulary:
    """A vocabulary with a fault is kept as far as it goes, so that its fields are not said to be wrong as well."""
    codes = place.texts("codes")
    place.nothing_left()
    if not codes:
        problems.add(place.file, place.where, "profiles-vocabulary-empty", vocabulary=name)
    if twice := {code for code in codes if codes.count(code) > 1}:
        problems.add(place.file, place.where, "profiles-code-twice", vocabulary=name, codes=sorted(twice))
    return Vocabulary(name, tuple(dict.fromkeys(codes)))


def _field(place: Place, decimals: int) -> Field:
    name, grain = place.text("name"), place.text("grain")
    place = place.named(f"{grain}.{name}")
    if not NAME.fullmatch(name) or name in _KEPT:
        place.refuse("profiles-name-wrong", name=name)
    if not GRAIN.fullmatch(grain):
        place.refuse("profiles-name-wrong", name=grain)
    type = place.one_of("type", Type)
    found = Field(
        name=name,
        grain=grain,
        type=type,
        purpose=place.text("purpose"),
        field_class=place.one_of("class", FieldClass) if place.has("class") else FieldClass.SITUATION,
        unit=place.text_or("unit", None),
        minimum=limit(place, "minimum", type, decimals),
        maximum=limit(place, "maximum", type, decimals),
        vocabulary=place.text_or("vocabulary", None),
        valid_days=days(place, "valid_"),
        precedence=place.texts("precedence"),
        used_by=place.texts("used_by"),
        role=place.text_or("role", None),
        effective_month=place.truth_or("effective_month", False),
        is_inherited=place.truth_or("inherited", False),
    )
    place.nothing_left()
    return found


def days(place: Place, prefix: str = "") -> int | None:
    """Return how long something may be relied on; months are average ones, so that 12 are 365 days."""
    if place.has(f"{prefix}months") and place.has(f"{prefix}days"):
        place.refuse("profiles-validity-twice", prefix=prefix)
    months = place.whole_or(f"{prefix}months", None)
    days = int(months * _DAYS_PER_MONTH) if months is not None else place.whole_or(f"{prefix}days", None)
    if days is not None and days <= 0:
        place.refuse("profiles-validity-none")
    return days


def limit(place: Place, key: str, type: Type, decimals: int) -> Any:
    """A bound in the field's own type; a type without order takes none."""
    return value(place, key, type, decimals) if place.has(key) else None


def value(place: Place, key: str, type: Type, decimals: int) -> int | float | str | bool | date:
    """A value of a dictionary type: money in major units becomes minor units."""
    match type:
        case Type.MONEY:
            return place.money(key, decimals)
        case Type.INTEGER:
            return place.whole(key)
        case Type.NUMBER:
            return place.number(key)
        case Type.DATE:
            return place.day(key)
        case Type.BOOLEAN:
            return place.truth_or(key, False)
        case Type.CODE | Type.TEXT:
            return place.text(key)
