"""The example's three programmes, as many times over as a benchmark asks for, and DuckDB SQL that answers the same.

Each further copy has figures of its own: amounts a twentieth higher each time, ages a year, so that no two programmes
are alike and nothing can be reckoned once for all.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from amparo.profiles.types import Profile
from amparo.programmes.config import ParameterConfig, ProgrammeConfig, Unit
from amparo.registry.dictionary import Type
from bench.imports import DECIDED_ON

BASES = ("child_grant", "old_age_pension", "disability_benefit")
_FIGURE = re.compile(r"\bparam\.(\w+)")
_MEMBER = re.compile(r"\bmember\.")


def named(count: int) -> list[tuple[str, str]]:
    """Return the code of each programme with that of the one it is a copy of; the first three are these themselves."""
    return [(BASES[n % 3] + (f"_{n // 3}" if n >= 3 else ""), BASES[n % 3]) for n in range(count)]


def widened(profile: Profile, count: int) -> Profile:
    """Return the profile with these programmes, and the figures that they read, in place of its own."""
    own = {each.code: each for each in profile.programmes}
    figures = {each.name: each for each in profile.parameters}
    programmes = [_copy(own[base], code) for code, base in named(count)]
    copies = [
        _moved(figures[name], _times(code, base))
        for code, base in named(count)
        if code != base
        for name in _read(own[base])
    ]
    wanted = {each.name: each for each in [*profile.parameters, *copies]}
    return replace(profile, programmes=tuple(programmes), parameters=tuple(wanted.values()))


def of_homes(profile: Profile) -> Profile:
    """Return the profile with each programme about persons asked of the household: if anybody is due, what all are due."""
    return replace(profile, programmes=tuple(map(_of_home, profile.programmes)))


def _of_home(programme: ProgrammeConfig) -> ProgrammeConfig:
    if programme.unit is Unit.HOUSEHOLD:
        return programme
    version = programme.version_on(DECIDED_ON)
    rule, amount = (_MEMBER.sub("m.", text).strip() for text in (version.rule, version.amount))
    asked = replace(
        version, rule=f"members.exists(m, {rule})", amount=f"members.filter(m, {rule}).map(m, {amount}).sum()"
    )
    return replace(programme, unit=Unit.HOUSEHOLD, versions=(asked,))


def _times(code: str, base: str) -> int:
    return int(code.removeprefix(base).lstrip("_") or 0)


def _read(programme: ProgrammeConfig) -> list[str]:
    version = programme.version_on(DECIDED_ON)
    return sorted(set(_FIGURE.findall(f"{version.rule} {version.amount}")))


def _copy(programme: ProgrammeConfig, code: str) -> ProgrammeConfig:
    version, times = programme.version_on(DECIDED_ON), _times(code, programme.code)
    if not times:
        return replace(programme, versions=(version,))
    rule, amount = (_FIGURE.sub(rf"param.\1_{times}", text) for text in (version.rule, version.amount))
    return replace(programme, code=code, versions=(replace(version, rule=rule, amount=amount),))


def _moved(figure: ParameterConfig, times: int) -> ParameterConfig:
    held = figure.on(DECIDED_ON)
    value = held.value
    if figure.type is Type.MONEY:
        value += value * times // 20
    elif figure.unit == "years":
        value += times
    return replace(figure, name=f"{figure.name}_{times}", values=(replace(held, value=value),))


def by_hand(count: int, figures: Mapping[str, object], ids: Mapping[str, int]) -> list[str]:
    """Return the statements that fill `by_hand`: one scan of the homes, one of the persons, an insertion each."""
    scans = [each.format(today=f"{DECIDED_ON:%Y%m%d}") for each in (_HOMES, _PERSONS)]
    inserts = [_insert(ids[code], base, figures, _times(code, base)) for code, base in named(count)]
    return [*scans, *inserts, "DROP TABLE home_row", "DROP TABLE person_row"]


def _insert(programme: int, base: str, figures: Mapping[str, object], times: int) -> str:
    values = {name: figures[f"{name}_{times}" if times else name] for name in _PLACE.findall(_ANSWERS[base])}
    return f"INSERT INTO by_hand {_ANSWERS[base].format(programme=programme, **values)}"


_PLACE = re.compile(r"\{(?!programme\})(\w+)\}")
_HOMES = """
CREATE TEMP TABLE home_row AS
SELECT household_id, size, income_per_month, list_transform(members, lambda m: struct_pack(
    age := ({today} - (year(m.birth_date) * 10000 + month(m.birth_date) * 100 + day(m.birth_date))) // 10000,
    born := m.birth_date IS NOT NULL, pregnant := m.pregnant)) AS members
