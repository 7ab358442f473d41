"""Holds purposes against the roles: where no purpose names one, nobody could ever read a record."""

from amparo.profiles.places import Problems
from amparo.profiles.types import Profile
from amparo.trust.types import READS


def check(profile: Profile, problems: Problems) -> None:
    if profile.purposes and not any(each.roles for each in profile.purposes):
        problems.add("purposes.toml", "purpose", "profiles-purposes-without-role", known=[each.value for each in READS])
