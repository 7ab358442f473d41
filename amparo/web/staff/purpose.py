"""Saying for what purpose one reads personal data: asked once after signing in, changed at any time."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted
from amparo.trust.queries import purposes_of
from amparo.trust.types import Actor, Permission
from amparo.web.access import PURPOSE, page
from amparo.web.back import back


class PurposeForm(forms.Form):
    """One of the country's purposes: those for which whoever asks may read records."""

    purpose = forms.ChoiceField(
        label="web-purpose-title",
        error_messages={"required": "web-purpose-missing", "invalid_choice": "web-purpose-missing"},
    )

    def __init__(self, by: Actor, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [(each.code, each) for each in purposes_of(by, on=clock.today())]
        if not self.fields["purpose"].choices:
            raise NotPermitted("trust-no-purpose")


@page(Permission.FIND)
@require_http_methods(["GET", "HEAD", "POST"])
def purpose(request: HttpRequest) -> HttpResponse:
    form = PurposeForm(request.actor, request.POST or None, initial={"purpose": request.session.get(PURPOSE)})
    if request.method == "POST" and form.is_valid():
        request.session[PURPOSE] = form.cleaned_data["purpose"]
        return redirect(back(request))
    context = {"form": form, "next": back(request)}
    return render(request, "web/purpose.html", context, status=400 if form.errors else 200)
