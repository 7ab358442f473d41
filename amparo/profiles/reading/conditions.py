"""Reads the tables `[[condition]]` of a programme: of whom something is asked, how often, and what follows where it is missed."""

import re

from amparo.profiles.places import Place
from amparo.programmes.conditions import Condition, Every
from amparo.programmes.types import BreachAct

_MONTHS = range(1, 61)
_CODE = re.compile(r"[a-z][a-z0-9_]*")


def read_conditions(programme: Place) -> tuple[Condition, ...]:
    """Return what the programme asks of those who take part; none where it asks nothing."""
    found = tuple(map(_condition, programme.tables("condition")))
    codes = [each.code for each in found]
    for code in codes:
        if codes.count(code) > 1:
            programme.refuse("profiles-condition-twice", code=code)
    return found


def _condition(place: Place) -> Condition:
    code = place.text("code")
    if not _CODE.fullmatch(code):
        place.refuse("profiles-name-wrong", name=code)
    found = Condition(
        code=code,
        law=place.text("law"),
        whom=place.text("whom").strip(),
        every=place.one_of("every", Every) if place.has("every") else Every.MONTH,
        least_share=place.number("least_share") if place.has("least_share") else None,
        excused=place.texts("excused"),
        steps=tuple(_step(each, place) for each in place.texts("steps")),
        category=place.text_or("category", None) or "",
        suspension=place.text_or("suspension", None) or "",
        forgotten_after=place.whole_or("forgotten_after", None) or Condition.forgotten_after,
    )
    place.nothing_left()
    _expect_soft(found, place)
    if found.least_share is not None and not 0 < found.least_share <= 1:
        place.refuse("profiles-value-wrong", key="least_share", example="0.85")
    if found.forgotten_after not in _MONTHS:
        place.refuse("profiles-value-wrong", key="forgotten_after", example="12")
    return found


def _step(given: str, place: Place) -> BreachAct:
    known = [each.value for each in BreachAct]
    if given not in known:
        place.refuse("profiles-value-unknown", key="steps", value=given, known=known)
    return BreachAct(given)


def _expect_soft(condition: Condition, place: Place) -> None:
    """A suspension comes after a softer step, and a step that needs something has it."""
    for act, key, value in (
        (BreachAct.VISIT, "category", condition.category),
        (BreachAct.SUSPENSION, "suspension", condition.suspension),
    ):
        if (act in condition.steps) != bool(value):
            place.refuse("profiles-condition-step", step=act.value, key=key)
    if condition.steps[:1] == (BreachAct.SUSPENSION,):
        place.refuse("profiles-condition-harsh", code=condition.code)
