"""Checks what stands around a rule: that its groups, levels, areas and figures are there."""

from collections.abc import Iterator
from typing import Any

from amparo.profiles.types import Profile
from amparo.programmes.config import RuleVersion
from amparo.programmes.quota import Quota
from amparo.registry.dictionary import Type

Fault = tuple[str, dict[str, Any]]


def faults(profile: Profile, version: RuleVersion) -> Iterator[Fault]:
    """Yield message id and values of what is wrong with a version beside its rule."""
    kinds = [each.kind for each in profile.groups]
    if version.group and version.group not in kinds:
        yield "profiles-value-unknown", {"key": "groups", "value": version.group.value, "known": kinds}
    if version.ranking:
        yield from _of_places(profile, version.ranking.quota)
        yield from _of_areas(profile, version.ranking.quota, version)


def _of_places(profile: Profile, quota: Quota) -> Iterator[Fault]:
    if isinstance(quota.places, int):
        return
    known = [each.name for each in profile.parameters if each.type is Type.INTEGER]
    if quota.places not in known:
        yield "profiles-value-unknown", {"key": "places", "value": quota.places, "known": known}


def _of_areas(profile: Profile, quota: Quota, version: RuleVersion) -> Iterator[Fault]:
    """Every area of the level that exists on the version's first day has a weight, and nothing else has one."""
    if quota.level is None:
        return
    if quota.level not in profile.levels:
        yield "profiles-value-unknown", {"key": "level", "value": quota.level, "known": list(profile.levels)}
        return
    of_level = [each for each in profile.areas if each.level == quota.level]
    day = version.starts_on
    live = {each.code for each in of_level if not (each.valid_until and each.valid_until < day)}
    for share in quota.shares:
        weighed = {area for area, _ in share.weights}
        for area in sorted(weighed - {each.code for each in of_level}):
            yield "profiles-quota-area-unknown", {"area": area, "level": quota.level}
        for area in sorted(live - weighed) if weighed else ():
            yield "programmes-quota-area-without-weight", {"area": area}
