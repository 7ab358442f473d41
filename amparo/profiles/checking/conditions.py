"""Holds the conditions of `synth.toml` against what is known when a field is drawn."""

from collections.abc import Iterator, Sequence
from typing import Any

from amparo.profiles.places import Problems
from amparo.profiles.synth.order import LATENTS, WORKED_OUT
from amparo.profiles.synth.settings import FILE, FieldDraw
from amparo.profiles.types import Profile
from amparo.registry.dictionary import PYTHON_TYPE, Field, Type


def check(grain: str, draws: Sequence[FieldDraw], profile: Profile, problems: Problems) -> None:
    """A condition names a field that is drawn before, by values it can have; a weight names a latent."""
    before = list(WORKED_OUT[grain])
    for draw in draws:
        for key, id, values in _wrong(draw, grain, before, profile):
            problems.add(FILE, f"{grain} › {draw.name} › {key}", id, **values)
        before.append(draw.name)


def _wrong(
    draw: FieldDraw, grain: str, before: list[str], profile: Profile
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key, weights in (("by", draw.by), ("missing_by", draw.missing_by)):
        for name in weights:
            if name not in LATENTS[grain]:
                yield key, "profiles-value-unknown", {"key": key, "value": name, "known": list(LATENTS[grain])}
    if draw.sex not in (None, "female", "male"):
        yield "sex", "profiles-value-unknown", {"key": "sex", "value": draw.sex, "known": ["female", "male"]}
    if draw.at_most is not None and draw.at_most not in before:
        yield "at_most", "profiles-condition-unknown", {"field": draw.at_most, "known": before}
    for key, conditions in (("only", draw.only), ("unless", draw.unless)):
        for name, values in conditions.items():
            if name not in before:
                yield key, "profiles-condition-unknown", {"field": name, "known": before}
            elif (grain, name) in profile.dictionary:
                yield from ((key, *each) for each in _values(profile.dictionary[grain, name], values, profile))


def _values(field: Field, values: tuple, profile: Profile) -> Iterator[tuple[str, dict[str, Any]]]:
    """A value that the field never has would ask nobody, or everybody, without a word."""
    codes = None
    if field.type is Type.CODE and field.vocabulary is not None:
        codes = profile.dictionary.vocabulary(field.vocabulary).codes
    for each in values:
        if codes is not None and each not in codes:
            yield "profiles-value-unknown", {"key": field.name, "value": str(each), "known": list(codes)}
        elif codes is None and not isinstance(each, PYTHON_TYPE[field.type]):
            yield "profiles-condition-type", {"field": field.name, "type": field.type.value}
