"""Reads `transitions.toml`: what in a life opens a case ahead, and which schemes it leads out of and into."""

import re
from pathlib import Path

from amparo.cases.config import LEAD_DAYS, TransitionConfig, Trigger
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files

FILE = "transitions.toml"
MOST_YEARS, MOST_DAYS = 120, 365
_CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")
# By which key a transition begins: exactly one of them.
_BEGINS = {
    "at_age": Trigger.AGE,
    "fact": Trigger.FACT,
    "born": Trigger.BORN,
    "told": Trigger.TOLD,
    "moved": Trigger.MOVED,
}


def read_transitions(folder: Path, problems: Problems) -> tuple[TransitionConfig, ...]:
    """Return what the file states, in its order; without it no transition opens anything."""
    found: dict[str, TransitionConfig] = {}
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        top = files.toml(folder, FILE)
        source, category = top.text("source"), top.text("category")
        for place in top.tables("transition"):
            with problems.collected():
                each = _transition(place, source, category)
                if each.code in found:
                    place.refuse("profiles-code-given-twice", code=each.code)
                found[each.code] = each
        top.nothing_left()
    return tuple(found.values())


def _transition(place: Place, source: str, category: str) -> TransitionConfig:
    code = place.text("code")
    if not _CODE.fullmatch(code):
        place.refuse("profiles-name-wrong", name=code)
    begins = [key for key in _BEGINS if place.has(key)]
    if len(begins) != 1:
        place.refuse("profiles-transition-begins", keys=list(_BEGINS))
    found = TransitionConfig(
        code=code,
        trigger=_BEGINS[begins[0]],
        category=place.text_or("category", category) or category,
        source=source,
        receiving=place.truth_or("receiving", False),
        ends=place.texts("ends"),
        next=place.texts("next"),
        **_begins(place, begins[0]),
    )
    place.nothing_left()
    _expect_sound(place, found)
    return found


def _begins(place: Place, key: str) -> dict:
    """Return what a transition begins with, in the words of its kind."""
    if key == "at_age":
        return {"years": _between(place, key, 0, MOST_YEARS, "65"), "days": _days(place)}
    if key == "fact":
        return {"field": place.text(key), "value": _value(place)}
    if key == "told":
        return {"told": place.texts(key)}
    if not place.truth_or(key, False):
        place.refuse("profiles-value-wrong", key=key, example="true")
    return {}


def _days(place: Place) -> int:
    """Return how many days ahead a case opens: three months or more, so that there is time to find out and to apply."""
    return _between(place, "days_ahead", LEAD_DAYS, MOST_DAYS, "120") if place.has("days_ahead") else LEAD_DAYS


def _between(place: Place, key: str, least: int, most: int, example: str) -> int:
    given = place.whole(key)
    if not least <= given <= most:
        place.refuse("profiles-value-wrong", key=key, example=example)
    return given


def _value(place: Place) -> str:
    """Return the value that a fact reaches as an observation writes it: yes, no or a code."""
    if not place.has("value") or isinstance(place.left["value"], bool):
        return "true" if place.truth_or("value", True) else "false"
    return place.text("value")


def _expect_sound(place: Place, found: TransitionConfig) -> None:
    if not found.ends and not found.next and found.trigger is not Trigger.MOVED:
        place.refuse("profiles-transition-empty")
    if found.receiving and not found.ends:
        place.refuse("profiles-transition-receiving")
    if found.trigger is Trigger.TOLD and not found.told:
        place.refuse("profiles-key-missing", key="told")
