"""Holds life-cycle groups against the dictionary: rules that cannot be run, and populations that no area could state."""

from amparo.kernel.errors import Refused
from amparo.profiles.cases import figures
from amparo.profiles.places import Problems
from amparo.profiles.reading.coverage import FILE
from amparo.profiles.types import Profile
from amparo.programmes.lifecycle import compiled
from amparo.registry.attributes import AREA
from amparo.registry.dictionary import Type


def check(profile: Profile, problems: Problems) -> None:
    known = figures(profile) if profile.coverage.groups else None
    _population(profile, profile.coverage.population, "population", problems)
    for group in profile.coverage.groups:
        _population(profile, group.population, f"group {group.code}", problems)
        try:
            if known is not None:
                compiled(group, profile.dictionary, known)
        except Refused as refusal:
            problems.add_refusal(FILE, f"group {group.code}", refusal)


def parameters_read(profile: Profile) -> set[str]:
    """Return the parameters that the groups' rules read; of a rule that is refused none, which `check` tells."""
    found: set[str] = set()
    for group in profile.coverage.groups:
        try:
            found |= compiled(group, profile.dictionary, figures(profile)).parameters
        except Refused:
            continue
    return found


def _population(profile: Profile, name: str | None, place: str, problems: Problems) -> None:
    """Report what is no whole number of an area. Inherited, a country's people would live in each of its villages."""
    if name is None:
        return
    if (AREA, name) not in profile.dictionary:
        problems.add(FILE, place, "profiles-field-unknown", grain=AREA, field=name)
        return
    field = profile.dictionary[AREA, name]
    if field.type is not Type.INTEGER or field.is_inherited:
        problems.add(FILE, place, "profiles-coverage-population", field=name)
