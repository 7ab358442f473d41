"""Reads `parameters.toml` and `programmes/*.toml`."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.profiles.reading.conditions import read_conditions
from amparo.profiles.reading.dictionary import value
from amparo.profiles.reading.enrolment import read_enrolment
from amparo.profiles.reading.procedure import read_procedure
from amparo.profiles.reading.terms import read_freshness, read_group, read_ranking
from amparo.programmes.config import ParameterConfig, ParameterValue, ProgrammeConfig, RuleVersion, Unit
from amparo.registry.dictionary import Type

PARAMETERS = "parameters.toml"


def read_parameters(folder: Path, decimals: int, problems: Problems) -> tuple[ParameterConfig, ...]:
    found = []
    with problems.collected():
        for name, place in files.toml(folder, PARAMETERS).named_tables():
            with problems.collected():
                found.append(_parameter(name, place, decimals))
    return tuple(found)


def _parameter(name: str, place: Place, decimals: int) -> ParameterConfig:
    type, law = place.one_of("type", Type), place.text("law")
    found = ParameterConfig(
        name=name,
        type=type,
        unit=place.text_or("unit", None),
        law=law,
        values=tuple(_value(each, type, law, decimals) for each in place.tables("value")),
        area=place.text_or("area", None),
    )
    place.nothing_left()
    if not found.values:
        place.refuse("profiles-parameter-empty", parameter=name)
    for earlier, later in pairwise(found.values):
        if later.starts_on <= earlier.starts_on:
            place.refuse("profiles-parameter-overlap", parameter=name, day=later.starts_on)
    return found


def _value(place: Place, type: Type, law: str, decimals: int) -> ParameterValue:
    found = ParameterValue(place.day("from"), value(place, "value", type, decimals), place.text_or("law", law) or law)
    place.nothing_left()
    return found


def read_alarm(place: Place, problems: Problems) -> int | None:
    """Return above which share of households, in percent, it is an alarm that they receive nothing; None: no level."""
    with problems.collected():
        level = place.whole_or("exclusion_alarm", None)
        place.nothing_left()
        if level is not None and not 0 <= level <= 100:
            place.refuse("profiles-value-wrong", key="exclusion_alarm", example="20")
        return level
    return None


def read_programmes(folder: Path, problems: Problems) -> tuple[ProgrammeConfig, ...]:
    found = []
    for file in sorted((folder / "programmes").glob("*.toml")):
        with problems.collected():
            found.append(_programme(files.toml(folder, f"programmes/{file.name}"), file.stem))
    return tuple(found)


def _programme(place: Place, stem: str) -> ProgrammeConfig:
    code = place.text("code")
    if code != stem:
        place.refuse("profiles-programme-named-otherwise", programme=code, file=f"{code}.toml")
    unit = place.one_of("unit", Unit)
    found = ProgrammeConfig(
        code=code,
        unit=unit,
        versions=_without_open_ends(tuple(_version(each, unit) for each in place.tables("version"))),
        procedure=read_procedure(place),
        enrolment=read_enrolment(place),
        conditions=read_conditions(place),
        insurance=place.truth_or("insurance", False),
    )
    place.nothing_left()
    if not found.versions:
        place.refuse("profiles-programme-empty", programme=code)
    for earlier, later in pairwise(found.versions):
        if earlier.ends_on is None or later.starts_on <= earlier.ends_on:
            place.refuse("profiles-versions-overlap", programme=code, day=later.starts_on)
    return found


def _version(place: Place, unit: Unit) -> RuleVersion:
    group, ungrouped = read_group(place, unit)
    found = RuleVersion(
        starts_on=place.day("from"),
        ends_on=place.day_or("until"),
        rule=place.text("rule").strip(),
        amount=(place.text_or("amount", None) or "").strip() or None,
        law=place.text("law"),
        group=group,
        ungrouped=ungrouped,
        ranking=read_ranking(place),
        freshness=read_freshness(place),
    )
    place.nothing_left()
    if found.ends_on is not None and found.ends_on < found.starts_on:
        place.refuse("profiles-days-in-reverse", first=found.starts_on, last=found.ends_on)
    return found


def _without_open_ends(versions: tuple[RuleVersion, ...]) -> tuple[RuleVersion, ...]:
    """A version without a last day ends on the eve of the next one."""
    closed = [
        replace(each, ends_on=following.starts_on - timedelta(days=1))
        if each.ends_on is None and each.starts_on < following.starts_on
        else each
        for each, following in pairwise(versions)
    ]
    return (*closed, *versions[-1:])
