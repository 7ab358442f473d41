"""Reads `watch.toml`: office hours, from how much on the use of records is unusual, and the law on breaches."""

from dataclasses import fields
from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.trust.types import BreachConfig, WatchConfig

FILE = "watch.toml"
_HOURS = ("zone", "opens", "closes", "weekdays")
LIMITS = tuple(each.name for each in fields(WatchConfig) if each.name not in _HOURS)


def read(folder: Path, zone: str, problems: Problems) -> tuple[WatchConfig, BreachConfig]:
    """Return what the file states; what it leaves out, or all where there is none, has the product's own values."""
    if not (folder / FILE).is_file():
        return WatchConfig(zone=zone), BreachConfig()
    with problems.collected():
        top = files.toml(folder, FILE)
        watch = _watch(top, zone)
        breach = _breach(top.table("breach")) if top.has("breach") else BreachConfig()
        top.nothing_left()
        return watch, breach
    return WatchConfig(zone=zone), BreachConfig()


def _watch(top: Place, zone: str) -> WatchConfig:
    stated = {"zone": zone}
    if top.has("hours"):
        place = top.table("hours")
        stated |= {"opens": place.whole("opens"), "closes": place.whole("closes"), "weekdays": _weekdays(place)}
        if not 0 <= stated["opens"] < stated["closes"] <= 24:
            place.refuse("profiles-hours-wrong")
        place.nothing_left()
    if top.has("limits"):
        place = top.table("limits")
        for name in [each for each in LIMITS if place.has(each)]:
            stated[name] = place.whole(name)
            if stated[name] < 1:
                place.refuse("profiles-value-wrong", key=name, example="1")
        place.nothing_left()
    return WatchConfig(**stated)


def _weekdays(place: Place) -> tuple[int, ...]:
    """Return ISO weekdays, Monday 1 to Sunday 7."""
    told = place.left.pop("weekdays", None)
    if not isinstance(told, list) or not told or any(each not in range(1, 8) for each in told):
        place.refuse("profiles-value-wrong", key="weekdays", example="[1, 2, 3, 4, 5]")
    return tuple(sorted(set(told)))


def _breach(place: Place) -> BreachConfig:
    found = BreachConfig(place.whole("hours"), place.text("law"))
    if found.hours < 1:
        place.refuse("profiles-value-wrong", key="hours", example="72")
    place.nothing_left()
    return found
