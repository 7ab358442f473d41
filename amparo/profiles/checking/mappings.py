"""Holds mappings against the dictionary, and against the sources, purposes, levels and schemes of the profile."""

from collections.abc import Iterator

from amparo.intake.config import Mapping, mapping
from amparo.kernel.errors import Refused
from amparo.profiles.places import Problems
from amparo.profiles.types import Profile


def check(profile: Profile, problems: Problems) -> None:
    for name, raw in profile.mappings.items():
        file = f"mappings/{name}.toml"
        try:
            found = mapping(dict(raw), profile.dictionary, name)
        except Refused as refusal:
            problems.add_refusal(file, str(refusal.message.values.get("place") or "-"), refusal)
            continue
        for place, id, values in _dangling(found, profile):
            problems.add(file, place, id, **values)


def _dangling(found: Mapping, profile: Profile) -> Iterator[tuple[str, str, dict]]:
    sources = [each.code for each in profile.sources]
    if found.source is not None and found.source not in sources:
        yield "batch", "profiles-source-unknown", {"source": found.source, "known": sources}
    purposes = [each.code for each in profile.purposes]
    if found.purpose is not None and found.purpose not in purposes:
        yield "batch", "profiles-purpose-unknown", {"purpose": found.purpose, "known": purposes}
    schemes = [each.scheme for each in profile.identifiers]
    for table in found.tables:
        for part in table.parts:
            place = f"table {table.name}"
            if part.area and part.area.level is not None and part.area.level not in profile.levels:
                yield place, "profiles-level-unknown", {"level": part.area.level, "known": list(profile.levels)}
            for each in part.identifiers:
                if each.scheme not in schemes:
                    yield place, "profiles-scheme-unknown", {"scheme": each.scheme, "known": schemes}
