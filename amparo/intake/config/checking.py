"""Checks a mapping as TOML gives it against the dictionary, before any file is opened.

Errors  a mapping that names an unknown key, field, code, unit or check is refused, with its place and the remedy
Source  docs/reference/mapping.md describes the TOML; this file is what enforces it
"""

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from amparo.intake.config.place import Place, at
from amparo.intake.config.types import (
    AreaColumn,
    DateColumn,
    FieldColumn,
    GroupColumn,
    Identifier,
    Mapping,
    Part,
    Relationship,
    Table,
)
from amparo.registry.dictionary import HEAD, Dictionary, Field, Type
from amparo.trust.types import FieldClass

CHECKS = ("one_head", "child_older_than_parent", "plausible_dates", "has_members")
RELATIONS = {"head": (HEAD,), "child": ("child",), "parent": ("parent",)}
KINSHIP = ("parent", "spouse", "caregiver", "guardian")
_MATCHES = ("code", "name")
_NUMERIC = (Type.INTEGER, Type.NUMBER, Type.MONEY)


def mapping(raw: dict[str, Any], dictionary: Dictionary, name: str = "mapping") -> Mapping:
    """Check a mapping as read from TOML against the dictionary.

    Errors  Refused `intake-mapping-…` with the mapping's name and the place in it (`table persons, field sex`)
    """
    top = at(name, raw)
    batch = top.part("batch", needed=False)
    tables = tuple(_table(each, batch, dictionary) for each in top.parts("table", needed=True))
    found = Mapping(
        name=name,
        source=batch.text("source"),
        purpose=batch.text("purpose"),
        observed_on=batch.day("observed_on"),
        schema=batch.text("schema"),
        checks=_checks(batch, "checks"),
        warnings=_checks(batch, "warnings"),
        relations=_relations(batch),
        tables=tables,
        dictionary=dictionary,
        digest=_digest(raw, dictionary),
    )
    for key in ("blank", "decimal", "dates", "encoding", "separator"):
        batch.raw.pop(key, None)
    batch.nothing_left()
    top.nothing_left()
    _coherent(found, top)
    return found


