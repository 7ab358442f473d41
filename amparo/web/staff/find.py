"""Finding a household or person: by name with typos, by number, by an identity number, or through an area.

What is asked is sent in the body of a form and never in an address: names and identity numbers do not belong in
histories and logs.
"""

from collections.abc import Callable

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from amparo.registry import finding, queries
from amparo.registry.types import Found
from amparo.trust.queries import areas_below, areas_numbered
from amparo.trust.types import Actor, Permission
from amparo.web import country
from amparo.web.access import page
from amparo.web.reach import above_in_reach, entrances, place_in_reach

NAME, NUMBER = "name", "number"


class FindForm(forms.Form):
    """What one knows of whom one looks for."""

    kind = forms.ChoiceField(
        label="web-find-kind",
        error_messages={"required": "web-find-kind-missing", "invalid_choice": "web-find-kind-missing"},
    )
    asked = forms.CharField(
        label="web-find-asked",
        max_length=200,
        error_messages={"required": "web-find-asked-missing", "max_length": "web-find-asked-long"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, by: Actor, *args, **kwargs) -> None:
        """Offer to search by what `by` may read, and by nothing else."""
        super().__init__(*args, **kwargs)
        by_name, by_identifier = finding.searches(by)
        names = [(NAME, "web-find-by-name")] if by_name else []
        schemes = [(each.scheme, f"identifier-{each.scheme}") for each in country.profile().identifiers]
        self.fields["kind"].choices = [*names, (NUMBER, "web-find-by-number"), *(schemes if by_identifier else [])]
        self.initial.setdefault("kind", self.fields["kind"].choices[0][0])

    def clean(self) -> dict:
        kind, asked = self.cleaned_data.get("kind"), self.cleaned_data.get("asked", "")
        if kind == NUMBER and asked and not asked.isdecimal():
            self.add_error("asked", "web-find-number-wrong")
        if kind == NAME and 0 < len(asked) < 2:
            self.add_error("asked", "web-find-name-short")
        return self.cleaned_data


@page(Permission.FIND, personal=True)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    form = FindForm(request.by, request.POST or None)
    context = {"form": form, "roots": entrances(request.by)}
    if request.method == "POST" and form.is_valid():
        found = _search(request, form.cleaned_data["kind"])(form.cleaned_data["asked"])
        households = {each.household_id for each in found}
        if len(found) == 1 and None not in households and form.cleaned_data["kind"] != NAME:
            return redirect("household", id=households.pop())
        context |= {"found": _lines(found), "limit": queries.PAGE, "is_searched": True}
    return render(request, "web/find.html", context, status=400 if form.errors else 200)


def _search(request: HttpRequest, kind: str) -> Callable[[str], list[Found]]:
    """Return the search that fits what is known."""
    ground = {"by": request.by, "under": request.under}
    if kind == NAME:
        return lambda asked: finding.find_by_name(asked, **ground)
    if kind == NUMBER:
        return lambda asked: finding.find_by_number(int(asked[:18]), **ground)
    return lambda asked: finding.find_by_identifier(kind, asked, **ground)


def _lines(found: list[Found]) -> list[tuple[Found, Model | None]]:
    """Return each finding with its area."""
    places = areas_numbered(each.area_number for each in found)
    return [(each, places.get(each.area_number)) for each in found]


@page(Permission.FIND, personal=True)
@require_safe
def in_area(request: HttpRequest, code: str) -> HttpResponse:
    """The households of an area, a page at a time, and the areas inside it."""
    place = place_in_reach(request.by, code)
    after = request.GET.get("after", "0")
    after = int(after) if after.isdecimal() and len(after) < 19 else 0
    found = finding.households_in(place.number, place.last_number, by=request.by, under=request.under, after=after)
    context = {
        "place": place,
        "above": above_in_reach(request.by, place),
        "below": areas_below(place),
        "found": _lines(found),
        "after": found[-1].number if len(found) == queries.PAGE else None,
        "is_first": after == 0,
    }
    return render(request, "web/find_in_area.html", context)
