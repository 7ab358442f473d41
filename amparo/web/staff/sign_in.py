"""Signing in and out: allauth's steps in our words."""

from allauth.account import views
from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.http import HttpResponse

from amparo.kernel import clock
from amparo.trust.identity import provider
from amparo.trust.log.recording import record, record_denial
from amparo.trust.queries import actor_of
from amparo.trust.types import Event
from amparo.web.access import public

# What allauth tells is in its own catalogues; ours say the same by message id.
ERRORS = {
    "username_password_mismatch": "web-sign-in-mismatch",
    "too_many_login_attempts": "web-sign-in-too-often",
    "too_busy": "web-sign-in-busy",
}


def provider_name() -> str:
    """Return what the operator calls the identity provider; nothing where there is none."""
    return settings.OIDC["name"] or settings.OIDC["issuer"] if provider.is_configured() else ""


class SignInForm(LoginForm):
    """User name and password. Labels and errors are message ids, put into words by the template."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "web-sign-in-name"
        self.fields["login"].error_messages["required"] = "web-sign-in-name-missing"
        self.fields["login"].widget = forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        )
        self.fields["password"].label = "web-sign-in-password"
        self.fields["password"].help_text = ""
        self.fields["password"].error_messages["required"] = "web-sign-in-password-missing"

    def add_error(self, field, error) -> None:
        code = getattr(error, "code", None)
        super().add_error(field, ERRORS.get(code, error))


class SignIn(views.LoginView):
    """The sign-in page. Each failure is recorded, without the name that was typed; each success by `trust.signing_in`."""

    form_class = SignInForm
    template_name = "web/sign_in.html"

    def get_context_data(self, **more) -> dict:
        return super().get_context_data(**more) | {"provider_name": provider_name()}

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        if form.non_field_errors():
            record_denial(by=None, asked="account_login", reason=form.non_field_errors()[0])
        return self.render_to_response(self.get_context_data(form=form), status=400)


class SignOut(views.LogoutView):
    """Signs out by POST; asked for by GET, it shows the button."""

    template_name = "web/sign_out.html"

    def post(self, *args, **kwargs) -> HttpResponse:
        if self.request.user.is_authenticated:
            record(Event.SIGNED_OUT, by=actor_of(self.request.user, on=clock.today()))
        return super().post(*args, **kwargs)


sign_in = public(SignIn.as_view())
sign_out = public(SignOut.as_view())
