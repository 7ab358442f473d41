"""Reads `retention.toml`: how long what is kept, after which event, by which law."""

from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.registry.dictionary import FieldClass
from amparo.trust.types import ScheduleConfig
from amparo.trust.types.erasures import AFTER, After, Lapsing

FILE = "retention.toml"


def read_schedules(folder: Path, problems: Problems) -> tuple[ScheduleConfig, ...]:
    """Return the schedules in the file's order; none where the profile has no such file: then nothing is let go by itself."""
    found: dict[str, ScheduleConfig] = {}
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        top = files.toml(folder, FILE)
        for place in top.tables("schedule"):
            with problems.collected():
                schedule = _schedule(place)
                if schedule.code in found:
                    place.refuse("profiles-code-given-twice", code=schedule.code)
                found[schedule.code] = schedule
        top.nothing_left()
    return tuple(found.values())


def _schedule(place: Place) -> ScheduleConfig:
    kept, after = place.one_of("place", Lapsing), place.one_of("after", After)
    if AFTER[kept] is not after:
        place.refuse("profiles-value-unknown", key="after", value=after.value, known=[AFTER[kept].value])
    field_class = place.one_of("class", FieldClass).value if place.has("class") else ""
    if field_class and kept is not Lapsing.PERSON:
        place.refuse("profiles-schedule-class", place=kept.value)
    found = ScheduleConfig(
        code=place.text("code"),
        place=kept.value,
        field_class=field_class,
        after=after.value,
        days=place.whole("days"),
        law=place.text("law"),
    )
    if found.days < 0:
        place.refuse("profiles-value-wrong", key="days", example="365")
    place.nothing_left()
    return found
