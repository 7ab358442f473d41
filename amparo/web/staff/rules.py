"""What decides: rules, figures, tables and models, with their versions, and the difference between two."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.profiles.drafts import FILES, as_toml
from amparo.programmes.queries import authoring
from amparo.programmes.standing import SHAPES
from amparo.registry.queries import dictionary
from amparo.trust.queries import display_names
from amparo.trust.types import Permission
from amparo.web.access import page
from amparo.web.differences import differences

# What a thing is called in the profile's catalogue: `programme-child_grant`.
LABELS = {"rule": "programme", "parameter": "parameter", "table": "table", "score": "score"}


@page(Permission.READ_FIGURES)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Everything that decides, and since when; and to whom it concerns, what is proposed."""
    standing, today = authoring.standing_now(), clock.today()
    kinds = [
        (kind, LABELS[kind], [_now(standing, kind, each, today) for each in standing.names(kind)]) for kind in SHAPES
    ]
    drafts = authoring.drafts(by=request.actor) if request.actor.has(Permission.READ_DRAFT) else []
    names = display_names(each.written_by for each in drafts)
    told = [(each, LABELS[each.kind], names.get(each.written_by)) for each in drafts]
    return render(request, "web/rules.html", {"kinds": kinds, "drafts": told})


def _now(standing: Any, kind: str, code: str, today: Any) -> dict[str, Any]:
    """Return which version of a thing holds today, and when the next one begins."""
    versions, last = standing.versions(kind, code), SHAPES[kind].last
    began = max((day for day in versions if day <= today), default=None)
    until = getattr(versions[began], last) if began and last else None
    return {
        "code": code,
        "since": began if until is None or until >= today else None,
        "until": until,
        "law": versions[began].law if began else "",
        "next": min((day for day in versions if day > today), default=None),
    }


@page(Permission.READ_FIGURES)
@require_safe
def thing(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Every version of one thing, also those that were replaced."""
    held = authoring.held_versions(kind, code)
    last = SHAPES[kind].last
    rows = [(each, getattr(each.version, last) if last else None) for each in held]
    context = {"kind": kind, "label": LABELS[kind], "code": code, "rows": rows, "today": clock.today()}
    return render(request, "web/rule.html", context | {"file": FILES[kind].format(code)})


@page(Permission.READ_FIGURES)
@require_safe
def version(request: HttpRequest, kind: str, code: str, id: int) -> HttpResponse:
    """One version as it stands in the files, and in what it differs from another; else from the one before it."""
    held = authoring.held_versions(kind, code)
    place = next((number for number, each in enumerate(held) if each.id == id), None)
    if place is None:
        raise NotFound("programmes-version-unknown")
    asked = request.GET.get("against", "")
    live = [each for each in held[:place] if each.replaced_at is None]
    other = next((each for each in held if str(each.id) == asked), live[-1] if live else None)
    now = text(kind, code, held[place].version)
    context = {
        "kind": kind,
        "label": LABELS[kind],
        "code": code,
        "held": held[place],
        "others": [each for each in held if each.id != id],
        "against": other,
        "lines": differences(text(kind, code, other.version) if other else "", now) if other else [],
        "text": now,
    }
    return render(request, "web/rule_version.html", context)


def text(kind: str, code: str, version: Any) -> str:
    """Return a version as the profile's file writes it."""
    thing = authoring.standing_now().thing(kind, code)
    return as_toml(kind, thing, version, dictionary().decimals).strip()


@page(Permission.READ_FIGURES)
@require_safe
def export(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The versions that stand, to go back into the profile's file in place of those it has."""
    every = [text(kind, code, each) for each in authoring.standing_now().versions(kind, code).values()]
    answer = HttpResponse("\n\n".join(every) + "\n", content_type="application/toml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{code}.toml"'
    return answer
