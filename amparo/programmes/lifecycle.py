"""Who is covered, by life-cycle group: the question that puts each person in one group, and the count of what reaches them.

Shape   the groups of a profile in, in their order; one number a person out: of the first group whose rule holds of them, 0 if
        none does. `COVERED`: one row per area and group, `EXCLUDED`: the same of those whose home receives nothing from anybody
Units   persons. *Direct* is what is given to the person themselves; *reached* adds what is given to somebody of their home,
        or to the home as a whole
Nulls   whoever no group can be told of by what is known is `unknown`, whoever is in none is `other`: nobody is dropped. An earlier
        rule that is unknown leaves open who is in a later group
Source  requirements IBR-7 (coverage by life-cycle group) and ELI-4 (multiple exclusion)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from amparo.programmes import catalogue
from amparo.programmes.config import Unit
from amparo.programmes.inforce import InForce
from amparo.programmes.overlapping import LIVE
from amparo.registry.dictionary import Dictionary
from amparo.rules.check import check
from amparo.rules.model.nodes import NOWHERE, Literal
from amparo.rules.model.rule import PERSON_UNIT, ProgrammeRule, Rule
from amparo.rules.model.types import BOOLEAN
from amparo.rules.parameters import Parameters

UNKNOWN, OTHER = "unknown", "other"  # no group may have these codes
_NUMBER = 30_000  # beside the programmes' own numbers


@dataclass(frozen=True)
class LifeGroup:
    """A life-cycle group; its words are `life-group-<code>` in the profile's catalogue.

    `rule`             CEL text about one `member`: true, false or unknown. The groups are asked in their order
    `population`       the area's field that states how many such persons a census counted; None: nobody states it
    `exclusion_alarm`  above which share of the group, in percent, it is an alarm that nothing reaches their homes; None: no level
    """

    code: str
    rule: str
    population: str | None = None
    exclusion_alarm: int | None = None

    @property
    def label_id(self) -> str:
        return f"life-group-{self.code}"


@dataclass(frozen=True)
class CoverageConfig:
    """The life-cycle groups of a country, in their order, and the area's field that states how many live there in all."""

    groups: tuple[LifeGroup, ...] = ()
    population: str | None = None


def compiled(group: LifeGroup, words: Dictionary, figures: Parameters) -> Rule:
    """Return the rule of one group, checked. Raises RuleRefused."""
    return check(group.rule, catalogue.catalogue(words), figures, PERSON_UNIT)


def question(rules: Sequence[str], words: Dictionary, figures: Parameters) -> InForce:
    """Return what both engines answer of every person: which group they are in, as the amount of a rule that always holds.

    One question for all groups, so that a country is scanned once and there is one answer a person.
    """
    text = "".join(f"({rule}) ? {number} : (" for number, rule in enumerate(rules, 1)) + "0" + ")" * len(rules)
    everybody = Rule("true", Literal(BOOLEAN, NOWHERE, True), PERSON_UNIT, "boolean", 1)
    number = check(text, catalogue.catalogue(words), figures, PERSON_UNIT, gives="order")
    return InForce(_NUMBER, "life-group", Unit.PERSON, 0, "", "", ProgrammeRule(everybody, number))


GROUPED = "CREATE TEMPORARY TABLE grouped (person_id uuid, number smallint) ON COMMIT DROP"
ANSWERED = "SELECT unit_id AS person_id, amount AS number FROM {answer} WHERE amount IS NOT NULL"
_CODE = f"coalesce((%(codes)s::text[])[g.number], CASE g.number WHEN 0 THEN '{OTHER}' ELSE '{UNKNOWN}' END)"
_KINDS = ("bool_or(scheme = ANY (%(insured)s)) AS insured", "bool_or(scheme <> ALL (%(insured)s)) AS assisted")
_FLAGS = ", ".join(
    f"coalesce({flag}, false) AS {name}"
    for name, flag in (
        ("direct_assisted", "own.assisted"),
        ("direct_insured", "own.insured"),
        ("assisted", "own.assisted OR home.assisted"),
        ("insured", "own.insured OR home.insured"),
    )
)
# In the order of the table's columns: assistance alone, insurance alone, both; directly, and through the home too.
COLUMNS = tuple(chain(*((f"{how}_assistance", f"{how}_insurance", f"{how}_both") for how in ("direct", "reached"))))
_COUNTS = ", ".join(
    f"count(*) FILTER (WHERE {condition})"
    for before in ("direct_", "")
    for condition in (
        f"{before}assisted AND NOT {before}insured",
        f"{before}insured AND NOT {before}assisted",
        f"{before}assisted AND {before}insured",
    )
)
COVERED = f"""
    WITH live AS MATERIALIZED ({LIVE}
    ), own AS (
        SELECT person_id, {", ".join(_KINDS)} FROM live WHERE person_id IS NOT NULL GROUP BY person_id
    ), home AS (
        SELECT household_id, {", ".join(_KINDS)} FROM live WHERE household_id IS NOT NULL GROUP BY household_id
    ), each AS (
        SELECT p.area_number, {_CODE} AS life_group, {_FLAGS}
        FROM registry_person p
        LEFT JOIN registry_membership m ON m.person_id = p.id AND m.ends_on IS NULL
        LEFT JOIN own ON own.person_id = p.id
        LEFT JOIN home ON home.household_id = m.household_id
        LEFT JOIN grouped g ON g.person_id = p.id
        WHERE p.deceased_on IS NULL AND p.erased_on IS NULL
    )
    INSERT INTO programmes_groupcoverage (coverage_id, area_number, life_group, persons, {", ".join(COLUMNS)})
    SELECT %(coverage)s, area_number, life_group, count(*), {_COUNTS} FROM each GROUP BY area_number, life_group
    RETURNING life_group, persons, {", ".join(COLUMNS)}
"""
# `reasons`: the households with the reason of those that receive nothing, as `gaps.REASONS` tells them.
EXCLUDED = f"""
    INSERT INTO programmes_groupexclusion (coverage_id, area_number, life_group, persons, near, unknown, beyond)
    SELECT %(coverage)s, p.area_number, {_CODE}, count(*), count(*) FILTER (WHERE r.reason = 'near'),
        count(*) FILTER (WHERE r.reason = 'unknown'), count(*) FILTER (WHERE r.reason = 'beyond')
    FROM reasons r
    JOIN registry_membership m ON m.household_id = r.household_id AND m.ends_on IS NULL
    JOIN registry_person p ON p.id = m.person_id AND p.deceased_on IS NULL AND p.erased_on IS NULL
    LEFT JOIN grouped g ON g.person_id = p.id
    GROUP BY 2, 3
    RETURNING life_group, persons, near, unknown, beyond
"""
