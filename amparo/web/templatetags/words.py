"""Words, numbers, dates, money and codes in the reader's language. Templates hold no bare text."""

from typing import Any

from django import template
from django.db.models import Model
from django.forms import BoundField
from django.forms.widgets import PasswordInput, Select, Textarea, TextInput
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from amparo.kernel.messages import Message
from amparo.profiles.languages import DEFAULT, has_words
from amparo.profiles.languages import say as in_words
from amparo.profiles.languages import written as in_customs
from amparo.web import area_names
from amparo.web.presenting import percent

register = template.Library()
_HERE = "\ufffc"  # stands for what is put in between later


@register.simple_tag(takes_context=True)
def say(context: template.Context, message: Message | str, **values: Any) -> str:
    """`{% say "web-home-title" count=n %}`: a message in the reader's language."""
    return in_words(message, context.get("language", DEFAULT), **values)


@register.simple_tag(takes_context=True)
def area(context: template.Context, place: Model | None) -> str:
    """`{% area place %}`: an area's name in the reader's language, or marked as being in another."""
    return area_names.marked(place, context.get("language", DEFAULT)) if place else ""


@register.simple_tag(takes_context=True)
def area_attributes(context: template.Context, place: Model) -> str:
    return area_names.attributes(place, context.get("language", DEFAULT))


@register.filter
def area_in(place: Model, language: str) -> str:
    """`{{ place|area_in:language }}`: an area's name without marks, for titles and options."""
    return area_names.plain(place, language)


@register.simple_tag(takes_context=True)
def say_of(context: template.Context, message: str, area: Model) -> str:
    """A message about an area, whose name is marked where it is in another language."""
    language = context.get("language", DEFAULT)
    before, _, after = in_words(message, language, area=_HERE).partition(_HERE)
    return format_html("{}{}{}", before, area_names.marked(area, language), after)


@register.simple_tag(takes_context=True)
def written(context: template.Context, value: Any) -> str:
    """A number, day, instant, amount or yes/no as people of this language write it."""
    return in_customs(value, context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def share(context: template.Context, part: int | None, whole: int | None, digits: int = 1) -> str:
    """A part of a whole in per cent."""
    return percent(part, whole, context.get("language", DEFAULT), digits=digits)


@register.filter
def sentence(words: str) -> str:
    """Words that begin a line, with a capital where the script has one."""
    return words[:1].upper() + words[1:]


@register.filter
def in_percent(value: float, language: str) -> str:
    """A share as whole per cent, for the edges of a map's classes."""
    return percent(round(value * 100), 100, language, digits=0)


@register.simple_tag(takes_context=True)
def code(context: template.Context, vocabulary: str, value: str | None) -> str:
    """The words of a code; a code without words is shown as it stands, so that nothing vanishes."""
    if value is None:
        return "–"
    label = f"code-{vocabulary}-{value}"
    return in_words(label, context.get("language", DEFAULT)) if has_words(label) else value


@register.simple_tag(takes_context=True)
def label(context: template.Context, kind: str, name: str) -> str:
    """The words a profile gives to a field, programme, source, purpose or area level."""
    id = f"{kind}-{name}"
    return in_words(id, context.get("language", DEFAULT)) if has_words(id) else name


@register.simple_tag(takes_context=True)
def decision_state(context: template.Context, state: str) -> str:
    """What a decision does while nothing supersedes it."""
    return in_words(f"web-state-{state}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def run_state(context: template.Context, state: str) -> str:
    return in_words(f"web-run-state-{state}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def run_change(context: template.Context, change: str) -> str:
    """What a run would do to what stands about one unit."""
    return in_words(f"web-run-change-{change}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def rule_kind(context: template.Context, kind: str) -> str:
    """What several rules, figures, tables or models are called."""
    return in_words(f"web-rules-kind-{kind}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def grid_name(context: template.Context, name: str) -> str:
    """What a grid of a draft holds: rows, questions, points."""
    return in_words(f"web-grid-{name.partition('-')[0]}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def delivery_state(context: template.Context, state: str) -> str:
    return in_words(f"intake-state-{state}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def delivery_phase(context: template.Context, phase: str) -> str:
    return in_words(f"intake-phase-{phase}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def receipt_kind(context: template.Context, kind: str) -> str:
    """What a line of a receipt counts: rows, households, persons or items."""
    return in_words(f"web-receipt-{kind}", context.get("language", DEFAULT))


@register.simple_tag(takes_context=True)
def named(context: template.Context, reference: str) -> str:
    """A legal reference or an officer's name: words of a catalogue, or what is given where it is already one."""
    return in_words(reference, context.get("language", DEFAULT)) if has_words(reference) else reference


@register.simple_tag(takes_context=True)
def next_here(context: template.Context) -> str:
    """The query that brings the reader back to this page; a page that answered a form is asked for anew."""
    request = context["request"]
    return urlencode({"next": request.get_full_path() if request.method == "GET" else request.path})


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query with some values changed; an empty value leaves the name out."""
    asked = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            asked.pop(name, None)
        else:
            asked[name] = value
    return f"?{asked.urlencode()}" if asked else "?"


STYLES = (
    (PasswordInput, "govuk-input"),
    (Select, "govuk-select"),
    (TextInput, "govuk-input"),
    (Textarea, "govuk-textarea"),
)


@register.simple_tag
def input(field: BoundField) -> SafeString:
    """The input of a field in GOV.UK's style, tied to its hint and its error."""
    widget = field.field.widget
    style = next((style for kind, style in STYLES if isinstance(widget, kind)), "govuk-file-upload")
    wrong = f" {style}--error" if field.errors else ""
    parts = (("hint", field.help_text), ("error", field.errors))
    described = " ".join(f"{field.id_for_label}-{part}" for part, present in parts if present)
    attributes = {"class": f"{style}{wrong} {widget.attrs.get('class', '')}".strip()}
    if described:
        attributes["aria-describedby"] = described
    return field.as_widget(attrs=attributes)
