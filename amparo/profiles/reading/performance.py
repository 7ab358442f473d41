"""Reads `performance.toml`: by which rates and formulas it is measured how local offices do, in a list of `[[index]]`."""

import re
from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.programmes.performance import Counted, FigureConfig, IndexConfig, RateConfig

FILE = "performance.toml"
_CODE = re.compile(r"[a-z][a-z0-9_]*")


def read_indices(folder: Path, problems: Problems) -> tuple[IndexConfig, ...]:
    """Return what the file states; without it nothing is measured."""
    found: list[IndexConfig] = []
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        top = files.toml(folder, FILE)
        for place in top.tables("index"):
            with problems.collected():
                found.append(_index(place))
        top.nothing_left()
    return tuple(found)


def _index(place: Place) -> IndexConfig:
    found = IndexConfig(
        code=_code(place),
        law=place.text("law"),
        level=place.text("level"),
        rates=tuple(map(_rate, place.tables("rate"))),
        figures=tuple(map(_figure, place.tables("figure"))),
        pays=(place.text_or("pays", None) or "").strip(),
    )
    place.nothing_left()
    if not found.rates or not found.figures:
        place.refuse("profiles-index-empty", index=found.code)
    for code in found.codes:
        if found.codes.count(code) > 1:
            place.refuse("profiles-index-twice", index=found.code, code=code)
    return found


def _rate(place: Place) -> RateConfig:
    """A rate is of households, by two rules, or of conditions."""
    code = _code(place)
    if place.has("programme"):
        counted = place.one_of("counted", Counted) if place.has("counted") else Counted.TOLD
        found = RateConfig(
            code, programme=place.text("programme"), conditions=place.texts("conditions"), counted=counted
        )
        if not found.conditions:
            place.refuse("profiles-key-missing", key="conditions")
    else:
        found = RateConfig(code, place.text("of").strip(), place.text("met").strip())
    place.nothing_left()
    return found


def _figure(place: Place) -> FigureConfig:
    found = FigureConfig(_code(place), place.text("formula").strip())
    place.nothing_left()
    return found


def _code(place: Place) -> str:
    code = place.text("code")
    if not _CODE.fullmatch(code):
        place.refuse("profiles-name-wrong", name=code)
    return code
