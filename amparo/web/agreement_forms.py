"""The forms of an agreement: its terms, a signature, a reason, a partner. Labels and errors are message ids."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.money import Money, to_minor
from amparo.profiles.languages import has_words, say
from amparo.profiles.lendable import WORDS, unfit, unfounded
from amparo.registry.dictionary import Dictionary, Type
from amparo.registry.queries import dictionary
from amparo.trust.covering import Comparison, Direction, FieldTerm, Given, Limit, Period, Terms
from amparo.trust.grounds.agreements import organisations
from amparo.trust.queries import live_purposes
from amparo.trust.types import Side, Signatory
from amparo.web import country, grids
from amparo.web.days import day_field
from amparo.web.grids import Grid

COLUMNS = ("field", "given", "limits")
CODE = RegexValidator(r"^[a-z][a-z0-9_]{0,50}$", message="web-agreement-code-wrong")
NO_DAY, LONGEST = "web-agreement-day-wrong", 500


def _errors(missing: str) -> dict[str, str]:
    return dict.fromkeys(("required", "invalid", "invalid_choice", "min_value", "max_value", "max_length"), missing)


def _text(name: str, *, hint: bool = False, **settings: Any) -> forms.CharField:
    label = f"web-agreement-{name}"
    settings = {"max_length": 200, "error_messages": _errors("web-agreement-missing")} | settings
    return forms.CharField(label=label, help_text=f"{label}-hint" if hint else "", **settings)


def _choice(name: str, *, hint: bool = False, **settings: Any) -> forms.ChoiceField:
    label = f"web-agreement-{name}"
    errors = _errors("web-agreement-choose")
    return forms.ChoiceField(label=label, help_text=f"{label}-hint" if hint else "", error_messages=errors, **settings)


def _number(name: str, *, hint: bool = False, least: int = 1, **settings: Any) -> forms.IntegerField:
    label = f"web-agreement-{name}"
    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"})
    errors = _errors("web-agreement-number-wrong")
    return forms.IntegerField(
        label=label,
        help_text=f"{label}-hint" if hint else "",
        min_value=least,
        max_value=2**40,
        widget=widget,
        error_messages=errors,
        **settings,
    )


class TermsForm(forms.Form):
    """What an agreement says. Its fields are in a grid beside the form's own, because rows come and go."""

    code = _text("code", hint=True, max_length=50, validators=[CODE])
    partner = _choice("partner")
    direction = _choice("direction")
    purpose = _choice("purpose")
    legal_basis = _text("legal-basis", hint=True)
    areas = _text("areas", hint=True, max_length=2_000)
    programme = _choice("programme", hint=True, required=False)
    needs_consent = _choice("consent", hint=True)
    identifiers = _text("identifiers", hint=True, required=False)
    period = _choice("period")
    exchanges = _number("exchanges", hint=True, required=False)
    volume = _number("volume", hint=True)
    retention_days = _number("retention", least=0)
    starts_on = day_field("web-agreement-from", wrong=NO_DAY)
    ends_on = day_field("web-agreement-until", wrong=NO_DAY)

    def __init__(self, sent: Mapping[str, str] | None, *, of: Terms | None, code: str, language: str) -> None:
        words = dictionary()
        super().__init__(sent, initial=_initial(of, code) if of else {"direction": Direction.OUT.value})
        if code:
            self.fields["code"].disabled = True
            self.initial["code"] = code
        for name, choices in _choices(language).items():
            self.fields[name].choices = choices
        rows = [_row(each, words) for each in of.fields] if of else [("", "value", "")]
        grid = grids.posted("terms", COLUMNS, sent) if sent else grids.of_rows("terms", COLUMNS, rows)
        self.grid = grid.acted(sent.get("act", "")) if sent else grid

    def terms(self) -> Terms:
        """Return what was typed. Raises Refused where a row of the grid cannot be read, or does not fit the dictionary."""
        said = self.cleaned_data
        own = next((each.code for each in organisations() if each.is_own), "")
        is_out = said["direction"] == Direction.OUT
        plain = ("purpose", "legal_basis", "programme", "starts_on", "ends_on", "volume", "retention_days", "exchanges")
        terms = Terms(
            provider=own if is_out else said["partner"],
            consumer=said["partner"] if is_out else own,
            direction=Direction(said["direction"]),
            fields=fields_of(self.grid, dictionary()),
            areas=tuple(said["areas"].replace(",", " ").split()),
            identifiers=tuple(said["identifiers"].replace(",", " ").split()),
            needs_consent=said["needs_consent"] == "yes",
            period=Period(said["period"]),
            **{name: said[name] for name in plain},
        )
        for refused in unfounded(terms):
            raise refused
        return terms


