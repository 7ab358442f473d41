"""Drafts: written with their check beside them, tried, counted, proposed, and published by somebody else."""

import json
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.messages import message
from amparo.profiles import drafts as country_drafts
from amparo.profiles.records import from_json
from amparo.profiles.types import Problem
from amparo.programmes import actions
from amparo.programmes.inforce import InForce
from amparo.programmes.queries import authoring
from amparo.programmes.standing import RULE, Standing, content_of, drafted
from amparo.programmes.tasks import measure_draft
from amparo.programmes.types import Draft
from amparo.registry.finding import find_by_number
from amparo.registry.queries import dictionary
from amparo.rules.check.functions import CALLABLE
from amparo.rules.lower.names import plain
from amparo.trust.eyes import is_same_human
from amparo.trust.queries import display_names
from amparo.trust.types import Permission
from amparo.web import country, presenting, refusals
from amparo.web.access import page
from amparo.web.differences import differences
from amparo.web.draft_forms import form_of
from amparo.web.staff.rules import LABELS, place_of, text

# Counts below this are not told: a rule could be written to find out about one family.
FEW = 10


@page(Permission.AUTHOR_RULE)
@require_POST
def begin(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Begin a draft that says what stands today, from the first day of next month."""
    standing, today = authoring.standing_now(), clock.today()
    standing.thing(kind, code)
    now = standing.version_on(kind, code, today)
    day = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    made = actions.write_draft(kind, code, starts_on=day, law=now.law, content=content_of(kind, now), by=request.by)
    return redirect("draft-edit", id=made.id)


@page(Permission.AUTHOR_RULE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, id: UUID) -> HttpResponse:
    """The editor. Its buttons check, add and remove rows, and save; a script asks for the check while one types."""
    draft = authoring.draft(id, by=request.actor)
    if draft.is_over:
        raise Refused("programmes-draft-over")
    if draft.written_by != request.by.id:
        raise Refused("programmes-draft-of-another")
    form = form_of(draft, request.POST if request.method == "POST" else None)
    act, found = request.POST.get("act", "check"), None
    if request.method == "POST" and form.is_valid():
        said = form.draft()
        if act == "save":
            return _saved(request, said)
        if act == "check":
            found = _checked(request, said, is_whole=not request.htmx)
    if request.htmx:
        return render(request, "web/parts/draft_check.html", {"found": found, "form": form})
    context = {"draft": draft, "label": LABELS[draft.kind], "form": form, "found": found, "catalogue": _offered()}
    return render(request, "web/draft_edit.html", context, status=400 if form.errors else 200)


def _saved(request: HttpRequest, said: Draft) -> HttpResponse:
    actions.write_draft(
        said.kind,
        said.code,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        law=said.law,
        content=said.content,
        cases=said.cases,
        draft=said.id,
        by=request.by,
    )
    return redirect("draft", id=said.id)


def _checked(request: HttpRequest, said: Draft, *, is_whole: bool = True) -> dict[str, Any]:
    """Return what is wrong with a draft. `is_whole`: with everything beside it and the worked cases too."""
    stated = drafted(said, authoring.standing_now())
    own = [_shown(request, part, words, refusal) for part, words, refusal in authoring.refusals(said, stated)]
    found: dict[str, Any] = {"own": own, "others": [], "is_whole": False}
    if own or not is_whole:
        return found
    problems = _faults(_Whole(stated, said.digest, said))
    others = [
        {"where": f"{each.file}, {each.place}"}
        | refusals.in_words(request, Refused(each.message.id, **each.message.values))
        for each in problems
    ]
    return found | {"others": others, "is_whole": True, "cases": len(country.profile().cases)}


@dataclass(frozen=True)
class _Whole:
    """A draft with all that would stand; two are the same where they say the same, whoever wrote them and when."""

    stated: Standing
    digest: str
    draft: Draft = field(compare=False)


@lru_cache(maxsize=32)  # a page is looked at more often than what it shows changes, and the cases are many
def _faults(whole: _Whole) -> tuple[Problem, ...]:
    return country_drafts.faults(country.profile(), whole.stated, whole.draft)


def _shown(request: HttpRequest, part: str, words: str, refusal: Any) -> dict[str, Any]:
    """Return a refusal in words, with the line that is meant and a mark below the place."""
    lines = [*words.splitlines(), ""]
    line = lines[min(refusal.line, len(lines)) - 1]
    told = {"part": f"web-draft-{part}", "line": refusal.line, "column": refusal.column}
    return told | {"excerpt": line, "mark": " " * (refusal.column - 1) + "^"} | refusals.in_words(request, refusal)


def _offered() -> dict[str, Any]:
    """Return what a rule may name."""
    standing, words = authoring.standing_now(), authoring.rule_catalogue()
    grains = dict.fromkeys(each.grain for each in words.fields)
    return {
        "fields": [(grain, [_field(each) for each in words.fields if each.grain == grain]) for grain in grains],
        "lists": [(f"{each.grain}.{each.name}", presenting.worded(each.label_id, each.name)) for each in words.lists],
        "parameters": [
            (f"param.{each.name}", presenting.worded(each.label_id, each.name)) for each in standing.parameters
        ],
        "stated": [*map(_lookup, standing.tables), *(_score(each) for each in standing.names("score"))],
        "functions": CALLABLE,
    }


def _lookup(table: Any) -> tuple[str, Any]:
    inputs = ", ".join(each.name for each in table.inputs)
    return f"lookup({table.name}, {inputs})", presenting.worded(f"table-{table.name}", table.name)


def _score(name: str) -> tuple[str, Any]:
    return f"score({name})", presenting.worded(f"score-{name}", name)


def _field(field: Any) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": presenting.worded(field.label_id, field.name),
        "type": field.type,
        "codes": field.codes,
    }


@page(Permission.READ_DRAFT)
@require_safe
def draft(request: HttpRequest, id: UUID) -> HttpResponse:
    """A draft beside what stands: the difference, what is wrong with it, what it would change, and what can be done."""
    made = authoring.draft(id, by=request.by)
    names = display_names([made.written_by, *filter(None, [made.published_by])])
    is_own = made.written_by == request.by.id
    context = {
        "draft": made,
        "label": LABELS[made.kind],
        "written_by": names.get(made.written_by),
        "published_by": names.get(made.published_by),
        "may_write": is_own and not made.is_over and _may(request, Permission.AUTHOR_RULE, made),
        "may_publish": not is_same_human(request.actor, made.written_by)
        and not made.is_over
        and made.proposed_at
        and _may(request, Permission.PUBLISH_RULE, made),
        "place": place_of(made.kind, made.code),
        "is_own": is_own,
        "is_still": "still" in request.GET,
        "measured": _measured(request, made),
    }
    if not made.is_over:
        standing = authoring.standing_now()
        before = standing.version_on(made.kind, made.code, made.starts_on)
        after = drafted(made, standing).versions(made.kind, made.code)[made.starts_on]
        told = [text(made.kind, made.code, each) for each in (before, after)]
        context |= {"lines": differences(*told), "found": _checked(request, made)}
    return render(request, "web/draft.html", context)


def _may(request: HttpRequest, permission: Permission, made: Draft) -> bool:
    return authoring.may_act(permission, made.kind, made.code, by=request.actor)


def _measured(request: HttpRequest, made: Draft) -> dict[str, Any] | None:
    """Return the counts, of which small ones are not told."""
    if made.measured is None:
        return None
    if problem := made.measured.get("problem"):
        return {"problem": refusals.in_words(request, Refused(problem["id"], **problem["values"]))}
    return {
        "on": date.fromisoformat(made.measured["on"]),
        "law": date.fromisoformat(made.measured["law"]),
        "programmes": [each | _few(each) for each in made.measured["programmes"]],
        "clauses": [{"text": each["text"]} | _few(each) for each in made.measured["clauses"]],
    }


def _few(counts: dict[str, Any]) -> dict[str, Any]:
    """Return counts to the nearest ten, and words for a count so small that it might be one family."""
    found: dict[str, Any] = {}
    for name, each in counts.items():
        if isinstance(each, dict):
            found[name] = _few(each)
        elif isinstance(each, int):
            found[name] = message("web-draft-few", most=FEW) if 0 < each < FEW else round(each / FEW) * FEW
    return found


@page(Permission.READ_DRAFT)
@require_http_methods(["GET", "HEAD", "POST"])
def try_typed(request: HttpRequest, id: UUID) -> HttpResponse:
    """A draft asked of an invented household that somebody types in. Nothing of it is kept."""
    context = _asked(request, id)
    context["typed"] = request.POST.get("record") or _blank(context["programme"])
    if request.method == "POST":
        try:
            if context["programme"].group is not None:
                raise Refused("programmes-draft-try-group")
            given = from_json(context["typed"], "-", country.profile(), on=context["book"].on)
            tried = [authoring.tried_on_record(context["programme"], given, context["book"])]
        except Refused as refused:
            context["refusal"] = refusals.in_words(request, refused)
        else:
            context["tried"] = _told(tried)
    return render(request, "web/draft_try.html", context, status=400 if context.get("refusal") else 200)


class NumberForm(forms.Form):
    """The number of a household."""

    number = forms.IntegerField(
        label="web-draft-try-number",
        max_value=10**18,
        error_messages=dict.fromkeys(("required", "invalid", "max_value"), "web-draft-try-nobody"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-10"}),
    )


@page(Permission.READ_HOUSEHOLD, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def try_household(request: HttpRequest, id: UUID) -> HttpResponse:
    """A draft asked of a household that the reader may read, by its number; that it was read is on the record."""
    form = NumberForm(request.POST or None)
    context = _asked(request, id) | {"form": form}
    if form.is_valid():
        ground = {"by": request.by, "under": request.under}
        found = find_by_number(form.cleaned_data["number"], **ground)
        home = next((each.household_id for each in found if each.person_id is None), None)
        if home is None:
            form.add_error("number", "web-draft-try-nobody")
        else:
            context["tried"] = _told(
                authoring.tried_on_household(context["programme"], home, context["book"], **ground)
            )
    return render(request, "web/draft_try.html", context, status=400 if form.errors else 200)


def _asked(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Return the draft, its law, and the programme it is tried with. Raises RuleRefused where a rule of it is none."""
    by = request.actor.narrowed(Permission.READ_DRAFT)
    made, book = authoring.draft(id, by=by), authoring.asked_book(id, by=by)
    codes = [made.code] if made.kind == RULE else [each.code for each in book.programmes]
    code = request.POST.get("programme", codes[0] if codes else "")
    programme = book.programme(code) if code in codes else None
    if programme is None:
        raise NotFound("programmes-programme-unknown", programme=code[:64], day=book.on)
    return {"draft": made, "label": LABELS[made.kind], "book": book, "codes": codes, "programme": programme}


def _blank(programme: InForce) -> str:
    """Return a household of one person to fill in, with what the rule reads."""
    grains = {
        grain: {plain(name): None for at, name in sorted(programme.reads) if at == grain and name}
        for grain in ("household", "person")
    }
    return json.dumps({"household": grains["household"], "members": [grains["person"]]}, indent=2)


def _told(tried: Any) -> list[dict[str, Any]]:
    """Return what came out: outcome, amount, what is missing, and each condition with its own outcome."""
    words = dictionary()
    return [
        {
            "outcome": each.decided.outcome,
            "amount": presenting.money(each.decided.amount, words),
            "missing": each.decided.missing,
            "member": None if each.unit.member is None else each.unit.member + 1,
            "clauses": [(step.text, step.value) for step in each.trace.clauses],
        }
        for each in tried
    ]


@page(Permission.AUTHOR_RULE)
@require_POST
def measure(request: HttpRequest, id: UUID) -> HttpResponse:
    """Have the worker count what a draft would change."""
    actions.ask_measure(id, by=request.by)
    measure_draft.defer(draft_id=str(id))
    return redirect("draft", id=id)


@page(Permission.AUTHOR_RULE)
@require_POST
def propose(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.propose_draft(id, by=request.by, prove=partial(country_drafts.prove, country.profile()))
    return redirect("draft", id=id)


@page(Permission.AUTHOR_RULE)
@require_POST
def discard(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.discard_draft(id, by=request.by)
    return redirect("rules")


@page(Permission.PUBLISH_RULE)
@require_POST
def publish(request: HttpRequest, id: UUID) -> HttpResponse:
    """Publish what the publisher looked at, and nothing that was written since."""
    seen = request.POST.get("seen", "")
    actions.publish_draft(id, by=request.by, seen=seen, prove=partial(country_drafts.prove, country.profile()))
    return redirect("draft", id=id)
