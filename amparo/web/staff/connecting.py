"""Connecting a source in the pages: from an agreement, mapped, tried by another person, live."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.messages import Message
from amparo.profiles.connecting import begun, read_connection
from amparo.profiles.languages import say
from amparo.profiles.types import Problem
from amparo.registry import queries as registry
from amparo.sources.actions import confirm_connection, draft_connection, end_connection, try_connection
from amparo.sources.queries import connection_drafted
from amparo.sources.types import HouseholdFile
from amparo.trust.grounds.agreements import incoming_in_force
from amparo.trust.types import Permission
from amparo.web import languages, presenting
from amparo.web.access import page

_MISSING = dict.fromkeys(("required", "max_length", "invalid_choice"), "web-connect-missing")
_CODE = {"rows": 24, "dir": "ltr", "spellcheck": "false", "class": "amparo-code"}


class AgreementForm(forms.Form):
    """Under which agreement which source is connected."""

    source = forms.ChoiceField(label="web-connect-source", help_text="web-connect-source-hint", error_messages=_MISSING)
    agreement = forms.ChoiceField(
        label="web-connect-agreement", help_text="web-connect-agreement-hint", error_messages=_MISSING
    )

    def __init__(self, sent: Mapping[str, str] | None, *, language: str, agreed: Mapping[str, Any]) -> None:
        super().__init__(sent)
        words = registry.dictionary()
        self.fields["source"].choices = [(each, _said(f"source-{each}", each, language)) for each in words.sources]
        self.fields["agreement"].choices = [(each, _said(f"agreement-{each}", each, language)) for each in agreed]


class MappingForm(forms.Form):
    """How it is asked, and what of its answers is which field."""

    mapping = forms.CharField(
        label="web-connect-mapping",
        help_text="web-connect-mapping-hint",
        max_length=20_000,
        widget=forms.Textarea(attrs=_CODE),
        error_messages=_MISSING,
    )


class TryForm(forms.Form):
    """About which household a drafted source is asked."""

    number = forms.IntegerField(
        label="web-connect-number",
        help_text="web-connect-number-hint",
        min_value=1,
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), "web-connect-number-wrong"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr"}),
    )


def _said(id: str, otherwise: str, language: str) -> str:
    worded = presenting.worded(id, otherwise)
    return say(worded, language) if isinstance(worded, Message) else worded


@page(Permission.CONNECT_SOURCE)
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Choose source and agreement, then fill in what the agreement does not say. Nothing is asked yet."""
    agreed = incoming_in_force(on=clock.today())
    chosen = AgreementForm(request.POST or None, language=languages.chosen(request), agreed=agreed)
    mapping, problems = None, ()
    if request.method == "POST" and chosen.is_valid():
        source, agreement = chosen.cleaned_data["source"], chosen.cleaned_data["agreement"]
        mapping = MappingForm(request.POST if "mapping" in request.POST else None)
        if not mapping.is_bound:
            mapping = MappingForm(initial={"mapping": begun(agreement, agreed[agreement])})
        elif mapping.is_valid():
            problems = _drafted(request, source, mapping.cleaned_data["mapping"])
            if not problems:
                return redirect("connection", source=source)
    wrong = bool(problems) or bool(chosen.errors) or bool(mapping and mapping.errors)
    context = {"chosen": chosen, "mapping": mapping, "problems": problems, "form": mapping or chosen}
    return render(request, "web/connect.html", context, status=400 if wrong else 200)


def _drafted(request: HttpRequest, source: str, text: str) -> tuple[Problem | Message, ...]:
    """Write the draft, or return what is wrong with it."""
    config, problems = read_connection(source, text, registry.dictionary())
    if config is None:
        return problems
    try:
        draft_connection(config, by=request.by)
    except Refused as refused:
        return (refused.message,)
    return ()


@page(Permission.CONNECT_SOURCE, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: HttpRequest, source: str) -> HttpResponse:
    """A drafted connection. Sent, it is tried: of each field whether it was understood, and nobody's value."""
    drafted = connection_drafted(source, by=request.by)
    form, tried = TryForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        home = registry.household_id_of_number(form.cleaned_data["number"], by=request.by)
        if home is None:
            raise NotFound("registry-household-unknown")
        file = try_connection(source, home, by=request.by, under=request.under, on=clock.today())
        tried = _tried(file, source)
    context = {
        "drafted": drafted,
        "source": presenting.worded(f"source-{source}", source),
        "fields": [presenting.worded(f"field-person-{each.name}", each.name) for each in drafted.config.attributes],
        "form": form,
        "tried": tried,
    }
    return render(request, "web/connection.html", context, status=400 if form.errors else 200)


def _tried(file: HouseholdFile, source: str) -> dict[str, Any]:
    """Return what was understood, field by field, counted: of whom and what is not shown."""
    outcomes: dict[str, dict[Message | None, int]] = {}
    for fields in file.fields.values():
        for each in fields:
            why = each.missing.get(source)
            is_told = each.value is not None and each.value.source == source and each.value.is_asked_now
            if why is not None or is_told:
                counts = outcomes.setdefault(each.name, {})
                words = why.words.id if why else None
                counts[words] = counts.get(words, 0) + 1
    lines = [
        {
            "field": presenting.worded(f"field-person-{name}", name),
            "outcomes": [(words and Message(words), count) for words, count in counts.items()],
        }
        for name, counts in outcomes.items()
    ]
    return {"lines": lines, "not_covered": file.not_covered.get(source)}


@page(Permission.CONNECT_SOURCE)
@require_POST
def confirm(request: HttpRequest, source: str) -> HttpResponse:
    confirm_connection(source, by=request.by)
    return redirect("sources")


@page(Permission.CONNECT_SOURCE)
@require_POST
def end(request: HttpRequest, source: str) -> HttpResponse:
    end_connection(source, by=request.by)
    return redirect("sources")