def _initial(of: Terms, code: str) -> dict[str, Any]:
    return vars(of) | {
        "code": code,
        "partner": of.partner,
        "areas": " ".join(of.areas),
        "identifiers": " ".join(of.identifiers),
        "needs_consent": "yes" if of.needs_consent else "no",
    }


def _choices(language: str) -> dict[str, list[tuple[str, str]]]:
    def worded(kind: str, code: str, otherwise: str = "") -> tuple[str, str]:
        id = f"{kind}-{code}"
        return code, say(id, language) if has_words(id) else otherwise or code

    programmes = [worded("programme", each.code) for each in country.profile().programmes]
    return {
        "partner": [
            (each.code, say(each.name, language) if has_words(each.name) else each.name)
            for each in organisations()
            if not each.is_own
        ],
        "direction": [(each.value, say(f"web-agreement-direction-{each.value}", language)) for each in Direction],
        "purpose": [worded("purpose", each.code) for each in live_purposes(on=clock.today())],
        "programme": [("", say("web-agreement-everybody", language)), *programmes],
        "needs_consent": [(each, say(f"web-agreement-consent-{each}", language)) for each in ("no", "yes")],
        "period": [(each.value, say(f"trust-period-{each.value}", language)) for each in Period],
    }


def _row(term: FieldTerm, words: Dictionary) -> tuple[str, str, str]:
    limits = [_limit_text(each, term, words) for each in term.limits]
    compared = [term.comparison.value] if term.comparison else []
    return f"{term.grain}.{term.name}", term.given.value, " ".join([*compared, *limits])


def _limit_text(limit: Limit, term: FieldTerm, words: Dictionary) -> str:
    if (term.grain, term.name) in words and words[term.grain, term.name].type is Type.MONEY:
        return str(Money(int(limit), words.currency, words.decimals).major)
    if isinstance(limit, bool):
        return str(limit).lower()
    return limit.isoformat() if isinstance(limit, date) else str(limit)


def fields_of(grid: Grid, words: Dictionary) -> tuple[FieldTerm, ...]:
    """Return the rows of a grid as terms; empty rows count for nothing. Raises Refused for one that cannot be read."""
    return tuple(_field(place, row, words) for place, row in enumerate(grid.rows, 1) if any(row))


def _field(place: int, row: tuple[str, ...], words: Dictionary) -> FieldTerm:
    grain, _, name = row[0].rpartition(".")
    parts = row[2].replace(",", " ").split()
    if grain not in WORDS and (grain, name) not in words:
        raise Refused("registry-field-not-lent", field=row[0])
    try:
        given = Given(row[1] or Given.VALUE.value)
        comparison = Comparison(parts.pop(0)) if given is Given.TEST and parts else None
        limits = tuple(_limit(each, _type(grain, name, words), words.decimals) for each in parts)
    except (ValueError, Refused):
        raise Refused("web-agreement-row-wrong", row=place, field=row[0]) from None
    found = FieldTerm(grain, name, given, limits, comparison)
    if refused := unfit(found, words):
        raise refused
    return found


def _type(grain: str, name: str, words: Dictionary) -> Type:
    """Return of what type limits of a field are. What has none is a text, and no limit fits it (`unfit`)."""
    return words[grain, name].type if (grain, name) in words else Type.TEXT


def _limit(text: str, kind: Type, decimals: int) -> Limit:
    """Return a limit in the field's own type. Raises ValueError, or Refused for an amount, where it is none."""
    if kind is Type.BOOLEAN:
        return {"true": True, "false": False}.get(text) if text in ("true", "false") else int("no")
    readers = {
        Type.MONEY: lambda: to_minor(text, decimals),
        Type.INTEGER: lambda: int(text),
        Type.NUMBER: lambda: float(text),
        Type.DATE: lambda: date.fromisoformat(text),
    }
    return readers.get(kind, lambda: text)()


class SignatureForm(forms.Form):
    """Who signed for a side, in what position, and which term of confidentiality they signed with it."""

    side = _choice("side")
    name = _text("signatory")
    position = _text("position")
    confidentiality = _text("confidentiality", hint=True)

    def __init__(self, sent: Mapping[str, str] | None, *, language: str, sides: list[Side]) -> None:
        super().__init__(sent)
        self.fields["side"].choices = [(each.value, say(f"web-agreement-{each.value}", language)) for each in sides]

    def signatory(self) -> tuple[Side, Signatory]:
        said = self.cleaned_data
        return Side(said["side"]), Signatory(said["name"], said["position"], said["confidentiality"])


class ReasonForm(forms.Form):
    """Why an agreement is suspended, resumed or ended."""

    reason = _text("reason", hint=True, max_length=LONGEST)


class OrganisationForm(forms.Form):
    """A partner that is not there yet."""

    organisation = _text("organisation-code", hint=True, max_length=50, validators=[CODE])
    called = _text("organisation-name")
