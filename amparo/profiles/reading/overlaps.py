"""Reads `overlaps.toml`: how programmes go together, pair by pair."""

from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.programmes.overlapping import OverlapRule
from amparo.programmes.types import OverlapClass

FILE = "overlaps.toml"


def read_overlaps(folder: Path, problems: Problems) -> tuple[OverlapRule, ...]:
    """Return what the file states; without it every overlap is unknown."""
    found: list[OverlapRule] = []
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        top = files.toml(folder, FILE)
        for place in top.tables("overlap"):
            with problems.collected():
                found.append(_rule(place))
        top.nothing_left()
    return tuple(found)


def _rule(place: Place) -> OverlapRule:
    between, overlap, law = place.texts("between"), place.one_of("class", OverlapClass), place.text("law")
    place.nothing_left()
    if len(set(between)) != 2 or len(between) != 2:
        place.refuse("profiles-value-wrong", key="between", example="[“one”, “other”]")
    return OverlapRule((between[0], between[1]), overlap, law)
