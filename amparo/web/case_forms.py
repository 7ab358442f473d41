"""Forms of cases: what somebody brings forward, what is said on the way, and which cases are listed."""

from typing import Any

from django import forms

from amparo.cases.queries import Wanted
from amparo.cases.types import Channel, Kind, Said
from amparo.kernel import clock
from amparo.profiles.languages import has_words, say
from amparo.trust.queries import is_area
from amparo.web.usernames import UsernameField

LONGEST = 5_000
SHORT = 500
TAKEN_DOWN = (Channel.COUNTER, Channel.PHONE, Channel.TEXT)
_CHOOSE = dict.fromkeys(("required", "invalid_choice"), "web-case-choose")


def words_field(label: str, *, hint: str = "", missing: str = "web-case-words-missing", **settings: Any):
    errors = {"required": missing, "max_length": "web-case-words-long"}
    widget = forms.Textarea(attrs={"rows": 6, "dir": "auto"})
    return forms.CharField(
        label=label, help_text=hint, max_length=LONGEST, error_messages=errors, widget=widget, **settings
    )


class SaidForm(forms.Form):
    """What somebody brings forward in their own words, and what their category asks beside."""

    words = words_field("web-case-words", hint="web-case-words-hint")

    def __init__(self, sent: Any, category: Any = None) -> None:
        super().__init__(sent)
        self.questions = list(category.questions) if category else []
        for each in self.questions:
            asked = f"case-question-{category.code}-{each}"
            self.fields[f"answer_{each}"] = forms.CharField(
                label=asked if has_words(asked) else "web-case-question",
                required=False,
                max_length=SHORT,
                error_messages={"max_length": "web-case-words-long"},
                widget=forms.TextInput(attrs={"dir": "auto"}),
            )

    @property
    def said(self) -> Said:
        given = self.cleaned_data
        answers = {each: given[f"answer_{each}"] for each in self.questions if given[f"answer_{each}"]}
        return Said(given["words"], answers)


class CounterForm(SaidForm):
    """The same, taken down by an officer: how it came, and where it lies if it is about nobody who is known."""

    channel = forms.ChoiceField(label="web-case-channel", error_messages=_CHOOSE)
    area = forms.CharField(
        label="web-case-area",
        help_text="web-case-area-hint",
        required=False,
        max_length=64,
        error_messages={"max_length": "web-case-area-unknown"},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"}),
    )

    def __init__(self, sent: Any, category: Any, language: str, *, has_person: bool) -> None:
        super().__init__(sent, category)
        self.fields["channel"].choices = [
            (each.value, say(f"cases-channel-{each.value}", language)) for each in TAKEN_DOWN
        ]
        self.has_person = has_person
        if has_person:
            del self.fields["area"]

    def clean_area(self) -> str:
        code = self.cleaned_data["area"]
        if not is_area(code):
            raise forms.ValidationError("web-case-area-unknown")
        return code


class AppealForm(CounterForm):
    """An appeal taken down: also who of the household appeals."""

    person = forms.ChoiceField(label="web-appeal-person", error_messages=_CHOOSE)

    def __init__(self, sent: Any, language: str, people: list[tuple[str, str]]) -> None:
        super().__init__(sent, None, language, has_person=True)
        self.fields["person"].choices = people


class AnonymousForm(SaidForm):
    """The same from somebody who does not say who they are: where it is about, and nothing else of them."""

    area = forms.ChoiceField(label="web-report-area", error_messages=_CHOOSE)

    def __init__(self, sent: Any, category: Any, places: list[tuple[str, str]]) -> None:
        super().__init__(sent, category)
        self.fields["area"].choices = [("", ""), *places]


class CodeForm(forms.Form):
    """The code that was handed out when a case was filed."""

    code = forms.CharField(
        label="web-report-code",
        help_text="web-report-code-hint",
        max_length=40,
        error_messages=dict.fromkeys(("required", "max_length"), "web-report-code-missing"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "class": "govuk-input--width-20", "dir": "ltr"}
        ),
    )


class StepForm(forms.Form):
    """What somebody does about a case, and says to it."""

    words = words_field("web-case-say", hint="web-case-say-hint", required=False)


class WorkForm(StepForm):
    """The same, with whoever it is handed on to."""

    to = UsernameField("web-case-to", hint="web-case-to-hint", wrong="web-audit-officer-unknown", required=False)


class WorklistForm(forms.Form):
    """Which cases are listed."""

    OF = ("mine", "free", "all")
    of = forms.ChoiceField(label="web-cases-of", required=False, error_messages=_CHOOSE)
    kind = forms.ChoiceField(label="web-cases-kind", required=False, error_messages=_CHOOSE)
    when = forms.ChoiceField(label="web-cases-when", required=False, error_messages=_CHOOSE)
    WHEN = ("open", "late", "closed")

    def __init__(self, sent: Any, language: str) -> None:
        super().__init__(sent)
        self.fields["of"].choices = [(each, say(f"web-cases-of-{each}", language)) for each in self.OF]
        self.fields["when"].choices = [(each, say(f"web-cases-when-{each}", language)) for each in self.WHEN]
        kinds = [(each.value, say(f"cases-kind-{each.value}", language)) for each in Kind]
        self.fields["kind"].choices = [("", say("web-cases-kind-any", language)), *kinds]

    @property
    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            of=given["of"] or "all",
            kind=Kind(given["kind"]) if given["kind"] else None,
            is_late=given["when"] == "late",
            is_closed=given["when"] == "closed",
            on=clock.today(),
        )
