"""Reads `coverage.toml`: the life-cycle groups by which people are counted, in the order in which they are asked."""

from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.programmes.lifecycle import OTHER, UNKNOWN, CoverageConfig, LifeGroup

FILE = "coverage.toml"


def read_coverage(folder: Path, problems: Problems) -> CoverageConfig:
    """Return what the file states; without it nobody is counted by group."""
    found: list[LifeGroup] = []
    if not (folder / FILE).is_file():
        return CoverageConfig()
    with problems.collected():
        top = files.toml(folder, FILE)
        population = top.text_or("population", None)
        for place in top.tables("group"):
            with problems.collected():
                found.append(_group(place, [each.code for each in found]))
        top.nothing_left()
        return CoverageConfig(tuple(found), population)
    return CoverageConfig()


def _group(place: Place, before: list[str]) -> LifeGroup:
    level = place.whole_or("exclusion_alarm", None)
    found = LifeGroup(place.text("code"), place.text("rule").strip(), place.text_or("population", None), level)
    place.nothing_left()
    if found.code in (UNKNOWN, OTHER, *before):
        place.refuse("profiles-coverage-code", code=found.code)
    if level is not None and not 0 <= level <= 100:
        place.refuse("profiles-value-wrong", key="exclusion_alarm", example="20")
    return found
