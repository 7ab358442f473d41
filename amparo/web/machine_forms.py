"""The forms of a partner's machine: what it is called and may do, and a key of its own. Labels and errors are message ids."""

from collections.abc import Mapping
from typing import Any

from django import forms

from amparo.profiles.languages import say

_MISSING = dict.fromkeys(("required", "max_length", "invalid_choice"), "web-machine-missing")


class MachineForm(forms.Form):
    """A machine that is not there yet."""

    called = forms.CharField(
        label="web-machine-name", help_text="web-machine-name-hint", max_length=100, error_messages=_MISSING
    )
    also = forms.CharField(
        label="web-machine-also", help_text="web-machine-also-hint", max_length=2_000, required=False
    )
    must_sign = forms.ChoiceField(
        label="web-machine-must-sign", help_text="web-machine-must-sign-hint", error_messages=_MISSING
    )

    def __init__(self, sent: Mapping[str, str] | None, *, language: str) -> None:
        super().__init__(sent)
        self.fields["must_sign"].choices = [(each, say(f"kernel-{each}", language)) for each in ("no", "yes")]

    def wanted(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "name": said["called"],
            "also": said["also"].replace(",", " ").split(),
            "must_sign": said["must_sign"] == "yes",
        }


class KeyForm(forms.Form):
    """The public half of a key that the partner keeps."""

    jwk = forms.CharField(
        label="web-machine-jwk",
        help_text="web-machine-jwk-hint",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "ltr", "spellcheck": "false", "class": "amparo-code"}),
        error_messages=_MISSING,
    )
