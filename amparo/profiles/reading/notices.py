"""Reads `notices.toml`: what people are told by themselves, by what, and in which of the profile's languages."""

from pathlib import Path

from amparo.notices.config import NoticesConfig, Use
from amparo.notices.types import Channel, Kind
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files

FILE = "notices.toml"


def read_notices(folder: Path, languages: tuple[str, ...], problems: Problems) -> NoticesConfig:
    """Return what the file states; where there is none, or a fault in it, nobody is told anything by itself."""
    if not (folder / FILE).is_file():
        return NoticesConfig()
    with problems.collected():
        top = files.toml(folder, FILE)
        found = NoticesConfig(
            kinds=_kinds(top, "kinds"),
            contact=_contact(top.table("contact")),
            spoken=_spoken(top.table("spoken"), languages),
            languages=languages,
            unasked=top.one_of("unasked", Channel) if top.has("unasked") else Channel.LETTER,
            in_person=_kinds(top, "in_person"),
        )
        top.nothing_left()
        if found.unasked is Channel.NONE:
            top.refuse("profiles-value-unknown", key="unasked", value="none", known=["sms", "email", "letter"])
        return found
    return NoticesConfig()


def _kinds(top: Place, key: str) -> tuple[Kind, ...]:
    named, known = top.texts(key), [each.value for each in Kind]
    for each in named:
        if each not in known:
            top.refuse("profiles-value-unknown", key=key, value=each, known=known)
    return tuple(map(Kind, dict.fromkeys(named)))


def _contact(place: Place) -> dict[Use, tuple[str, str]]:
    found = {}
    for use in Use:
        if place.has(use.value):
            grain, _, name = place.text(use.value).partition(".")
            found[use] = (grain, name)
    place.nothing_left()
    return found


def _spoken(place: Place, languages: tuple[str, ...]) -> dict[str, str]:
    """Return value of the field for languages → language; the field's other values are of who is written to in the first."""
    found = {value: place.text(value) for value in list(place.left)}
    for each in found.values():
        if each not in languages:
            place.refuse("profiles-value-unknown", key="spoken", value=each, known=list(languages))
    return found