def _digest(raw: dict[str, Any], dictionary: Dictionary) -> str:
    said = json.dumps([raw, dictionary.version], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _checks(batch: Place, key: str) -> tuple[str, ...]:
    named = batch.texts(key)
    for each in named:
        if each not in CHECKS:
            batch.refuse("intake-mapping-check-unknown", check=each, known=", ".join(CHECKS))
    return named


def _relations(batch: Place) -> dict[str, tuple[str, ...]]:
    given = batch.part("relations", needed=False)
    found = {kind: given.texts(kind) or codes for kind, codes in RELATIONS.items()}
    given.nothing_left()
    return found


def _table(place: Place, batch: Place, dictionary: Dictionary) -> Table:
    name = place.text("name", needed=True) or ""
    place = place.named(f"table {name}")
    style = _Style(
        decimal=place.one_of("decimal", (".", ",")) or batch.peek("decimal", "."),
        dates=place.text("dates") or batch.peek("dates", "%Y-%m-%d"),
    )
    household = _part(place.part("household", needed=False), "household", style, dictionary)
    person = _part(place.part("person", needed=False), "person", style, dictionary, household)
    items = tuple(_item(each, style, dictionary, person or household) for each in place.parts("items"))
    if not (household or person or items):
        place.refuse("intake-mapping-table-empty", table=name)
    found = Table(
        name=name,
        files=place.texts("file"),
        household=household,
        person=person,
        items=items,
        observed_on=_observed_on(place, style),
        ignore=place.texts("ignore"),
        ignore_rest=place.flag("ignore_rest"),
        optional=place.flag("optional"),
        sheet=place.text("sheet"),
        encoding=place.text("encoding") or batch.peek("encoding", None),
        separator=place.text("separator") or batch.peek("separator", None),
        decimal=style.decimal,
        blank=tuple(dict.fromkeys(["", *batch.peek("blank", ()), *place.texts("blank")])),
    )
    place.nothing_left()
    return found


@dataclass(frozen=True)
class _Style:
    decimal: str
    dates: str


def _observed_on(place: Place, style: _Style) -> DateColumn | None:
    given = place.part("observed_on", needed=False, short="column")
    if not given.raw:
        return None
    found = DateColumn(given.text("column", needed=True) or "", given.date_format("format") or style.dates)
    given.nothing_left()
    return found


def _part(
    place: Place, grain: str, style: _Style, dictionary: Dictionary, household: Part | None = None
) -> Part | None:
    if not place.raw:
        return None
    key = place.texts("key", needed=True)
    parent = place.texts("household") if grain == "person" else ()
    found = Part(
        grain=grain,
        key=key,
        parent=parent or (household.key if household else ()),
        area=_area(place.part("area", needed=False, short="column")),
        identifiers=tuple(_identifier(each) for each in place.parts("identifiers")) if grain == "person" else (),
        relationships=tuple(_relationship(each) for each in place.parts("relationships")) if grain == "person" else (),
        groups=tuple(_group(each, dictionary) for each in place.parts("groups")) if grain == "person" else (),
        fields=_fields(place, grain, style, dictionary),
    )
    place.nothing_left()
    return found


def _item(place: Place, style: _Style, dictionary: Dictionary, holder: Part | None) -> Part:
    kind = place.text("kind", needed=True)
    grain = f"item:{kind}"
    if not dictionary.of(grain):
        place.refuse("intake-mapping-kind-unknown", kind=kind)
    of = place.one_of("of", ("person", "household")) or (holder.grain if holder else None)
    parent = place.texts("parent") or (holder.key if holder and holder.grain == of else ())
    if of is None or not parent:
        place.refuse("intake-mapping-key-missing", key="of" if of is None else "parent")
    found = Part(
        grain=grain,
        key=place.texts("key"),
        parent=parent,
        of=of,
        fields=_fields(place, grain, style, dictionary),
    )
    place.nothing_left()
    return found


def _area(place: Place) -> AreaColumn | None:
    if not place.raw:
        return None
    found = AreaColumn(
        column=place.text("column", needed=True) or "",
        match=place.one_of("match", _MATCHES) or "code",
        level=place.text("level"),
        values=place.pairs("values"),
    )
    place.nothing_left()
    return found


def _identifier(place: Place) -> Identifier:
    found = Identifier(
        scheme=place.text("scheme", needed=True) or "",
        column=place.text("column", needed=True) or "",
        verified=place.flag("verified"),
    )
    place.nothing_left()
    return found


def _relationship(place: Place) -> Relationship:
    if "kind" not in place.raw:
        place.refuse("intake-mapping-key-missing", key="kind")
    found = Relationship(place.one_of("kind", KINSHIP) or "", place.texts("column", needed=True))
    place.nothing_left()
    return found


def _group(place: Place, dictionary: Dictionary) -> GroupColumn:
    found = GroupColumn(place.text("kind", needed=True) or "", place.text("column", needed=True) or "")
    if found.kind not in dictionary.groups:
        known = ", ".join(dictionary.groups) or "-"
        place.refuse("intake-mapping-group-unknown", kind=found.kind, known=known)
    place.nothing_left()
    return found


def _fields(place: Place, grain: str, style: _Style, dictionary: Dictionary) -> tuple[FieldColumn, ...]:
    fields = place.part("fields", needed=False)
    return tuple(_field(fields.part(name, short="column"), grain, name, style, dictionary) for name in list(fields.raw))


def _field(place: Place, grain: str, name: str, style: _Style, dictionary: Dictionary) -> FieldColumn:
    if (grain, name) not in dictionary:
        place.refuse("intake-mapping-field-unknown", field=name, grain=grain)
    if dictionary[grain, name].field_class is FieldClass.PROTECTION:
        # It would come with everything else that the file says, through everybody's hands.
        place.refuse("intake-mapping-field-protects", field=name)
    field = dictionary[grain, name]
    column, fixed = place.text("column"), place.text("fixed")
    if (column is None) == (fixed is None):
        place.refuse("intake-mapping-column-or-fixed", field=name)
    scale = place.fraction("scale")
    _unit(place, field, scale)
    found = FieldColumn(
        field=field,
        column=column,
        fixed=fixed,
        values=place.pairs("values"),
        blank=place.texts("blank"),
        scale=scale or Fraction(1),
        round=place.flag("round"),
        format=(place.date_format("format") or style.dates) if field.type is Type.DATE else None,
        matches=place.pattern("matches") if field.type is Type.BOOLEAN else None,
        required=place.flag("required"),
    )
    place.nothing_left()
    _codes(place, found, dictionary)
    return found


def _unit(place: Place, field: Field, scale: Fraction | None) -> None:
    """A column in another unit needs a scale; a scale on what is no number is a slip."""
    unit = place.text("unit")
    if unit is not None and unit != field.unit and scale is None:
        place.refuse("intake-mapping-unit-differs", field=field.name, unit=unit, wanted=field.unit or "-")
    if scale is not None and field.type not in _NUMERIC:
        place.refuse("intake-mapping-scale-not-number", field=field.name, type=field.type)


def _codes(place: Place, column: FieldColumn, dictionary: Dictionary) -> None:
    if column.field.type is not Type.CODE or column.field.vocabulary is None:
        return
    codes = dictionary.vocabulary(column.field.vocabulary).codes
    for code in [to for _, to in column.values] + ([column.fixed] if column.fixed else []):
        if code not in codes and code != "":
            place.refuse("intake-mapping-code-unknown", code=code, vocabulary=column.field.vocabulary)


def _coherent(found: Mapping, top: Place) -> None:
    """What one table says must fit what another says."""
    names = [table.name for table in found.tables]
    if len(set(names)) != len(names):
        top.refuse("intake-mapping-table-twice", table=next(each for each in names if names.count(each) > 1))
    for table in found.tables:
        if len(found.tables) > 1 and not table.files:
            top.named(f"table {table.name}").refuse("intake-mapping-key-missing", key="file")
        if table.household and not table.household.area:
            top.named(f"table {table.name}, household").refuse("intake-mapping-key-missing", key="area")
        if table.person and not (table.person.parent or table.person.area):
            top.named(f"table {table.name}, person").refuse("intake-mapping-key-missing", key="household")
        if table.person:
            _coherent_groups(table.person, top.named(f"table {table.name}, person"))
    persons = [part for _, part in found.parts("person")]
    for check in (*found.checks, *found.warnings):
        if not _can_check(check, persons):
            top.refuse("intake-mapping-check-lacks", check=check, roles=", ".join(_NEEDS[check]))


def _coherent_groups(person: Part, place: Place) -> None:
    """A group lies inside a household, and one column says who is in it."""
    kinds = [each.kind for each in person.groups]
    if kinds and not person.parent:
        place.refuse("intake-mapping-group-outside", kind=kinds[0])
    if len(set(kinds)) != len(kinds):
        place.refuse("intake-mapping-group-twice", kind=next(each for each in kinds if kinds.count(each) > 1))


_NEEDS = {
    "one_head": ("is_head", "relation_to_head"),
    "child_older_than_parent": ("birth_date", "relation_to_head"),
    "plausible_dates": ("birth_date",),
    "has_members": (),
}


def _can_check(check: str, persons: list[Part]) -> bool:
    has = {role for part in persons for role in _NEEDS[check] if part.with_role(role)}
    if check == "one_head":
        return bool(has)
    if check == "child_older_than_parent":
        linked = any(each.kind == "parent" for part in persons for each in part.relationships)
        return "birth_date" in has and ("relation_to_head" in has or linked)
    return has == set(_NEEDS[check])
