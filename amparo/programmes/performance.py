"""How local offices do: rates of each area, and a formula over them that is text of the rule language.

Shape   an index as a profile states it in; its rules checked, and of the numbers of one area what the formulas say of it
Units   rates and figures are bare numbers, 0 to 1; formulas read them as `area.<code>`, beside what is stated of the area
Nulls   a rate of nobody is unknown and not zero, and so is whatever is made of it. Of whom it is unknown whether they belong to
        the whole is in neither part, and counted apart; of whom it is unknown whether they met it did not
Errors  RuleRefused for a text that is no rule; Refused where two things have one name
Source  requirements DEC-3 and IGD-M
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from amparo.programmes import catalogue
from amparo.programmes.config import Unit
from amparo.programmes.freshness import Freshness
from amparo.programmes.inforce import InForce
from amparo.programmes.types import Performance, Rate
from amparo.registry.attributes import AREA
from amparo.registry.dictionary import Dictionary, Type
from amparo.registry.lists import grain_of
from amparo.rules.catalogue import Catalogue, RuleField
from amparo.rules.check import check
from amparo.rules.engines.reference import evaluate
from amparo.rules.lower.names import plain
from amparo.rules.model.rule import ProgrammeRule, Rule
from amparo.rules.parameters import Parameters


class Counted(StrEnum):
    """Which part of those of whom a condition is asked a rate counts."""

    TOLD = "told"  # of whom anything was told
    MET = "met"  # who met it, of whom anything was told


@dataclass(frozen=True)
class RateConfig:
    """One rate: of the registry's households, or of a programme's conditions; its words are `performance-<code>`.

    `of`, `met`  CEL text about a household: which belong to the whole, and which of these met it. Facts count whatever their
                 age, since how old a record is may be just what is asked
    `programme`, `conditions`  whose conditions are followed; `counted` which part
    """

    code: str
    of: str = ""
    met: str = ""
    programme: str = ""
    conditions: tuple[str, ...] = ()
    counted: Counted = Counted.TOLD

    @property
    def is_of_households(self) -> bool:
        return not self.programme


@dataclass(frozen=True)
class FigureConfig:
    """A number made of rates, of what is stated of the area, and of figures before it; its words are `performance-<code>`."""

    code: str
    formula: str


@dataclass(frozen=True)
class IndexConfig:
    """An index of a level of areas: its last figure. `pays` is CEL text that says whether it is enough; "": nothing hangs on it."""

    code: str
    law: str
    level: str
    rates: tuple[RateConfig, ...]
    figures: tuple[FigureConfig, ...]
    pays: str = ""

    @property
    def label_id(self) -> str:
        return f"performance-{self.code}"

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the rates and figures, in their order."""
        return (*(each.code for each in self.rates), *(each.code for each in self.figures))

    def kept(self) -> dict[str, Any]:
        """Return the index as a table keeps it."""
        plain_rates = [{**asdict(each), "conditions": list(each.conditions)} for each in self.rates]
        return {**asdict(self), "rates": plain_rates, "figures": [asdict(each) for each in self.figures]}


def restored(kept: Mapping[str, Any]) -> IndexConfig:
    """Return an index as a table keeps it."""
    rates = tuple(
        RateConfig(**{**each, "conditions": tuple(each["conditions"]), "counted": Counted(each["counted"])})
        for each in kept["rates"]
    )
    return IndexConfig(**{**kept, "rates": rates, "figures": tuple(FigureConfig(**each) for each in kept["figures"])})


@dataclass(frozen=True)
class Compiled:
    """An index with its rules checked. `whole` and `part`: rate → who belongs to it, and who of these met it."""

    config: IndexConfig
    whole: Mapping[str, ProgrammeRule]
    part: Mapping[str, ProgrammeRule]
    figures: Mapping[str, Rule]
    pays: Rule | None

    @property
    def stated(self) -> tuple[str, ...]:
        """Names of what the formulas read that is stated of the area."""
        rules = [*self.figures.values(), *([self.pays] if self.pays else [])]
        read = {name.removeprefix(f"{AREA}.") for rule in rules for _, name in rule.reads}
        return tuple(sorted(read - set(self.config.codes)))

    @property
    def parameters(self) -> tuple[str, ...]:
        rules = [*self.whole.values(), *self.part.values(), *self.figures.values(), *([self.pays] if self.pays else [])]
        return tuple(sorted({name for rule in rules for name in rule.parameters}))

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """(path, name) in the registry's words of what the rates of households read."""
        rules = [*self.whole.values(), *self.part.values()]
        return frozenset(catalogue.registry_field(each) for rule in rules for each in rule.reads)

    def on(self, day: date) -> Iterator[InForce]:
        """Yield the rules of the whole and the part of each rate of households, numbered two by two."""
        for number, code in enumerate(self.whole):
            for place, rule in enumerate((self.whole[code], self.part[code])):
                yield _of_any_age(2 * number + place, code, self.config.law, rule).on(day)


