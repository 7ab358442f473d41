"""Holds what other systems tell against the country: the schemes of identifiers by which people are found."""

from amparo.profiles.places import Problems
from amparo.profiles.reading.feeds import FILE
from amparo.profiles.types import Profile


def check(profile: Profile, problems: Problems) -> None:
    known = [each.scheme for each in profile.identifiers]
    for feed in profile.feeds:
        named = feed.fixed.get("identifier_scheme")
        if named is not None and named not in known:
            problems.add(FILE, feed.code, "profiles-value-unknown", key="identifier_scheme", value=named, known=known)
