"""The installed country: its languages, number schemes, mappings and programmes."""

from django.conf import settings

from amparo.profiles.country import country
from amparo.profiles.types import Profile


def profile() -> Profile:
    """Return the profile that the installation names. Raises ProfileRefused where it is broken."""
    return country(settings.PROFILE)
