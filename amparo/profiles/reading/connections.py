"""Reads `connections.toml`: how each source is asked, in a table named for the source."""

from pathlib import Path
from typing import Any

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.sources.types import Attribute, Caching, ConnectionConfig, Happening, Road, UpdateConfig, UpdateKind

FILE = "connections.toml"


def read_connections(folder: Path, decimals: int, problems: Problems) -> tuple[ConnectionConfig, ...]:
    """Return what the file states; where there is none nobody is asked."""
    found: list[ConnectionConfig] = []
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        for source, place in files.toml(folder, FILE).named_tables():
            with problems.collected():
                found.append(connection_of(source, place, decimals))
    return tuple(found)


def connection_of(source: str, place: Place, decimals: int) -> ConnectionConfig:
    """Return what the table of one source states."""
    connector = place.text("connector")
    found = ConnectionConfig(
        source=source,
        owner=place.text("owner"),
        agreement=place.text("agreement"),
        connector=connector,
        key=place.text("key"),
        attributes=tuple(_attribute(each) for each in place.tables("attribute")),
        settings=_rest(place.table(connector)),
        cost=place.money("cost", decimals) if place.has("cost") else 0,
        latency_ms=place.whole_or("latency_ms", None),
        coverage=place.number("coverage") if place.has("coverage") else None,
        fresh_days=place.whole_or("fresh_days", None),
        seconds=place.number("seconds") if place.has("seconds") else ConnectionConfig.seconds,
        in_second=place.whole_or("in_second", ConnectionConfig.in_second) or 0,
        in_minute=place.whole_or("in_minute", ConnectionConfig.in_minute) or 0,
        in_day=place.whole_or("in_day", None),
        updates=_updates(place.table("updates")) if place.has("updates") else None,
    )
    place.nothing_left()
    return found


def _attribute(place: Place) -> Attribute:
    found = Attribute(
        name=place.text("name"),
        at=place.text("at"),
        caching=place.one_of("caching", Caching),
        days=place.whole_or("days", 0) or 0,
        codes=_rest(place.table("codes")),
        factor=place.text_or("factor", Attribute.factor) or Attribute.factor,
        yields=place.truth_or("yields", False),
    )
    place.nothing_left()
    return found


def _updates(place: Place) -> UpdateConfig:
    road = place.one_of("road", Road)
    kinds = tuple(_kind(each) for each in place.tables("event"))
    return UpdateConfig(road, kinds, _rest(place))


def _kind(place: Place) -> UpdateKind:
    happening, name = place.one_of("happening", Happening), place.text("name")
    found = UpdateKind(name, happening, tuple(_told(each) for each in place.tables("attribute")))
    place.nothing_left()
    return found


def _told(place: Place) -> Attribute:
    """Return a field of an update. What is told is kept as an observation, or it is not told."""
    found = Attribute(
        name=place.text("name"),
        at=place.text("at"),
        caching=Caching.OBSERVATION,
        days=1,
        codes=_rest(place.table("codes")),
        factor=place.text_or("factor", Attribute.factor) or Attribute.factor,
    )
    place.nothing_left()
    return found


def _rest(place: Place) -> dict[str, Any]:
    """Return a table as it stands: what is wrong with it the connector says (`sources.config`)."""
    return dict(place.left)
