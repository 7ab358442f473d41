"""The name that somebody signs in with, as a field of a form: whoever fills it in gets the account."""

from typing import Any
from uuid import UUID

from django import forms

from amparo.kernel.errors import NotFound
from amparo.trust.queries import account_named


class UsernameField(forms.CharField):
    """Gives the account's id; None where it may be left empty and is. `wrong`: what is said of any other name."""

    def __init__(self, label: str, *, wrong: str, hint: str = "", **settings: Any) -> None:
        plain = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        errors = dict.fromkeys(("required", "max_length"), wrong)
        widget = forms.TextInput(attrs=plain)
        super().__init__(label=label, help_text=hint, max_length=150, error_messages=errors, widget=widget, **settings)
        self.wrong = wrong

    def clean(self, value: Any) -> UUID | None:
        name = super().clean(value)
        if not name:
            return None
        try:
            return account_named(name).id
        except NotFound:
            raise forms.ValidationError(self.wrong) from None
