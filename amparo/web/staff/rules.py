"""What decides: rules, figures, tables and models, with their versions, and the difference between two."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.profiles.drafts import FILES, as_toml
from amparo.programmes.local import area_of
from amparo.programmes.queries import authoring
from amparo.programmes.standing import SHAPES
from amparo.registry.queries import dictionary
from amparo.trust.queries import areas_coded, display_names
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
    every = {kind: standing.names(kind) for kind in SHAPES}
    places = _places(standing, [(kind, each) for kind, names in every.items() for each in names])
    kinds = [
        (kind, LABELS[kind], [_now(standing, kind, each, today, places) for each in names])
        for kind, names in every.items()
    ]
    drafts = authoring.drafts(by=request.actor) if request.actor.has(Permission.READ_DRAFT) else []
    names = display_names(each.written_by for each in drafts)
    told = [(each, LABELS[each.kind], names.get(each.written_by)) for each in drafts]
    return render(request, "web/rules.html", {"kinds": kinds, "drafts": told})


def _places(standing: Any, things: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return code → area of those that decide one of these things by themselves."""
    codes = {code for kind, each in things if (code := area_of(standing, kind, each))}
    return {each.code: each for each in areas_coded(codes)} if codes else {}


def place_of(kind: str, code: str) -> Any:
    """Return the area that decides a thing by itself; None of the nation's, and of what there is no more."""
    standing = authoring.standing_now()
    known = [(kind, code)] if code in standing.names(kind) else []
    return next(iter(_places(standing, known).values()), None)


def _now(standing: Any, kind: str, code: str, today: Any, places: dict[str, Any]) -> dict[str, Any]:
    """Return which version of a thing holds today, when the next one begins, and whose it is where an area's."""
    versions, last = standing.versions(kind, code), SHAPES[kind].last
    began = max((day for day in versions if day <= today), default=None)
    until = getattr(versions[began], last) if began and last else None
    return {
        "code": code,
        "place": places.get(area_of(standing, kind, code) or ""),
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
    context |= {
        "place": place_of(kind, code),
        "may_write": authoring.may_act(Permission.AUTHOR_RULE, kind, code, by=request.actor),
        "may_read": authoring.may_act(Permission.READ_DRAFT, kind, code, by=request.actor),
    }
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
