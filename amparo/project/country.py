"""Puts this installation's country into its database."""

from amparo.profiles.checking import check
from amparo.profiles.country import country
from amparo.profiles.finding import find
from amparo.profiles.installing import install
from amparo.profiles.types import ProfileRefused
from amparo.registry.queries import installed_profile
from amparo.trust.types import Permission, system
from amparo.trust.types.charged import charged


def is_installed(name: str) -> bool:
    """Whether the database holds the profile's folder as it stands now."""
    profile = country(name)
    return installed_profile(using="owner") == (profile.code, profile.digest)


@charged(Permission.INSTALL_PROFILE)
def install_country(name: str) -> None:
    """Install what changed in the profile. One with a fault is refused whole: `amparo profile check` names all."""
    if faults := check(find(name)):
        raise ProfileRefused(name, faults)
    install(country(name), by=system("migrate"))
