"""Holds how sources are asked against the country: sources, organisations, agreements, schemes and fields."""

from amparo.profiles.places import Problems
from amparo.profiles.reading.connections import FILE
from amparo.profiles.types import Profile
from amparo.sources.config import wrong_with


def check(profile: Profile, problems: Problems) -> None:
    terms = dict(profile.agreements)
    for each in profile.connections:
        for id, values in wrong_with(each, profile.dictionary, terms.get(each.agreement)):
            problems.add(FILE, each.source, id, **values)
