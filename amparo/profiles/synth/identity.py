"""Names, numbers and addresses of people who do not exist."""

from dataclasses import dataclass
from math import gcd

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from amparo.kernel.errors import Refused
from amparo.profiles.synth.drawing import Mask, padded, text
from amparo.profiles.synth.settings import Community
from amparo.profiles.synth.structure import CHILD_IN_LAW, MOTHER, RELATIVE, SPOUSE, People
from amparo.registry.schemes import CheckDigit, Scheme

_EVENNESS = 8  # the higher, the less the common names prevail


@dataclass(frozen=True)
class Pool:
    """One list of names per community, laid end to end, each drawn by its rank."""

    names: pa.Array
    starts: tuple[int, ...]
    limits: tuple[NDArray[np.float64], ...]

    def draw(self, community: NDArray[np.int8], random: np.random.Generator) -> NDArray[np.int32]:
        """Return a position in `names` for each person's community."""
        found, chance = np.zeros(len(community), dtype=np.int32), random.random(len(community))
        for index, (start, limits) in enumerate(zip(self.starts, self.limits, strict=True)):
            these = community == index
            found[these] = start + np.searchsorted(limits, chance[these], side="right")
        return found


def pool(lists: list[tuple[str, ...]]) -> Pool:
    starts = np.cumsum([0, *(len(each) for each in lists)])[:-1]
    limits = []
    for each in lists:
        weights = 1 / (np.arange(len(each)) + _EVENNESS)
        limits.append(np.cumsum(weights / weights.sum())[:-1])
    return Pool(pa.array([name for each in lists for name in each]), tuple(int(s) for s in starts), tuple(limits))


@dataclass(frozen=True)
class Names:
    female: Pool
    male: Pool
    family: Pool


def names(communities: tuple[Community, ...]) -> Names:
    return Names(*(pool([getattr(each, kind) for each in communities]) for kind in ("female", "male", "family")))


def named(
    given: Names, people: People, community: NDArray[np.int8], random: np.random.Generator
) -> dict[str, pa.Array]:
    """Return given, family and mother's name of each person; `community` is by household.

    Children bear the head's family name; whoever came by marriage, or is no kin, mostly bears another.
    """
    own = community[people.household]
    female, male = given.female.draw(own, random), given.male.draw(own, random)
    first = pc.if_else(
        pa.array(people.is_female), given.female.names.take(pa.array(female)), given.male.names.take(pa.array(male))
    )
    family = given.family.draw(community, random)[people.household]
    others = given.family.draw(own, random)
    chance = random.random(len(own))
    keeps = np.isin(people.place, [SPOUSE, CHILD_IN_LAW, MOTHER]) & (chance < 0.5)
    keeps |= (people.place == RELATIVE) & (chance < 0.8)
    mothers = given.female.names.take(pa.array(given.female.draw(own, random)))
    at_home = first.take(pa.array(people.mother, mask=people.mother < 0))
    unsaid = pa.array(random.random(len(own)) < 0.06)
    return {
        "given_name": first,
        "family_name": given.family.names.take(pa.array(np.where(keeps, others, family))),
        "mother_name": pc.if_else(unsaid, pa.scalar(None, pa.string()), pc.coalesce(at_home, mothers)),
    }


def numbers(scheme: Scheme, order: NDArray[np.int64], unknown: Mask, *, seed: int) -> pa.Array:
    """Return one number of the scheme per person, unknown where said; different `order`, different number.

    Numbers look shuffled: they are the order times a factor, modulo how many numbers there are.
    """
    if scheme.check not in (CheckDigit.NONE, CheckDigit.LUHN):
        raise Refused("profiles-check-not-drawn", scheme=scheme.scheme, check=scheme.check.value)
    body = scheme.digits - (scheme.check is not CheckDigit.NONE)
    many = 9 * 10 ** (body - 1)  # none begins with a zero, which a spreadsheet would eat
    random = np.random.default_rng([seed, scheme.digits])
    factor = next(each for each in random.integers(10**8, 10**9, 1000) if gcd(int(each), many) == 1)
    found = 10 ** (body - 1) + (order % many * factor + random.integers(many)) % many
    if scheme.check is CheckDigit.LUHN:
        found = found * 10 + luhn(found)
    return pc.if_else(pa.array(unknown), pa.scalar(None, pa.string()), pc.cast(pa.array(found), pa.string()))


def luhn(bodies: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last digit that makes each number pass Luhn's check.

    Source  ISO/IEC 7812-1, annex B
    """
    total, left, doubled = np.zeros_like(bodies), bodies.copy(), True
    while left.any():
        digit = left % 10 * (2 if doubled else 1)
        total += digit // 10 + digit % 10
        left, doubled = left // 10, not doubled
    return -total % 10


def contacts(count: int, random: np.random.Generator) -> dict[str, pa.Array]:
    """Return addresses, and telephone numbers under a country code that nobody has."""
    ward, house = random.integers(1, 13, count), random.integers(1, 480, count)
    unsaid = pa.array(random.random(count) < 0.24)
    number = text("+999", padded(random.integers(0, 10**8, count), 8))
    return {
        "address": text(pc.cast(pa.array(ward), pa.string()), "/", pc.cast(pa.array(house), pa.string())),
        "phone": pc.if_else(unsaid, pa.scalar(None, pa.string()), number),
    }
