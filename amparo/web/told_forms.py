"""Fields of the dictionary as fields of a form: what somebody may type of each type, and what is made of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from amparo.kernel import clock
from amparo.kernel.messages import message
from amparo.profiles.languages import say
from amparo.registry.dictionary import Dictionary, Field, Type
from amparo.web import presenting
from amparo.web.days import day_field

LONGEST = 2_000
WRONG = dict.fromkeys(
    ("invalid", "invalid_choice", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits"),
    "web-told-value-wrong",
)
Made = Callable[[Field, Dictionary, str], forms.Field]


def _text(field: Field, words: Dictionary, language: str) -> forms.Field:
    """Names, and how somebody is reached, are written in one line."""
    line, rows = forms.TextInput(attrs={"dir": "auto"}), forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    widget = line if field.role or field.is_sealed else rows
    return forms.CharField(max_length=LONGEST, widget=widget, error_messages={"max_length": "web-told-value-long"})


def _code(field: Field, words: Dictionary, language: str) -> forms.Field:
    codes = words.vocabulary(field.vocabulary).codes
    return _choice([(code, _worded(presenting.presentable(code, field, words), language)) for code in codes])


def _yes_or_no(field: Field, words: Dictionary, language: str) -> forms.Field:
    found = _choice([("yes", say("kernel-yes", language)), ("no", say("kernel-no", language))])
    found.clean = lambda value, clean=found.clean: {"yes": True, "no": False}.get(clean(value))
    return found


def _money(field: Field, words: Dictionary, language: str) -> forms.Field:
    found = forms.DecimalField(max_digits=15, decimal_places=words.decimals, error_messages=WRONG)
    scaled = lambda typed: None if typed is None else int(typed.scaleb(words.decimals))  # noqa: E731
    found.clean = lambda value, clean=found.clean: scaled(clean(value))
    found.widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return found


def _number(kind: type[forms.Field]) -> Made:
    def made(field: Field, words: Dictionary, language: str) -> forms.Field:
        typed = forms.TextInput(attrs={"inputmode": "decimal"})
        return kind(min_value=field.minimum, max_value=field.maximum, widget=typed, error_messages=WRONG)

    return made


def _day(field: Field, words: Dictionary, language: str) -> forms.Field:
    return day_field("", wrong="web-day-wrong")


FIELDS: dict[Type, Made] = {
    Type.TEXT: _text,
    Type.CODE: _code,
    Type.BOOLEAN: _yes_or_no,
    Type.INTEGER: _number(forms.IntegerField),
    Type.NUMBER: _number(forms.FloatField),
    Type.MONEY: _money,
    Type.DATE: _day,
}


def _choice(options: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[("", "–"), *options], error_messages=WRONG)


def _worded(words: Any, language: str) -> str:
    return words if isinstance(words, str) else say(words, language)


class ToldForm(forms.Form):
    """What a source told of one home or person on a day: any of some fields, and at least one."""

    source = forms.ChoiceField(
        label="web-told-source",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "web-told-source-missing"),
    )
    on = day_field("web-told-on", hint="web-told-on-hint", wrong="web-told-on-wrong")

    def __init__(
        self, sent: Mapping[str, str] | None, *, about: UUID, fields: Sequence[Field], words: Dictionary, language: str
    ) -> None:
        super().__init__(sent, auto_id=f"id_{about}_%s")
        self.told = [each.name for each in fields]
        self.fields["source"].choices = [("", "–")] + [
            (each, _worded(presenting.worded(f"source-{each}", each), language)) for each in words.sources
        ]
        made = {each.name: FIELDS[each.type](each, words, language) for each in fields}
        for each in fields:
            made[each.name].required = False
            made[each.name].label = message("web-told-field", field=presenting.worded(each.label_id, each.name))
        self.fields = made | self.fields

    def clean_on(self) -> date:
        if self.cleaned_data["on"] > clock.today():
            raise forms.ValidationError("web-told-on-wrong")
        return self.cleaned_data["on"]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.values:
            self.add_error(None, "web-told-nothing")
        return self.cleaned_data

    @property
    def values(self) -> dict[str, Any]:
        """Return what was typed, in each field's own type; what was left empty is not in it."""
        typed = ((name, self.cleaned_data.get(name)) for name in self.told)
        return {name: value for name, value in typed if value not in (None, "")}
