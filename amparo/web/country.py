"""The installed country, read once by each process: its languages, number schemes, mappings and programmes."""

from functools import cache

from django.conf import settings

from amparo.profiles.finding import find
from amparo.profiles.languages import speak_also
from amparo.profiles.reading import read
from amparo.profiles.types import Profile


@cache
def profile() -> Profile:
    """Return the profile that the installation names, and speak its words. Raises ProfileRefused where it is broken."""
    found = read(find(settings.PROFILE))
    speak_also(found.locale_folder)
    return found
