"""The way in for whoever was invited at the office: the slip's code, an answer that only they know, then how they sign in."""

from typing import Any

from allauth.core.internal.ratelimit import get_ip
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from amparo.kernel.errors import Refused
from amparo.trust.actions.inviting import accept_with_password
from amparo.trust.identity import provider
from amparo.trust.identity.invitations import Slip, expect_invited, slip
from amparo.trust.log.recording import record_denial
from amparo.trust.types import system
from amparo.web import refusals
from amparo.web.access import public
from amparo.web.days import day_field
from amparo.web.staff.account import password_field
from amparo.web.staff.officers import NAME
from amparo.web.staff.provider import INVITED
from amparo.web.staff.sign_in import provider_name


class InvitationForm(forms.Form):
    """The slip, the answer beside it, and the name and password that somebody chooses."""

    code = forms.CharField(
        label="web-invitation-code",
        help_text="web-invitation-code-hint",
        max_length=40,
        error_messages={"required": "web-invitation-code-missing", "max_length": "web-invitation-code-missing"},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "govuk-input--width-20",
            }
        ),
    )
    born = day_field("web-invitation-born", wrong="web-day-wrong", required=False)
    number = forms.CharField(
        label="web-invitation-number",
        help_text="web-invitation-number-hint",
        max_length=40,
        required=False,
        error_messages={"max_length": "web-invitation-number-long"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    username = forms.CharField(
        label="web-sign-in-name",
        help_text="web-invitation-name-hint",
        max_length=150,
        required=False,
        validators=[NAME],
        error_messages={"max_length": "web-officer-name-wrong"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    new = password_field("web-password-new", missing="web-password-new-missing", hint="web-password-new-hint")
    again = password_field("web-password-again", missing="web-password-again-wrong")

    def __init__(self, sent: Any, *, by_provider: bool = False) -> None:
        super().__init__(sent)
        self.by_provider = by_provider
        for name in ("new", "again"):
            self.fields[name].required = not by_provider

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not given.get("born") and not given.get("number") and "born" not in self.errors:
            self.add_error("born", "web-invitation-answer-missing")
        if not self.by_provider and "username" not in self.errors and not given.get("username"):
            self.add_error("username", "web-officer-name-wrong")
        if not self.by_provider and given.get("new") and given.get("again") and given["new"] != given["again"]:
            self.add_error("again", "web-password-again-wrong")
        return given

    @property
    def slip(self) -> Slip:
        given = self.cleaned_data
        return slip(given["code"], given["born"].isoformat() if given["born"] else given["number"])


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Open an account with a slip. Afterwards one signs in as anybody does, so that nothing lets in but the ways in."""
    by_provider = "provider" in request.POST
    if by_provider and not provider.is_configured():
        raise Http404
    form, refusal = InvitationForm(request.POST if request.method == "POST" else None, by_provider=by_provider), None
    if form.is_valid():
        try:
            return _accepted(request, form)
        except Refused as refused:
            record_denial(by=None, asked="invitation", reason=refused.message.id)
            refusal = refusals.in_words(request, refused)
    context = {"form": form, "refusal": refusal, "provider_name": provider_name()}
    return render(request, "web/invitation.html", context, status=400 if form.errors or refusal else 200)


def _accepted(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    given = form.cleaned_data
    expect_invited(given["code"], form.slip, address=get_ip(request))
    if form.by_provider:
        request.session[INVITED] = vars(form.slip)
        # On by a link: the content policy lets no form lead to another site.
        return render(request, "web/invitation_on.html", {"provider_name": provider_name(), "next": reverse("mine")})
    accept_with_password(form.slip, given["username"], given["new"], by=system("invitation"))
    return redirect(f"{reverse('account_login')}?next={reverse('mine')}")
