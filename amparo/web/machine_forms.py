"""The forms of a partner's machine: what it is called and may do, a key of its own, how it sends messages. Labels and errors are
message ids."""

from collections.abc import Mapping
from typing import Any

from django import forms

from amparo.dci.signing import Profile
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


class PeerForm(forms.Form):
    """As whom a machine sends messages, how it signs them, and where answers go."""

    sender = forms.CharField(
        label="web-peer-sender", help_text="web-peer-sender-hint", max_length=300, error_messages=_MISSING
    )
    profile = forms.ChoiceField(
        label="web-peer-profile", help_text="web-peer-profile-hint", required=False, error_messages=_MISSING
    )
    callback = forms.CharField(
        label="web-peer-callback", help_text="web-peer-callback-hint", max_length=2_000, required=False
    )
    sealing = forms.CharField(
        label="web-peer-sealing",
        help_text="web-peer-sealing-hint",
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "ltr", "spellcheck": "false", "class": "amparo-code"}),
    )

    def __init__(self, sent: Mapping[str, str] | None, *, language: str) -> None:
        super().__init__(sent)
        unsigned = ("", say("web-peer-profile-none", language))
        self.fields["profile"].choices = [unsigned, *((each.value, each.value) for each in Profile)]
