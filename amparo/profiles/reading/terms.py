"""Reads what a version of a programme states around its rule: whose members it asks, who comes first, how old facts may be."""

from enum import StrEnum

from amparo.profiles.places import Place
from amparo.profiles.reading.dictionary import days
from amparo.programmes.config import Ungrouped, Unit
from amparo.programmes.freshness import Freshness, limits
from amparo.programmes.quota import Contested, Key, Quota, Ranking, Share

_PARAMETER = "param."


class Then(StrEnum):
    """What a value counts as that is older than the programme allows."""

    UNKNOWN = "unknown"
    USABLE = "usable"


def read_group(place: Place, unit: Unit) -> tuple[Unit | None, Ungrouped | None]:
    """Return whose members the rule asks, None for the whole household, and what becomes of who is in no such group."""
    given = place.one_of("members", Unit) if place.has("members") else unit if unit.is_group else Unit.HOUSEHOLD
    fitting = {Unit.HOUSEHOLD: [Unit.HOUSEHOLD], Unit.PERSON: [Unit.HOUSEHOLD, Unit.FAMILY, Unit.COUPLE]}
    known = fitting.get(unit, [unit])
    if given not in known:
        place.refuse("profiles-value-unknown", key="members", value=given.value, known=[each.value for each in known])
    if given is Unit.HOUSEHOLD:
        return None, None
    return given, place.one_of("ungrouped", Ungrouped)


def read_ranking(place: Place) -> Ranking | None:
    """Return who comes first where places are few; None where the version ranks nobody."""
    if not place.has("ranking"):
        return None
    place = place.table("ranking")
    keys = tuple(_key(each) for each in place.tables("key"))
    if not keys:
        place.refuse("profiles-key-missing", key="key")
    found = Ranking(keys, _quota(place.table("quota")), place.one_of("contested", Contested))
    place.nothing_left()
    return found


def read_freshness(place: Place) -> tuple[Freshness, ...]:
    """Return the fields that may be older or must be newer than their own validity says, each stated once."""
    found = tuple(map(_freshness, place.tables("freshness")))
    if len(limits(found)) < len(found):
        place.refuse("profiles-freshness-twice")
    return found


def _freshness(place: Place) -> Freshness:
    grain, _, name = place.text("field").rpartition(".")
    then = place.one_of("then", Then) if place.has("then") else Then.UNKNOWN
    found = Freshness(grain, name, days(place), then is Then.USABLE)
    place.nothing_left()
    if found.days is None and not found.is_usable:
        place.refuse("profiles-freshness-empty")
    return found


def _key(place: Place) -> Key:
    found = Key(place.text("by").strip(), place.truth_or("descending", False))
    place.nothing_left()
    return found


def _quota(place: Place) -> Quota:
    """Return the places: for the nation, shared among areas, or a fixed number for each."""
    level = place.text_or("level", None)
    if place.has("areas"):
        fixed = _weights(place, "areas")
        quota = Quota(sum(number for _, number in fixed), level or place.text("level"), (Share(100, fixed),))
    else:
        shares = tuple(_share(each) for each in place.tables("share"))
        quota = Quota(_places(place), level, shares)
    place.nothing_left()
    if bool(quota.shares) != (level is not None) or sum(each.percent for each in quota.shares) not in (0, 100):
        place.refuse("profiles-quota-shares")
    return quota


def _places(place: Place) -> int | str:
    if isinstance(place.left.get("places"), str):
        named = place.text("places")
        if not named.startswith(_PARAMETER):
            place.refuse("profiles-value-wrong", key="places", example="1000, “param.…”")
        return named.removeprefix(_PARAMETER)
    return _natural(place, "places", place.whole("places"))


def _share(place: Place) -> Share:
    percent = _natural(place, "percent", place.whole("percent"))
    equal = place.truth_or("equal", False)
    weights = _weights(place, "weights") if place.has("weights") else ()
    place.nothing_left()
    if equal == bool(weights):
        place.refuse("profiles-quota-share")
    return Share(percent, weights)


def _weights(place: Place, key: str) -> tuple[tuple[str, int], ...]:
    """Return (area, whole number) of a table, in the order of the areas' codes."""
    table = place.table(key)
    return tuple((area, _natural(table, area, table.whole(area))) for area in sorted(table.left))


def _natural(place: Place, key: str, number: int) -> int:
    if number < 0:
        place.refuse("profiles-value-wrong", key=key, example="0, 12")
    return number
