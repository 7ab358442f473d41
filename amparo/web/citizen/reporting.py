"""Bring something forward without saying who one is, and ask by code how a case stands. Open to everybody, and limited."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from amparo.cases import actions, queries
from amparo.cases.beginning import Filing
from amparo.cases.types import Channel
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.limits import Limit, wait_for
from amparo.trust.log.recording import record_denial
from amparo.trust.origin import whence
from amparo.trust.queries import areas_below, root_areas
from amparo.trust.types import system
from amparo.web import area_names, presenting, refusals
from amparo.web.access import public
from amparo.web.case_forms import AnonymousForm, CodeForm
from amparo.web.staff.filing import category_named, choices

# Of one address. Whoever guesses at codes, of which there are 2^48, meets nobody's in years.
ASKING, FILING = Limit(2, 10), Limit(1, 5)
NOBODY = system("anonymous")


@public
@never_cache
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """What it is about, of what may be brought forward so; and the way to ask by code."""
    offered = choices(lambda code: reverse("report-file", args=[code]), is_public=True)
    return render(request, "web/report.html", {"choices": offered, "form": CodeForm()})


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, category: str) -> HttpResponse:
    """What somebody says; then the code by which they ask."""
    try:
        chosen = category_named(category, is_public=True)
        form, refusal = (
            AnonymousForm(request.POST if request.method == "POST" else None, chosen, _places(request)),
            None,
        )
        if form.is_valid():
            if wait_for(f"case-filed:{whence(request)}", FILING):
                return refusals.too_many(request)
            filing = Filing(category, form.said, Channel.ANONYMOUS, area=form.cleaned_data["area"])
            made = actions.file_anonymously(filing, by=NOBODY, on=clock.today())
            return render(request, "web/case_filed.html", {"case": made, "is_seen": False})
    except Refused as refused:
        return refusals.answer(request, refused)
    title = presenting.worded(f"case-category-{category}", category)
    context = {"form": form, "refusal": refusal, "title": title, "is_report": True}
    return render(request, "web/case_file.html", context, status=400 if form.errors else 200)


def _places(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the country and its regions: who does not say who they are does not say in which village they live."""
    tops = list(root_areas())
    every = [*tops, *(below for top in tops for below in areas_below(top))]
    return [(each.code, area_names.plain(each, request.language)) for each in every]


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """How a case stands, for whoever holds its code: the state and the day, and nothing of anybody."""
    form, found, refusal = CodeForm(request.POST if request.method == "POST" else None), None, None
    if form.is_valid():
        if wait_for(f"case-asked:{whence(request)}", ASKING):
            return refusals.too_many(request)
        try:
            found = queries.asked(form.cleaned_data["code"], by=NOBODY)
        except Refused as refused:
            record_denial(by=None, asked="report-code", reason=refused.message.id)
            refusal = refusals.in_words(request, refused)
    context = {"form": form, "found": found, "refusal": refusal}
    return render(request, "web/report_code.html", context, status=400 if form.errors or refusal else 200)
