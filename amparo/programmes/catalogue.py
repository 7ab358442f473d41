"""The data dictionary and the profile's figures, in the words that rules are checked against."""

from collections.abc import Iterable

from amparo.programmes.config import ParameterConfig
from amparo.programmes.types import catalogue_grain
from amparo.registry.dictionary import Dictionary, Field
from amparo.rules.catalogue import HOUSEHOLD, MEMBER, SIZE, Catalogue, RuleField
from amparo.rules.parameters import Dated, Parameter, Parameters

# Rules say "member" of a person in a household.
GRAIN = {"household": HOUSEHOLD, "person": MEMBER}


def catalogue(dictionary: Dictionary) -> Catalogue:
    """Return what rules may read: of households and persons, only the fields that a decision may rest on."""
    return Catalogue(
        _field(each, dictionary)
        for grain in GRAIN
        for each in dictionary.of(grain)
        if each.is_for_decisions and (grain, each.name) != (HOUSEHOLD, SIZE)
    )


def parameters(configured: Iterable[ParameterConfig]) -> Parameters:
    """Return the profile's figures as rules read them; money is in minor units in both."""
    return Parameters(
        Parameter(
            each.name,
            each.type.value,
            each.unit,
            values=tuple(Dated(value.value, value.law, value.starts_on) for value in each.values),
        )
        for each in configured
    )


def registry_field(read: tuple[str, str]) -> tuple[str, str]:
    """Return (grain, name) of the dictionary for what a rule says it reads."""
    return catalogue_grain(read[0]), read[1]


def _field(field: Field, dictionary: Dictionary) -> RuleField:
    codes = dictionary.vocabulary(field.vocabulary).codes if field.vocabulary else ()
    return RuleField(field.name, GRAIN[field.grain], field.type.value, field.unit, codes, field.label_id)
