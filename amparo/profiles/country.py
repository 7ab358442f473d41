"""The country a process works for: read once, with its own words spoken from then on."""

from functools import cache

from amparo.profiles.finding import find
from amparo.profiles.languages import speak_also
from amparo.profiles.reading import read
from amparo.profiles.types import Profile


@cache
def country(name: str) -> Profile:
    """Return the profile of this name or folder. Raises Refused where there is none, ProfileRefused where it is broken."""
    profile = read(find(name))
    speak_also(profile.locale_folder)
    return profile
