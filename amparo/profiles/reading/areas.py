"""Reads `areas.csv` and `areas.geojson`."""

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.money import to_minor
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.registry.dictionary import Dictionary, Field, Type
from amparo.registry.types import AttributeConfig
from amparo.trust.types import AreaConfig

FILE, BOUNDARIES = "areas.csv", "areas.geojson"
ATTRIBUTES, ATTRIBUTE_COLUMNS = "area_attributes.csv", ("area", "attribute", "from", "source", "value")
COLUMNS = ("code", "parent", "level", "name", "valid_from", "valid_until", "successor")
NAME_IN = "name:"  # and a language: the area's name in it


def read(folder: Path, problems: Problems) -> tuple[AreaConfig, ...]:
    """Return the areas in the file's order; a code given twice counts once and is a problem."""
    found: dict[str, AreaConfig] = {}
    with problems.collected():
        for row in files.rows(folder, FILE, COLUMNS, also=NAME_IN):
            with problems.collected():
                area = _area(row)
                if area.code in found:
                    row.refuse("profiles-area-twice", area=area.code)
                found[area.code] = area
    return tuple(found.values())


def _area(row: Place) -> AreaConfig:
    return AreaConfig(
        code=row.text("code"),
        parent=row.text_or("parent", None),
        level=row.text("level"),
        name=row.text("name"),
        valid_from=_day(row, "valid_from"),
        valid_until=_day(row, "valid_until"),
        successor=row.text_or("successor", None),
        names={each.removeprefix(NAME_IN): row.text(each) for each in list(row.left) if each.startswith(NAME_IN)},
    )


def _day(row: Place, key: str) -> date | None:
    text = row.text_or(key, None)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        row.refuse("profiles-value-wrong", key=key, example="2026-07-01")


def read_attributes(folder: Path, words: Dictionary, problems: Problems) -> tuple[AttributeConfig, ...]:
    """Return what is stated of areas; a profile that states nothing has no such file."""
    found: list[AttributeConfig] = []
    if not (folder / ATTRIBUTES).exists():
        return ()
    with problems.collected():
        for row in files.rows(folder, ATTRIBUTES, ATTRIBUTE_COLUMNS):
            with problems.collected():
                found.append(_attribute(row, words))
    return tuple(found)


def _attribute(row: Place, words: Dictionary) -> AttributeConfig:
    name = row.text("attribute")
    known = {each.name: each for each in words.of("area")}
    if name not in known:
        row.refuse("profiles-attribute-unknown", name=name, known=sorted(known))
    written = row.text("value")
    day = _day(row, "from")
    if day is None:
        row.refuse("profiles-key-missing", key="from")
    value = from_text(row, written, known[name], words)
    return AttributeConfig(row.text("area"), name, day, value, row.text("source"))


def from_text(row: Place, written: str, field: Field, words: Dictionary) -> Any:
    """Return a value of a CSV cell in the field's type; a code must be one of its vocabulary."""
    try:
        value = _typed(written, field.type, words.decimals)
    except (ValueError, KeyError, InvalidOperation, Refused):
        row.refuse("profiles-value-wrong", key="value", example=_EXAMPLES[field.type])
    if field.vocabulary and value not in words.vocabulary(field.vocabulary).codes:
        row.refuse("profiles-value-unknown", key="value", value=written, known=words.vocabulary(field.vocabulary).codes)
    return value


def _typed(written: str, type: Type, decimals: int) -> Any:
    match type:
        case Type.BOOLEAN:
            return {"true": True, "false": False}[written]
        case Type.INTEGER:
            return int(written)
        case Type.NUMBER:
            return float(Decimal(written))
        case Type.MONEY:
            return to_minor(written, decimals)
        case Type.DATE:
            return date.fromisoformat(written)
    return written


_EXAMPLES = {
    Type.BOOLEAN: "true, false",
    Type.INTEGER: "12",
    Type.NUMBER: "0.35",
    Type.MONEY: "1250.50",
    Type.DATE: "2026-07-01",
    Type.CODE: "…",
    Type.TEXT: "…",
}


def read_boundaries(folder: Path, problems: Problems) -> dict[str, dict[str, Any]]:
    """Return area code → geometry; a profile without maps has no such file, and then no boundary."""
    found: dict[str, dict[str, Any]] = {}
    if not (folder / BOUNDARIES).exists():
        return found
    with problems.collected():
        for number, feature in enumerate(files.geojson(folder, BOUNDARIES), 1):
            with problems.collected():
                code, geometry = _feature(Place(BOUNDARIES, f"feature {number}", dict(feature)))
                found[code] = geometry
    return found


def _feature(place: Place) -> tuple[str, dict[str, Any]]:
    code = place.table("properties").text("code")
    geometry = place.named(code).table("geometry").left
    if geometry.get("type") not in ("Polygon", "MultiPolygon") or not _is_closed(geometry):
        place.named(code).refuse("profiles-boundary-wrong", area=code)
    return code, geometry


def _is_closed(geometry: dict[str, Any]) -> bool:
    """Whether every ring has at least four positions, ends where it begins, and lies on the globe."""
    try:
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        rings = [ring for polygon in polygons for ring in polygon]
        return bool(rings) and all(_is_ring(ring) for ring in rings)
    except (TypeError, KeyError, ValueError, IndexError):
        return False


def _is_ring(ring: list[list[float]]) -> bool:
    return len(ring) >= 4 and ring[0] == ring[-1] and all(abs(x) <= 180 and abs(y) <= 90 for x, y, *_ in ring)