def _of_any_age(number: int, code: str, law: str, rule: ProgrammeRule) -> InForce:
    """Return a rule that reads its facts however old they are."""
    asked = InForce(number, code, Unit.HOUSEHOLD, number, "", law, rule)
    fields = sorted({(grain_of(path), plain(name)) for path, name in asked.reads if name})
    usable = tuple(Freshness(grain, name, is_usable=True) for grain, name in fields if grain != AREA)
    return InForce(number, code, Unit.HOUSEHOLD, number, "", law, rule, freshness=usable)


def compiled(index: IndexConfig, words: Dictionary, figures: Parameters) -> Compiled:
    """Return an index, checked. Raises RuleRefused for a rule that is none, Refused for a name that stands for two things."""
    fields = catalogue.catalogue(words)
    of_households = [each for each in index.rates if each.is_of_households]
    made: dict[str, Rule] = {}
    named = [_number(each.code) for each in index.rates]
    for each in index.figures:
        made[each.code] = check(each.formula, _with(fields, named), figures, gives=Type.NUMBER.value)
        named.append(_number(each.code))
    return Compiled(
        index,
        {each.code: ProgrammeRule(check(each.of, fields, figures)) for each in of_households},
        {each.code: ProgrammeRule(check(each.met, fields, figures)) for each in of_households},
        made,
        check(index.pays, _with(fields, named), figures) if index.pays else None,
    )


def _number(code: str) -> RuleField:
    return RuleField(code, AREA, Type.NUMBER.value, label_id=f"performance-{code}")


def _with(fields: Catalogue, more: list[RuleField]) -> Catalogue:
    """Formulas read what is known of an area and nothing of anybody in it."""
    return Catalogue([each for each in fields.fields if each.grain == AREA] + more)


def performance(
    index: Compiled,
    area_number: int,
    rates: Mapping[str, Rate],
    stated: Mapping[str, Any],
    *,
    on: date,
    parameters: Parameters,
) -> Performance:
    """Return what an index says of one area with these rates and with what is stated of it."""
    known: dict[str, Any] = {f"{AREA}.{name}": stated.get(name) for name in index.stated}
    known |= {f"{AREA}.{code}": rates[code].value for code in rates}
    figures: dict[str, float | None] = {}
    for code, rule in index.figures.items():
        figures[code] = _said(rule, known, on, parameters)
        known[f"{AREA}.{code}"] = figures[code]
    pays = _said(index.pays, known, on, parameters) if index.pays else None
    return Performance(area_number, rates, {name: stated.get(name) for name in index.stated}, figures, pays)


def _said(rule: Rule, known: Mapping[str, Any], on: date, parameters: Parameters) -> Any:
    return evaluate(rule, {"household": dict(known), "members": []}, on=on, parameters=parameters)


# ---- The counts of each rate, by area.

COUNTED = "CREATE TEMPORARY TABLE counted (rate text, area_number bigint, met bigint, whole bigint, unknown bigint) ON COMMIT DROP"
OF_HOUSEHOLDS = """
SELECT '{rate}' AS rate, home.area_number, count(*) FILTER (whole.outcome AND part.outcome) AS met,
    count(*) FILTER (whole.outcome) AS whole,
    count(*) FILTER (whole.outcome IS NULL OR whole.outcome AND part.outcome IS NULL) AS unknown
FROM {answers} whole JOIN {answers} part ON part.unit_id = whole.unit_id AND part.programme_id = {part}
JOIN home ON home.household_id = whole.household_id
WHERE whole.programme_id = {whole} AND home.area_number >= 0 GROUP BY home.area_number
"""
# The latest period that began before the day, of each condition, of which anybody told anything: before that nothing is known.
OF_CONDITIONS = """
WITH latest AS (
    SELECT DISTINCT ON (f.condition) f.id, f.period FROM programmes_following f
    JOIN programmes_programme p ON p.id = f.programme_id
    WHERE p.code = %(programme)s AND f.condition = ANY (%(conditions)s) AND f.period < %(on)s
        AND EXISTS (SELECT FROM programmes_followingcount t WHERE t.following_id = f.id AND t.told > 0)
    ORDER BY f.condition, f.period DESC, f.followed_at DESC, f.id DESC
), written AS (
    INSERT INTO counted SELECT %(rate)s, c.area_number, sum(CASE WHEN %(is_told)s THEN c.told ELSE c.met END),
        sum(CASE WHEN %(is_told)s THEN c.watched ELSE c.told END), sum(c.watched - c.told)
    FROM latest JOIN programmes_followingcount c ON c.following_id = latest.id
    WHERE c.area_number >= 0 GROUP BY c.area_number
)
SELECT max(period) FROM latest
"""
# Every area of the level and those that it lies in, each with all below it.
SUMMED = """
WITH places AS (
    SELECT DISTINCT above.number, above.last_number
    FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) place (first, last)
    JOIN trust_area above ON above.number <= place.first AND above.last_number >= place.last
)
SELECT places.number, counted.rate, sum(met)::bigint, sum(whole)::bigint, sum(unknown)::bigint
FROM places LEFT JOIN counted ON counted.area_number BETWEEN places.number AND places.last_number
GROUP BY places.number, counted.rate ORDER BY places.number
"""
