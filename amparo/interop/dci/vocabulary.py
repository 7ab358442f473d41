"""The country's dictionary in the standard's words: which attributes may be asked for, which numbers, and what records say.

Shape   an agreement's terms in; attributes, and records of partners as the standard has them, out
Nulls   a field that the agreement hands over as a band, a test or only as known is told, and cannot be searched by
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from amparo.dci import records
from amparo.dci.codes import RecordType, Registry, SearchReason, Wrong
from amparo.dci.records import Number, Told
from amparo.dci.searching import Every, Identified, Kind, Not, Operator, Query, Some, Test
from amparo.profiles.languages import words as catalogue
from amparo.programmes.lent import TakesPart
from amparo.programmes.types import EnrolmentState
from amparo.registry.actions.answering import ToldRecord
from amparo.registry.dictionary import Dictionary, Field, Type
from amparo.registry.facts import LENT
from amparo.registry.lent import HOUSEHOLD
from amparo.trust.covering import FieldTerm, Given, Terms

UIN = "UIN"
RECORDS = {
    Registry.SOCIAL: (RecordType.MEMBER, RecordType.PERSON, RecordType.GROUP),
    Registry.BENEFICIARY: (RecordType.BENEFICIARY, RecordType.MEMBER),
}
NAMES = {Registry.SOCIAL: "Social", Registry.BENEFICIARY: "IBR"}
STATES = {EnrolmentState.ENROLLED: "1", EnrolmentState.SUSPENDED: "4", EnrolmentState.ENDED: "3"}
_KINDS = {
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.INTEGER: Kind.NUMBER,
    Type.NUMBER: Kind.NUMBER,
    Type.MONEY: Kind.NUMBER,
    Type.DATE: Kind.DATE,
    Type.CODE: Kind.CODE,
    Type.TEXT: Kind.TEXT,
}


def record_type(registry: Registry, asked: RecordType | None) -> RecordType:
    """Return what records are wanted; the registry's own where nothing is said."""
    known = RECORDS[registry]
    if asked is not None and asked not in known:
        raise Wrong("dci-record-type-unknown", code=SearchReason.CRITERIA, known=[each.value for each in known])
    return asked or known[0]


def grain_of(type: RecordType) -> str:
    return "household" if type is RecordType.GROUP else "person"


def terms_told(terms: Terms, type: RecordType) -> list[FieldTerm]:
    """Return the fields of an agreement that a record of a type tells: facts, and of a household only its own."""
    grains = (HOUSEHOLD,) if type is RecordType.GROUP else LENT
    return [each for each in terms.fields if each.grain in grains]


def attributes(terms: Terms, words: Dictionary, type: RecordType) -> dict[str, Field]:
    """Return the attributes that may be asked for: each field handed over as it is, by our name and the standard's."""
    found = {}
    for each in terms_told(terms, type):
        field = words[each.grain, each.name]
        if each.given is Given.VALUE and not field.is_sealed:
            found[f"{each.grain}.{each.name}"] = field
            if path := _path(field, type):
                found[path] = field
    return found


def _path(field: Field, type: RecordType) -> str | None:
    inner = RecordType.MEMBER if type is RecordType.BENEFICIARY else type
    path = records.attribute_of(field.grain, _named(field), type=inner)
    return f"member.{path}" if path and type is RecordType.BENEFICIARY else path


def _named(field: Field) -> str:
    return field.role or field.name


def kinds(known: Mapping[str, Field]) -> dict[str, Kind]:
    return {name: _KINDS[each.type] for name, each in known.items()}


def in_our_words(query: Query, known: Mapping[str, Field]) -> Query:
    """Return a query over our own fields and codes. Raises Wrong for a code that no code of ours stands for."""
    match query:
        case Every(parts):
            return Every(tuple(in_our_words(each, known) for each in parts))
        case Some(parts):
            return Some(tuple(in_our_words(each, known) for each in parts))
        case Not(part):
            return Not(in_our_words(part, known))
        case Test(name, operator, value):
            field = known[name]
            ours = f"{field.grain}.{field.name}"
            if name == ours or not records.is_coded(field.grain, _named(field)):
                return Test(ours, operator, value)
            return _coded(ours, field, operator, value)
    raise Wrong("dci-filter-wrong", code=SearchReason.FILTER, at="query")


def _coded(ours: str, field: Field, operator: Operator, value: Any) -> Test:
    """Return a comparison with each code of ours for which the standard has one of these."""
    asked = value if isinstance(value, tuple) else (value,)
    codes = tuple(code for each in asked for code in records.codes_of(field.grain, _named(field), each))
    if not codes:
        raise Wrong("dci-value-wrong", code=SearchReason.FILTER)
    is_among = operator in (Operator.EQUAL, Operator.AMONG)
    return Test(ours, Operator.AMONG if is_among else Operator.NOT_AMONG, codes)


def scheme_of(number: Identified, words: Dictionary, terms: Terms) -> str:
    """Return the scheme of a kind of number: by its own name, or `UIN` for the country's first. Raises Wrong.

    Only a number that the agreement hands over may be asked for: else a partner's own names could be told whose they are.
    """
    known = _schemes(words) or terms.identifiers
    asked = known[0] if known and number.type in (UIN, "") else number.type.lower()
    if asked not in terms.identifiers:
        raise Wrong("interop-dci-number", code=SearchReason.FILTER)
    return asked


def _schemes(words: Dictionary) -> tuple[str, ...]:
    return tuple(each.scheme for each in words.schemes)


def type_of(scheme: str, words: Dictionary) -> str:
    return UIN if _schemes(words)[:1] == (scheme,) else scheme.upper()


def record(type: RecordType, told: ToldRecord, terms: Terms, words: Dictionary, *, on: date, language: str) -> Any:
    """Return somebody's record, or a household's, as the standard has it."""
    inner = RecordType.MEMBER if type is RecordType.BENEFICIARY else type
    rows = [_told(each, told, words) for each in terms_told(terms, type)]
    made = records.record(inner, rows, _numbers(told, words), on=on)
    if type is not RecordType.BENEFICIARY:
        return made
    part: TakesPart = told.beside or TakesPart(None, None, None)
    programme = records.programme(terms.programme, _programme_name(terms.programme, language))
    state = STATES.get(part.state, "") if part.state else ""
    starts_on = part.starts_on if state else None
    return records.beneficiary(
        made, [programme], state=state, enrolled_on=starts_on, changed_on=[part.ends_on] if part.ends_on else []
    )


def _told(term: FieldTerm, told: ToldRecord, words: Dictionary) -> Told:
    name = f"{term.grain}.{term.name}"
    observed_on, conflicts = told.observed.get(name, (None, None))
    return Told(
        term.grain,
        term.name,
        _named(words[term.grain, term.name]),
        told.fields[name],
        is_value=term.given is Given.VALUE,
        observed_on=observed_on,
        conflicts=conflicts,
    )


def _numbers(told: ToldRecord, words: Dictionary) -> Sequence[Number]:
    own = [
        Number(type_of(scheme, words), value, told.verified.get(scheme)) for scheme, value in told.identifiers.items()
    ]
    return [*own, Number(records.PSEUDONYM, told.pseudonym)]


def _programme_name(code: str, language: str) -> str:
    found = catalogue(language).get(f"programme-{code}", code)
    return found if isinstance(found, str) else code
