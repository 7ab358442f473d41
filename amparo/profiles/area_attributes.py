"""What a profile states of an area on a day, as rules read it: `area.<name>`."""

from datetime import date
from typing import Any

from amparo.kernel.errors import Refused
from amparo.profiles.types import Profile
from amparo.registry.types import AttributeConfig


def stated_of(area: Any, profile: Profile, *, on: date) -> dict[str, Any]:
    """Return `area.<name>` → value of what the profile states of an area on the day. Raises Refused for no area."""
    if area is None:
        return {}
    above = {each.code: each.parent for each in profile.areas}
    if area not in above:
        raise Refused("trust-area-unknown", area=str(area)[:40])
    found: dict[str, Any] = {}
    for field in profile.dictionary.of("area"):
        place = area
        while place is not None and f"area.{field.name}" not in found:
            held = [each for each in profile.attributes if (each.area, each.field) == (place, field.name)]
            latest = max((each for each in held if each.starts_on <= on), key=_starts, default=None)
            if latest is not None:
                found[f"area.{field.name}"] = latest.value
            place = above[place] if field.is_inherited else None
    return found


def _starts(attribute: AttributeConfig) -> date:
    return attribute.starts_on
