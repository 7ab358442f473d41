"""Where the invented people live: how many in each municipality, how urban, how well off, of which community."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from amparo.kernel.errors import Refused
from amparo.profiles.synth.settings import Settings
from amparo.profiles.types import Profile


@dataclass(frozen=True)
class Places:
    """The smallest areas, one entry each.

    `welfare`  standard normal over people; neighbours are alike
    `communities`  rows are areas, columns the settings' communities: cumulated shares
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    middles: NDArray[np.float64]
    shares: NDArray[np.float64]
    is_urban: NDArray[np.bool_]
    welfare: NDArray[np.float64]
    communities: NDArray[np.float64]


def places(profile: Profile, settings: Settings) -> Places:
    """Return the places of a profile; they depend on its own settings only, not on the seed of the people."""
    smallest = [each for each in profile.areas if each.level == profile.levels[-1]]
    middles = np.array([_middle(profile, each.code) for each in smallest])
    given = settings.places
    random = np.random.default_rng(given.seed)
    near = np.exp(-((_distances(middles) / given.reach) ** 2))
    is_urban = _highest(near @ random.standard_normal(len(smallest)) + random.normal(0, 1.5, len(smallest)), given)
    shares = random.lognormal(0, 0.5, len(smallest)) * np.where(is_urban, given.urban_weight, 1)
    shares /= shares.sum()
    field = near @ random.standard_normal(len(smallest)) / np.sqrt((near**2).sum(axis=1))
    field = field + 0.7 * is_urban + random.normal(0, 0.25, len(smallest))
    field -= (field * shares).sum()
    return Places(
        codes=tuple(each.code for each in smallest),
        names=tuple(each.name for each in smallest),
        middles=middles,
        shares=shares,
        is_urban=is_urban,
        welfare=field / np.sqrt((field**2 * shares).sum()),
        communities=np.array([_communities(profile, each.code, settings) for each in smallest]),
    )


def _middle(profile: Profile, code: str) -> NDArray[np.float64]:
    """The mean of the corners of an area's outline: near enough to say who its neighbours are."""
    if code not in profile.boundaries:
        raise Refused("profiles-population-without-map", area=code)
    geometry = profile.boundaries[code]
    ring = geometry["coordinates"][0] if geometry["type"] == "Polygon" else geometry["coordinates"][0][0]
    return np.mean(ring[:-1], axis=0)


def _distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))


def _highest(score: NDArray[np.float64], given) -> NDArray[np.bool_]:
    return score >= np.quantile(score, 1 - given.urban_share)


def _communities(profile: Profile, code: str, settings: Settings) -> NDArray[np.float64]:
    """Cumulated shares of the communities, as the nearest area above the place says them."""
    parents = {each.code: each.parent for each in profile.areas}
    above = code
    while above is not None:
        if (shares := settings.places.communities.get(above)) is not None:
            return np.cumsum([shares.get(each.name, 0.0) for each in settings.communities])
        above = parents[above]
    raise Refused("profiles-population-without-community", area=code)