FROM household
"""
_PERSONS = """
CREATE TEMP TABLE person_row AS
SELECT household_id, m.person_id AS person_id, m.disability_assessed AS assessed, m.disability_grade AS grade,
    m.contributory_pension AS insured,
    ({today} - (year(m.birth_date) * 10000 + month(m.birth_date) * 100 + day(m.birth_date))) // 10000 AS age
FROM (SELECT household_id, unnest(members, max_depth := 1) AS m FROM household)
"""

# A household's members are asked once each: 1 counts as a child, 0 does not, null is not known.
_CHILD_GRANT = """
WITH asked AS (
    SELECT household_id, size, income_per_month, list_transform(members, lambda m: CASE
        WHEN m.age < {child_age} OR m.pregnant THEN 1 WHEN m.age IS NULL OR m.pregnant IS NULL THEN NULL ELSE 0 END
    ) AS counts, members
    FROM home_row
),
counted AS (
    SELECT *, coalesce(list_sum(counts), 0) AS sure, len(counts) - list_count(counts) AS unsure,
        size >= 1 AS lived_in,
        CASE WHEN size > 0 THEN income_per_month / size <= {poverty_line} END AS poor
    FROM asked
),
decided AS (
    SELECT *,
        CASE WHEN NOT lived_in OR NOT poor OR (sure = 0 AND unsure = 0) THEN false
             WHEN poor IS NULL OR sure = 0 THEN NULL ELSE true END AS outcome,
        least(sure, {child_grant_children}) AS least_sure,
        least(sure + unsure, {child_grant_children}) AS least_possible
    FROM counted
),
unclear AS (
    SELECT *, CASE WHEN outcome AND least_sure = least_possible THEN least_sure * {child_grant_amount} END AS amount,
        (outcome IS NULL AND sure = 0 AND unsure > 0) OR (outcome AND least_sure <> least_possible) AS members_unclear
    FROM decided
)
SELECT {programme}, household_id, household_id, outcome, amount,
    CASE WHEN outcome IS NULL OR members_unclear THEN list_filter([
        CASE WHEN members_unclear AND len(list_filter(members, lambda m: NOT m.born AND m.pregnant IS NOT TRUE)) > 0
            THEN 'birth_date' END,
        CASE WHEN outcome IS NULL AND poor IS NULL AND income_per_month IS NULL THEN 'income_per_month' END,
        CASE WHEN members_unclear AND len(list_filter(members, lambda m: m.pregnant IS NULL
            AND (m.age < {child_age}) IS NOT TRUE)) > 0 THEN 'pregnant' END
    ], lambda name: name IS NOT NULL) ELSE [] END
FROM unclear
"""
_OLD_AGE_PENSION = """
SELECT {programme}, person_id, household_id, granted,
    CASE WHEN granted THEN CASE WHEN age >= {pension_supplement_age}
        THEN {pension_amount} + {pension_supplement} ELSE {pension_amount} END END,
    CASE WHEN granted IS NULL THEN list_filter([
        CASE WHEN age IS NULL THEN 'birth_date' END, CASE WHEN insured IS NULL THEN 'contributory_pension' END
    ], lambda name: name IS NOT NULL) ELSE [] END
FROM (SELECT *, CASE WHEN age < {pension_age} OR insured THEN false
    WHEN age IS NULL OR insured IS NULL THEN NULL ELSE true END AS granted FROM person_row)
"""
_DISABILITY_BENEFIT = """
SELECT {programme}, person_id, household_id, granted,
    CASE WHEN granted THEN CASE WHEN grade >= {disability_severe}
        THEN {disability_severe_amount} ELSE {disability_amount} END END,
    CASE WHEN granted IS NULL THEN list_filter([
        CASE WHEN age IS NULL THEN 'birth_date' END, CASE WHEN assessed IS NULL THEN 'disability_assessed' END,
        CASE WHEN grade IS NULL THEN 'disability_grade' END
    ], lambda name: name IS NOT NULL) ELSE [] END
FROM (SELECT *, CASE WHEN NOT assessed OR grade < {disability_threshold} OR age >= {pension_age} THEN false
    WHEN assessed IS NULL OR grade IS NULL OR age IS NULL THEN NULL ELSE true END AS granted FROM person_row)
"""
_ANSWERS = {
    "child_grant": _CHILD_GRANT,
    "old_age_pension": _OLD_AGE_PENSION,
    "disability_benefit": _DISABILITY_BENEFIT,
}
