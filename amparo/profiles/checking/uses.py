"""Who uses what: the programmes whose rules read a field or a parameter."""

from collections import defaultdict

from amparo.kernel.errors import Refused
from amparo.profiles.cases import compiled
from amparo.profiles.types import Profile
from amparo.programmes.catalogue import registry_field


def programmes_reading(profile: Profile) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return (grain, field) of the dictionary → codes of programmes that read it; refused rules read nothing."""
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for programme in profile.programmes:
        for version in programme.versions:
            try:
                rule = compiled(profile, programme, version)
            except Refused:
                continue  # `checking.programmes` says so
            for read in rule.reads:
                found[registry_field(read)][programme.code] = None
    return {field: tuple(codes) for field, codes in found.items()}
