"""Holds indices against the country: a level that it has not, conditions that nobody asks, a formula that is none."""

from amparo.kernel.errors import Refused
from amparo.profiles.cases import figures
from amparo.profiles.checking.places import with_line
from amparo.profiles.places import Problems
from amparo.profiles.reading.performance import FILE
from amparo.profiles.types import Profile
from amparo.programmes.performance import Compiled, IndexConfig, RateConfig, compiled
from amparo.registry.attributes import AREA
from amparo.registry.dictionary import Type

_NUMBERS = (Type.NUMBER, Type.INTEGER)


def check(profile: Profile, problems: Problems) -> None:
    codes = [each.code for each in profile.indices]
    for index in profile.indices:
        place = f"index {index.code}"
        if codes.count(index.code) > 1:
            problems.add(FILE, place, "profiles-index-twice", index=index.code, code=index.code)
        if index.level not in profile.levels:
            known = list(profile.levels)
            problems.add(FILE, place, "profiles-value-unknown", key="level", value=index.level, known=known)
        for rate in index.rates:
            _conditions(profile, rate, f"{place} › {rate.code}", problems)
        _formulas(profile, index, place, problems)


def used_parameters(profile: Profile) -> set[str]:
    """Return the figures of the law that some index reads; of one that cannot be read, none."""
    found: set[str] = set()
    for index in profile.indices:
        try:
            found |= set(_compiled(profile, index).parameters)
        except Refused:
            continue
    return found


def _conditions(profile: Profile, rate: RateConfig, place: str, problems: Problems) -> None:
    if rate.is_of_households:
        return
    programmes = {each.code: [condition.code for condition in each.conditions] for each in profile.programmes}
    if rate.programme not in programmes:
        known = sorted(programmes)
        problems.add(FILE, place, "profiles-value-unknown", key="programme", value=rate.programme, known=known)
        return
    for each in rate.conditions:
        if each not in programmes[rate.programme]:
            known = programmes[rate.programme]
            problems.add(FILE, place, "profiles-value-unknown", key="conditions", value=each, known=known)


def _formulas(profile: Profile, index: IndexConfig, place: str, problems: Problems) -> None:
    """Report a rule or formula that is none, or that reads of an area what is no number."""
    try:
        found = _compiled(profile, index)
    except Refused as refusal:
        problems.add_refusal(FILE, with_line(place, refusal), refusal)
        return
    starts = {each.name: each.values[0].starts_on for each in profile.parameters}
    for name in found.parameters:
        if name not in starts:
            problems.add(FILE, place, "profiles-value-unknown", key="param", value=name, known=sorted(starts))
    for name in found.stated:
        field = profile.dictionary[AREA, name]
        if field.type not in _NUMBERS:
            problems.add(FILE, place, "profiles-index-no-number", name=name)


def _compiled(profile: Profile, index: IndexConfig) -> Compiled:
    return compiled(index, profile.dictionary, figures(profile))
