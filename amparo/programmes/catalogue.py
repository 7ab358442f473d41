"""The data dictionary and the profile's figures, in the words that rules are checked against."""

from collections.abc import Iterable, Sequence

from amparo.programmes.config import ParameterConfig, ProgrammeConfig
from amparo.programmes.explanation import catalogue_grain
from amparo.registry.dictionary import Dictionary, Field, ListDefinition
from amparo.registry.lists import grain_of
from amparo.rules.catalogue import AREA, HOUSEHOLD, ITEM, MEMBER, SIZE, Catalogue, RuleField, RuleList
from amparo.rules.contents import NO_CONTENTS, Contents, ProgrammeText, ProgrammeVersion, ScoringModel, Table
from amparo.rules.lower.names import plain
from amparo.rules.parameters import Dated, Parameter, Parameters

# Rules say "member" of a person in a household.
GRAIN = {"household": HOUSEHOLD, "person": MEMBER, "area": AREA}


# How many elements of a list are reckoned with for the cost of a rule.
MOST_ITEMS = 20
MOST_RELATIVES = {"children": 20, "cares_for": 20, "wards": 20}
FEW_RELATIVES = 4


def catalogue(dictionary: Dictionary) -> Catalogue:
    """Return what rules may read: of households, persons and areas only fields that a decision may rest on, and lists.

    A list whose name is already that of a field of the same grain is not offered.
    """
    items = [each.elements for each in dictionary.lists if each.elements.startswith(ITEM)]
    fields = [
        _field(each, dictionary)
        for grain in (*GRAIN, *dict.fromkeys(items))
        for each in dictionary.of(grain)
        if each.is_for_decisions and (grain, each.name) != (HOUSEHOLD, SIZE)
    ]
    taken = {(each.grain, each.name) for each in fields}
    lists = [_list(each, dictionary) for each in dictionary.lists]
    return Catalogue(fields, [each for each in lists if (each.grain, each.name) not in taken], dictionary.sources)


def _list(of: ListDefinition, dictionary: Dictionary) -> RuleList:
    grain, elements = GRAIN[of.grain], GRAIN.get(of.elements, of.elements)
    if elements == MEMBER:
        most = MOST_RELATIVES.get(of.name, FEW_RELATIVES)
        return RuleList(of.name, grain, elements, most, label_id=f"registry-list-{of.name}")
    month = dictionary.month_of(of.elements)
    return RuleList(of.name, grain, elements, MOST_ITEMS, month and month.name, f"item-{of.name}")


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
    versions = tuple(
        ProgrammeVersion(
            *(each.starts_on, each.law, each.rule, each.ends_on),
            is_ranked=each.ranking is not None,
            is_of_group=each.group is not None,
            is_of_own_age=bool(each.freshness),
        )
        for each in programme.versions
    )
    return ProgrammeText(programme.code, programme.unit.value, versions)


def registry_field(read: tuple[str, str]) -> tuple[str, str]:
    """Return (path, name) in the registry's words for what a rule says it reads."""
    root, *lists = read[0].split(".")
    return ".".join([catalogue_grain(root), *lists]), read[1]


def dictionary_field(read: tuple[str, str]) -> tuple[str, str] | None:
    """Return (grain, name) of the dictionary for what a rule says it reads; None of a list itself."""
    path, name = registry_field(read)
    return (grain_of(path), plain(name)) if name else None


def _field(field: Field, dictionary: Dictionary) -> RuleField:
    codes = dictionary.vocabulary(field.vocabulary).codes if field.vocabulary else ()
    return RuleField(
        field.name, GRAIN.get(field.grain, field.grain), field.type.value, field.unit, codes, field.label_id
    )
