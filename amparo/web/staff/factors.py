"""One's second factors: which there are, adding and removing one, recovery codes."""

from io import BytesIO

import qrcode
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from amparo.kernel.errors import Refused
from amparo.trust.actions import factors as actions
from amparo.trust.identity import factors as held
from amparo.trust.identity import strength
from amparo.trust.identity.factors import Kind
from amparo.web import refusals
from amparo.web.access import own, own_anew
from amparo.web.back import back
from amparo.web.staff.confirming import CodeForm, answer_of

SECRET = "secret-offered"  # noqa: S105 (the session's key, until the app has shown that it took it)


class PasskeyForm(forms.Form):
    """What to call a passkey."""

    name = forms.CharField(
        label="web-factor-name",
        help_text="web-factor-name-hint",
        max_length=60,
        error_messages={"required": "web-factor-name-missing", "max_length": "web-factor-name-missing"},
    )


@own
@require_safe
def factors(request: HttpRequest) -> HttpResponse:
    """The second factors one has, and ways to add one."""
    codes = held.recovery_codes_of(request.user)
    context = {
        "factors": [(each, each.type == Kind.WEBAUTHN) for each in held.factors_of(request.user)],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "next": back(request),
        "is_sent_here": "next" in request.GET,
    }
    context["has_app"] = any(not is_passkey for _, is_passkey in context["factors"])
    return render(request, "web/factors.html", context)


@own_anew
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: it takes a secret from a square or from letters, and shows a code that proves it."""
    form, refusal = CodeForm(request.POST or None), None
    form.fields["code"].help_text = "web-factor-app-code-hint"
    secret = request.session.setdefault(SECRET, held.new_secret())
    if request.method == "POST" and form.is_valid():
        try:
            codes = actions.add_app(request.user, secret, form.cleaned_data["code"], by=request.by)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            del request.session[SECRET]
            return _added(request, Kind.TOTP, codes)
    context = {
        "form": form,
        "refusal": refusal,
        "square": _square(held.address_of(secret, request.user)),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "next": back(request),
    }
    return render(request, "web/factor_app.html", context, status=400 if form.errors or refusal else 200)


def _square(address: str) -> SafeString:
    drawn = BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, box_size=12).save(drawn)
    return mark_safe(drawn.getvalue().decode().partition("?>")[2])  # noqa: S308 (drawn by us)


@own_anew
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Make a passkey on this device, or on one that is plugged in or near."""
    form, refusal = PasskeyForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            answer = held.new_passkey(request, answer_of(request))
            codes = actions.add_passkey(request.user, answer, form.cleaned_data["name"], by=request.by)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            return _added(request, Kind.WEBAUTHN, codes)
    context = {"form": form, "refusal": refusal, "wish": held.passkey_wish(request.user), "next": back(request)}
    return render(request, "web/factor_passkey.html", context, status=400 if form.errors or refusal else 200)


def _added(request: HttpRequest, kind: str, codes: list[str]) -> HttpResponse:
    """Whoever has just set a factor up has given it; recovery codes are shown with the first one."""
    strength.prove(request.session, kind)
    return _shown(request, codes) if codes else redirect("factors")


def _shown(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "web/factor_codes.html", {"codes": codes, "next": back(request)})


@own_anew
@never_cache
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, and show them this once."""
    return _shown(request, actions.make_recovery_codes(request.user, by=request.by))


@own_anew
@require_POST
def remove(request: HttpRequest, id: int) -> HttpResponse:
    actions.remove_factor(request.user, id, by=request.by)
    return redirect("factors")
