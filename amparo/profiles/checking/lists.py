"""Holds what sources say they name whole against the lists there are, and against the mappings that bring them.

A list said to be complete that a delivery may come without would be known and empty: what nobody asked, read as no.
"""

from collections.abc import Iterator

from amparo.intake.config import Mapping, mapping
from amparo.kernel.errors import Refused
from amparo.profiles.places import Problems
from amparo.profiles.types import Profile
from amparo.registry.dictionary import ListDefinition
from amparo.registry.lists import RELATIONS

FILE = "sources.toml"


def check(profile: Profile, problems: Problems) -> None:
    known = {each.name: each for each in profile.dictionary.lists}
    for source in profile.sources:
        for name in source.complete:
            if name not in known:
                problems.add(FILE, source.code, "profiles-list-unknown", list=name, known=sorted(known))
    for found in _mappings(profile):
        for of in known.values():
            if found.source in of.complete_in and not _always_brings(found, of):
                values = {"list": of.name, "source": found.source}
                problems.add(f"mappings/{found.name}.toml", "batch", "profiles-list-incomplete", **values)


def _mappings(profile: Profile) -> Iterator[Mapping]:
    for name, raw in profile.mappings.items():
        try:
            yield mapping(dict(raw), profile.dictionary, name)
        except Refused:
            continue  # `checking.mappings` says so


def _always_brings(found: Mapping, of: ListDefinition) -> bool:
    """Return whether no delivery can come without the list: a column of persons, or a table that must be there."""
    if of.name in RELATIONS:
        kind = RELATIONS[of.name][0]
        return any(each.kind == kind for _, part in found.parts("person") for each in part.relationships)
    return any(not table.optional for table, _ in found.parts(of.elements))
