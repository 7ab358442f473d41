"""Forms of registering one household: who lives there with which numbers, and what is known, disputed and still to be asked.

Nulls   what nobody types is not said: a field that no source told is unknown until somebody answers it, and never no
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from amparo.cases.types import Dispute
from amparo.kernel.messages import Message, message
from amparo.registry.dictionary import HEAD, Dictionary, Field, FieldClass
from amparo.registry.schemes import Scheme, is_sound, normalised_identifier
from amparo.registry.types import Fact, HouseholdRecord, PersonRecord
from amparo.sources.types import FileField, FileValue, HouseholdFile
from amparo.web import presenting
from amparo.web.told_forms import FIELDS

ROWS, MOST_ROWS = 3, 30
NAMES = ("given_name", "family_name")
# What the product reads by its role of whoever is registered, whether a programme asks for it or not.
ROLES = (*NAMES, "birth_date", "sex", "is_head", "relation_to_head")
LONGEST_WHY = 1_000


class PeopleForm(forms.Form):
    """Who lives in a home: the names they say and the numbers they show. The first is its head; empty rows are nobody."""

    def __init__(self, sent: Mapping[str, str] | None, *, words: Dictionary, rows: int) -> None:
        super().__init__(sent)
        self.words, self.rows = words, min(max(rows, 1), MOST_ROWS)
        self.names = [field for role in NAMES if (field := words.with_role("person", role))]
        for row in range(self.rows):
            for scheme in words.schemes:
                self.fields[f"{row}_{scheme.scheme}"] = _number_field(scheme)
            for each in self.names:
                self.fields[f"{row}_{each.name}"] = _name_field(each)

    @property
    def people(self) -> Iterator[list[forms.BoundField]]:
        """The fields of each person."""
        return ([self[name] for name in self.fields if name.startswith(f"{row}_")] for row in range(self.rows))

    def clean(self) -> dict[str, Any]:
        seen: set[tuple[str, str]] = set()
        for row in range(self.rows):
            for scheme in self.words.schemes:
                self._expect_fit(f"{row}_{scheme.scheme}", scheme, seen)
        if not self.errors and not self.members:
            self.add_error(next(iter(self.fields)), "web-register-nobody")
        return self.cleaned_data

    def _expect_fit(self, name: str, scheme: Scheme, seen: set[tuple[str, str]]) -> None:
        number = normalised_identifier(self.cleaned_data.get(name) or "")
        if not number:
            return
        if not is_sound(scheme, number):
            self.add_error(name, "web-register-number-wrong")
        elif (scheme.scheme, number) in seen:
            self.add_error(name, "web-register-number-twice")
        seen.add((scheme.scheme, number))

    @property
    def filled(self) -> list[int]:
        """The rows in which anything was typed."""
        return sorted({int(name.partition("_")[0]) for name, said in self.cleaned_data.items() if said})

    @property
    def numbers(self) -> list[dict[str, str]]:
        """Return scheme → number of each member."""
        schemes = [each.scheme for each in self.words.schemes]
        return [{each: said for each in schemes if (said := self.cleaned_data[f"{row}_{each}"])} for row in self.filled]

    @property
    def members(self) -> list[dict[str, Any]]:
        """Return field → value of each member: the names they say, and of the first that they are the head."""
        names = [each.name for each in self.names]
        found = [{each: said for each in names if (said := self.cleaned_data[f"{row}_{each}"])} for row in self.filled]
        return [found[0] | _as_head(self.words), *found[1:]] if found else []


def _number_field(scheme: Scheme) -> forms.Field:
    return forms.CharField(
        label=_identifier(scheme.scheme),
        required=False,
        max_length=64,
        error_messages={"max_length": "web-register-number-wrong"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr", "class": "govuk-input--width-20"}
        ),
    )


def _identifier(scheme: str) -> Message:
    return message("web-told-field", field=presenting.worded(f"identifier-{scheme}", scheme))


def _name_field(field: Field) -> forms.Field:
    return forms.CharField(
        label=message("web-told-field", field=presenting.worded(field.label_id, field.name)),
        required=False,
        max_length=200,
        error_messages={"max_length": "web-told-value-long"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )


def _as_head(words: Dictionary) -> dict[str, Any]:
    """Return what says of somebody that they are the head of the home, in this country's fields."""
    is_head, relation = words.with_role("person", "is_head"), words.with_role("person", "relation_to_head")
    return ({is_head.name: True} if is_head else {}) | ({relation.name: HEAD} if relation else {})


@dataclass(frozen=True)
class Asked:
    """One field of one person, or of the home, as the form has it. Where `known` has no value it is asked.

    `told_by`  source of what the page showed that is sent back, and nobody keeps: that it was told is known, and not what
    `own`      the source as whose word it counts what they say themselves: that they change, and do not dispute
    """

    key: str
    entity: UUID
    field: Field
    known: FileField | None = None
    told_by: str = ""
    own: str = ""

    @property
    def value(self) -> FileValue | None:
        return self.known.value if self.known else None

    @property
    def disputed_source(self) -> str:
        """Whose word it is that can be disputed; "": nobody's but theirs is known."""
        return "" if self.source == self.own else self.source

    @property
    def source(self) -> str:
        """Whose word is shown; "": it is asked."""
        return self.value.source if self.value else self.told_by


