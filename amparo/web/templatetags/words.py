"""Words, numbers, dates, money and codes in the reader's language. Templates hold no bare text."""

from collections.abc import Callable
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
from amparo.web.back import back
from amparo.web.presenting import percent, to_four_places

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


@register.filter
def in_four_places(value: float, language: str) -> str:
    """An index as the law writes it: 0.7802."""
    return to_four_places(value, language)


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
def scheme(context: template.Context, name: str) -> str:
    """The words of a programme that is run here, or of one that another system tells of."""
    return next((label(context, each, name) for each in ("programme", "scheme") if has_words(f"{each}-{name}")), name)


def _of_ours(tag: str, id: Callable[[str], str]) -> None:
    """Declare `{% tag code %}`: the words of one of our own codes."""

    @register.simple_tag(takes_context=True, name=tag)
    def words(context: template.Context, code: str) -> str:
        return in_words(id(code), context.get("language", DEFAULT))


_of_ours("decision_state", lambda code: f"web-state-{code}")
_of_ours("overlap_class", lambda code: f"web-overlap-{code}")
_of_ours("enrolment_state", lambda code: f"programmes-enrolment-{code}")
_of_ours("breach_act", lambda code: f"programmes-breach-{code}")
_of_ours("benefit_status", lambda code: f"programmes-benefit-{code}")
_of_ours("benefit_kind", lambda code: f"programmes-benefit-kind-{code}")
_of_ours("benefit_payment", lambda code: f"programmes-benefit-payment-{code}")
_of_ours("match_state", lambda code: f"programmes-match-{code}")
_of_ours("match_verdict", lambda code: f"web-match-say-{code}")
_of_ours("match_birth", lambda code: f"programmes-match-birth-{code}")
_of_ours("match_area", lambda code: f"programmes-match-area-{code}")
_of_ours("benefit_receiver", lambda code: f"programmes-benefit-receiver-{code}")
_of_ours("own_receiver", lambda code: f"web-mine-told-{code}")
_of_ours("run_state", lambda code: f"web-run-state-{code}")
_of_ours("run_change", lambda code: f"web-run-change-{code}")
_of_ours("role", lambda code: f"trust-role-{code}")
_of_ours("rule_kind", lambda code: f"web-rules-kind-{code}")
_of_ours("grid_name", lambda code: f"web-grid-{code.partition('-')[0]}")  # of the second variant as of the first
_of_ours("delivery_state", lambda code: f"intake-state-{code}")
_of_ours("delivery_phase", lambda code: f"intake-phase-{code}")
_of_ours("audit_event", lambda code: f"trust-event-{code}")
_of_ours("receipt_kind", lambda code: f"web-receipt-{code}")
_of_ours("capability_answer", lambda code: f"web-capability-answer-{code}")
_of_ours("capability_row", lambda code: f"web-capability-row-{code}")
_of_ours("capability_sr", lambda code: f"web-capability-sr-{code}")
_of_ours("capability_ibr", lambda code: f"web-capability-ibr-{code}")
_of_ours("capability_kind", lambda code: f"web-capability-kind-{code}")
_of_ours("agreement_state", lambda code: f"trust-agreement-state-{code}")
_of_ours("agreement_side", lambda code: f"web-agreement-{code}")
_of_ours("agreement_grain", lambda code: f"web-agreement-grain-{code}")
_of_ours("agreement_class", lambda code: f"web-agreement-class-{code}")
_of_ours("credential_kind", lambda code: f"web-machine-kind-{code}")
_of_ours("credential_state", lambda code: f"web-machine-credential-{code}")
_of_ours("proof_kind", lambda code: f"web-proof-{code}")
_of_ours("delay_state", lambda code: f"web-delay-{code}")
_of_ours("relation", lambda code: f"web-mine-as-{code}")
_of_ours("tie", lambda code: f"web-mine-tie-{code}")
_of_ours("erasure_state", lambda code: f"trust-erasure-{code}")
_of_ours("kept_holds", lambda code: f"trust-holds-{code}")
_of_ours("kept_found_by", lambda code: f"trust-found-by-{code}")
_of_ours("kept_leaves", lambda code: f"trust-leaves-{code}")
_of_ours("lapsing", lambda code: f"trust-lapse-{code}")
_of_ours("lapsing_after", lambda code: f"trust-after-{code}")
_of_ours("alert_kind", lambda code: f"trust-alert-{code}")
_of_ours("alert_about", lambda code: f"trust-alert-{code}-about")
_of_ours("breach_step", lambda code: f"trust-breach-{code}")
_of_ours("alert_state", lambda code: f"trust-alert-state-{code}")
_of_ours("waiting_impact", lambda code: f"web-waiting-impact-{code}")
_of_ours("impact_section", lambda code: f"web-impact-section-{code}")
_of_ours("impact_about", lambda code: f"web-impact-section-{code}-about")
_of_ours("impact_entry", lambda code: f"web-impact-entry-{code}")
_of_ours("impact_column", lambda code: f"web-impact-column-{code}")
_of_ours("impact_change", lambda code: f"web-impact-change-{code}")
_of_ours("payment_conflict", lambda code: f"payments-conflict-{code}")
_of_ours("case_state", lambda code: f"cases-state-{code}")
_of_ours("case_kind", lambda code: f"cases-kind-{code}")
_of_ours("case_act", lambda code: f"cases-act-{code}")
_of_ours("case_done", lambda code: f"cases-done-{code}")
_of_ours("case_channel", lambda code: f"cases-channel-{code}")
_of_ours("consent_kind", lambda code: f"web-consent-kind-{code}")


@register.simple_tag(takes_context=True)
def named(context: template.Context, reference: str) -> str:
    """A legal reference or an officer's name: words of a catalogue, or what is given where it is already one."""
    return in_words(reference, context.get("language", DEFAULT)) if has_words(reference) else reference


@register.filter
def worded(reference: str, language: str) -> str:
    """The same, to be put into a sentence."""
    return in_words(reference, language) if has_words(reference) else reference


@register.simple_tag(takes_context=True)
def next_here(context: template.Context) -> str:
    """The query that brings the reader back to this page; a page that answered a form is asked for anew."""
    request = context["request"]
    return urlencode({"next": request.get_full_path() if request.method == "GET" else request.path})


@register.simple_tag(takes_context=True)
def passed_next(context: template.Context) -> str:
    """The query that carries on where the reader wanted to go first."""
    return urlencode({"next": back(context["request"])})


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
