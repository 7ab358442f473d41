"""Invents names of places: two or three syllables that belong to no language."""

import numpy as np

_STARTS = [
    "Al",
    "Ar",
    "Bel",
    "Bor",
    "Cal",
    "Cor",
    "Dal",
    "Dor",
    "El",
    "Far",
    "Gal",
    "Hal",
    "Ir",
    "Kel",
    "Kor",
    "Lan",
    "Lor",
    "Mal",
    "Mar",
    "Mir",
    "Nal",
    "Nor",
    "Or",
    "Pal",
    "Ral",
    "Sal",
    "Sel",
    "Tal",
    "Tor",
    "Ul",
    "Val",
    "Vel",
    "Yar",
    "Zan",
]
_MIDDLES = [
    "a",
    "e",
    "i",
    "o",
    "an",
    "en",
    "in",
    "on",
    "ad",
    "ed",
    "id",
    "am",
    "em",
    "ir",
    "or",
    "ur",
    "av",
    "ev",
    "ev",
    "is",
    "os",
]
_ENDS = [
    "da",
    "den",
    "dor",
    "fel",
    "gar",
    "grad",
    "hel",
    "ka",
    "lan",
    "lia",
    "lo",
    "mar",
    "mon",
    "mund",
    "na",
    "nor",
    "ra",
    "ran",
    "ria",
    "rin",
    "sa",
    "sol",
    "ta",
    "tan",
    "tor",
    "va",
    "ven",
    "vik",
]


def place_names(count: int, *, seed: int) -> list[str]:
    """Return `count` different names; the same seed gives the same."""
    draw = np.random.default_rng([seed, 7])
    found: dict[str, None] = {}
    while len(found) < count:
        middle = _MIDDLES[draw.integers(len(_MIDDLES))] if draw.random() < 0.7 else ""
        found[_STARTS[draw.integers(len(_STARTS))] + middle + _ENDS[draw.integers(len(_ENDS))]] = None
    return list(found)
