"""Holds `synth.toml`, where there is one, against the dictionary, the areas and the mappings."""

from amparo.profiles.checking import conditions
from amparo.profiles.places import Problems
from amparo.profiles.synth.settings import FILE, FieldDraw, Settings, read
from amparo.profiles.types import Profile, ProfileRefused
from amparo.registry.dictionary import Type

_DRAWN = {
    "shares": (Type.CODE, Type.INTEGER),
    "share": (Type.BOOLEAN,),
    "median": (Type.INTEGER, Type.NUMBER, Type.MONEY),
}


def check(profile: Profile, problems: Problems) -> None:
    if not (profile.folder / FILE).is_file():
        return
    try:
        settings = read(profile.folder)
    except ProfileRefused as refusal:
        problems.found.extend(refusal.problems)
        return
    _names(settings, profile, problems)
    for grain, draws in (("household", settings.household), ("person", settings.person)):
        for each in draws:
            _draw(each, grain, profile, problems)
        conditions.check(grain, draws, profile, problems)


def _names(settings: Settings, profile: Profile, problems: Problems) -> None:
    if settings.mapping not in profile.mappings:
        known = list(profile.mappings)
        problems.add(FILE, "mapping", "profiles-population-without-mapping", mapping=settings.mapping, known=known)
    codes = {each.code for each in profile.areas}
    languages = [each.name for each in settings.communities]
    for area, shares in settings.places.communities.items():
        place = f"places › communities › {area}"
        if area not in codes:
            problems.add(FILE, place, "profiles-population-unknown-area", area=area)
        for name in shares:
            if name not in languages:
                problems.add(FILE, place, "profiles-value-unknown", key=area, value=name, known=languages)


def _draw(draw: FieldDraw, grain: str, profile: Profile, problems: Problems) -> None:
    """A field that is drawn exists, is of a type that can be drawn this way, and its codes are codes."""
    place = f"{grain} › {draw.name}"
    if (grain, draw.name) not in profile.dictionary:
        problems.add(FILE, place, "profiles-field-unknown", grain=grain, field=draw.name)
        return
    field = profile.dictionary[grain, draw.name]
    way = next(each for each in _DRAWN if getattr(draw, each) is not None)
    if field.type not in _DRAWN[way]:
        problems.add(FILE, place, "profiles-draw-of-another-type", field=draw.name, type=field.type.value)
    elif field.type is Type.CODE and field.vocabulary is not None:
        known = profile.dictionary.vocabulary(field.vocabulary).codes
        for code in draw.shares or ():
            if code not in known:
                problems.add(FILE, place, "profiles-value-unknown", key=draw.name, value=code, known=list(known))