class RegistrationForm(forms.Form):
    """What is known of a home and of those who live there, each to be disputed, and what nobody told, to be answered."""

    def __init__(self, sent: Any, asked: Sequence[Asked], *, words: Dictionary, language: str) -> None:
        super().__init__(sent)
        self.asked = asked
        for each in asked:
            self.fields[each.key] = _answer_field(each.field, words, language)
            if each.disputed_source:
                self.fields[f"{each.key}_why"] = _why_field(each.field)

    def clean(self) -> dict[str, Any]:
        for each in self.asked:
            said, why = self.cleaned_data.get(each.key), self.cleaned_data.get(f"{each.key}_why")
            is_wrong = f"{each.key}_why" in self.errors
            if each.disputed_source and said not in (None, "") and not why and not is_wrong:
                self.add_error(f"{each.key}_why", "web-registration-why-missing")
        return self.cleaned_data

    @property
    def told(self) -> dict[UUID, dict[str, Any]]:
        """Return whose → field → what they say themselves, in the field's own type; what was left open is not in it."""
        found: dict[UUID, dict[str, Any]] = {}
        for each in self.asked:
            if (said := self.cleaned_data.get(each.key)) not in (None, ""):
                found.setdefault(each.entity, {})[each.field.name] = said
        return found

    def disputes(self, head: UUID) -> list[Dispute]:
        """Return what they say is wrong. `head`: who says it of the home."""
        found = []
        for each in self.asked:
            if each.disputed_source and (why := self.cleaned_data.get(f"{each.key}_why")):
                whose = head if each.field.grain == "household" else each.entity
                found.append(Dispute(why, whose, each.disputed_source, f"{each.field.grain}.{each.field.name}"))
        return found


def _answer_field(field: Field, words: Dictionary, language: str) -> forms.Field:
    made = FIELDS[field.type](field, words, language)
    made.required = False
    made.label = message("web-told-field", field=presenting.worded(field.label_id, field.name))
    unit = presenting.unit(field)
    made.help_text = unit if isinstance(unit, Message) else ""
    return made


def _why_field(field: Field) -> forms.Field:
    return forms.CharField(
        label=message("web-registration-why", field=presenting.worded(field.label_id, field.name)),
        help_text="web-registration-why-hint",
        required=False,
        max_length=LONGEST_WHY,
        error_messages={"max_length": "web-case-words-long"},
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


@dataclass(frozen=True)
class Reads:
    """What the form is about beside names and how people are reached.

    `fields`  (grain, field) that a rule of today reads or a source tells
    `own`     the source as whose word it counts what they say themselves
    `shown`   key → source of what stood on the page that is sent back, where one is
    """

    fields: Collection[tuple[str, str]]
    own: str
    shown: Mapping[str, str] | None = None

    def asked(self, key: str, entity: UUID, field: Field, known: FileField | None) -> Asked:
        """Return a field as the page had it that is sent back: what was asked on it was not there to be disputed."""
        source = known.value.source if known and known.value else ""
        if self.shown is None or self.shown.get(key, "") == source:
            return Asked(key, entity, field, known, own=self.own)
        return Asked(key, entity, field, told_by=self.shown.get(key, ""), own=self.own)


def asked_of(file: HouseholdFile, words: Dictionary, reads: Reads, *, on: date) -> list[Asked]:
    """Return what the form is about: the home, then each person; what names people by its role is always asked."""
    record = file.record
    home = {name: _as_told(fact) for name, fact in record.facts.items() if not fact.is_stale(on)}
    found = [
        reads.asked(f"h_{each.name}", record.id, each, home.get(each.name))
        for each in words.of("household")
        if _is_read(each, record, reads) or _is_lacking(each, record)
    ]
    for member in record.members:
        if member.erased_on is None:
            known = {each.name: each for each in file.fields[member.id]}
            found += _of_person(member, known, words, record, reads)
    return found


def _of_person(
    member: PersonRecord, known: Mapping[str, FileField], words: Dictionary, record: HouseholdRecord, reads: Reads
) -> Iterator[Asked]:
    for each in words.of("person"):
        if _is_read(each, record, reads):
            yield reads.asked(f"p{member.number}_{each.name}", member.id, each, known.get(each.name))


def _is_read(field: Field, record: HouseholdRecord, reads: Reads) -> bool:
    if field.is_sealed or field.field_class is FieldClass.PROTECTION or field.field_class not in record.classes:
        return False
    return (field.grain, field.name) in reads.fields or (field.grain == "person" and field.role in ROLES)


def _is_lacking(field: Field, record: HouseholdRecord) -> bool:
    """Whether it says how a home is reached, and nobody told yet; what was told is not shown here."""
    return field.is_sealed and field.field_class in record.classes and field.name not in record.facts


def _as_told(fact: Fact) -> FileField:
    return FileField(fact.field, FileValue(fact.value, fact.source, fact.observed_on, valid_until=fact.valid_until))
