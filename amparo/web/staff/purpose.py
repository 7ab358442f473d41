"""Saying for what purpose one reads personal data: asked once after signing in, changed at any time."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amparo.kernel import clock
from amparo.trust.queries import live_purposes
from amparo.trust.types import Permission
from amparo.web.access import PURPOSE, page
from amparo.web.back import back


class PurposeForm(forms.Form):
    """One of the country's purposes."""

    purpose = forms.ChoiceField(
        label="web-purpose-title",
        error_messages={"required": "web-purpose-missing", "invalid_choice": "web-purpose-missing"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [(each.code, each) for each in live_purposes(on=clock.today())]


@page(Permission.FIND)
@require_http_methods(["GET", "HEAD", "POST"])
def purpose(request: HttpRequest) -> HttpResponse:
    form = PurposeForm(request.POST or None, initial={"purpose": request.session.get(PURPOSE)})
    if request.method == "POST" and form.is_valid():
        request.session[PURPOSE] = form.cleaned_data["purpose"]
        return redirect(back(request))
    context = {"form": form, "next": back(request)}
    return render(request, "web/purpose.html", context, status=400 if form.errors else 200)
