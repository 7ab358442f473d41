"""Holds overlaps against the programmes that are told of or run here: one that is none, and a pair that stands twice."""

from amparo.profiles.places import Problems
from amparo.profiles.reading.overlaps import FILE
from amparo.profiles.types import Profile


def check(profile: Profile, problems: Problems) -> None:
    known = sorted(
        {each.code for each in profile.programmes} | {each for feed in profile.feeds for each in feed.schemes}
    )
    pairs = [each.pair for each in profile.overlaps]
    for number, pair in enumerate(pairs, 1):
        for each in pair:
            if each not in known:
                problems.add(
                    FILE, f"overlap {number}", "profiles-value-unknown", key="between", value=each, known=known
                )
        if pair in pairs[: number - 1]:
            problems.add(FILE, f"overlap {number}", "profiles-overlap-twice", first=pair[0], second=pair[1])
