"""The data dictionary and the profile's figures, in the words that rules are checked against."""

from collections.abc import Iterable, Sequence

from amparo.programmes.config import ParameterConfig, ProgrammeConfig
from amparo.programmes.types import catalogue_grain
from amparo.registry.dictionary import Dictionary, Field
from amparo.rules.catalogue import AREA, HOUSEHOLD, MEMBER, SIZE, Catalogue, RuleField
from amparo.rules.contents import NO_CONTENTS, Contents, ProgrammeText, ProgrammeVersion, ScoringModel, Table
from amparo.rules.parameters import Dated, Parameter, Parameters

# Rules say "member" of a person in a household.
GRAIN = {"household": HOUSEHOLD, "person": MEMBER, "area": AREA}


def catalogue(dictionary: Dictionary) -> Catalogue:
    """Return what rules may read: of households, persons and areas, only the fields that a decision may rest on."""
    return Catalogue(
        _field(each, dictionary)
        for grain in GRAIN
        for each in dictionary.of(grain)
        if each.is_for_decisions and (grain, each.name) != (HOUSEHOLD, SIZE)
    )


def parameters(configured: Iterable[ParameterConfig], stated: Contents = NO_CONTENTS) -> Parameters:
    """Return the profile's figures as rules read them, with its tables and models; money is in minor units in both."""
    return Parameters(
        (
            Parameter(
                each.name,
                each.type.value,
                each.unit,
                values=tuple(Dated(value.value, value.law, value.starts_on) for value in each.values),
            )
            for each in configured
        ),
        stated,
    )


def contents(
    tables: Sequence[Table], scoring: Sequence[ScoringModel], programmes: Iterable[ProgrammeConfig]
) -> Contents:
    """Return what rules may refer to, as a profile states it."""
    return Contents(tuple(tables), tuple(scoring), tuple(map(_text, programmes)))


def _text(programme: ProgrammeConfig) -> ProgrammeText:
    versions = tuple(ProgrammeVersion(each.starts_on, each.law, each.rule, each.ends_on) for each in programme.versions)
    return ProgrammeText(programme.code, programme.unit.value, versions)


def registry_field(read: tuple[str, str]) -> tuple[str, str]:
    """Return (grain, name) of the dictionary for what a rule says it reads."""
    return catalogue_grain(read[0]), read[1]


def _field(field: Field, dictionary: Dictionary) -> RuleField:
    codes = dictionary.vocabulary(field.vocabulary).codes if field.vocabulary else ()
    return RuleField(field.name, GRAIN[field.grain], field.type.value, field.unit, codes, field.label_id)
