"""Which passwords are not taken: short ones, well known ones, and those of the house's own words."""

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from amparo.kernel.errors import Refused
from amparo.trust.models import Account

# What whoever attacks this house tries first. The list stands in docs/explanation/signing-in.md as well.
WORDS = (
    *("amparo", "registry", "social", "household", "beneficiary"),
    *("ministry", "password", "welcome", "officer", "administrator"),
)
LETTERS_LEFT = 8
_NO_LETTER = re.compile(r"[\W\d_]+")


class HouseWords:
    """One of `AUTH_PASSWORD_VALIDATORS`: beside words of the house, digits and signs, a password has eight letters."""

    def __init__(self, country: str = "") -> None:
        words = (*WORDS, *filter(None, [country.casefold()]))
        self.known = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError for a password that is hardly more than such words."""
        text = password.casefold()
        left = _NO_LETTER.sub("", self.known.sub("", text))
        if self.known.search(text) and len(left) < LETTERS_LEFT:
            raise ValidationError("trust-password-weak", code="house_words")

    def get_help_text(self) -> str:
        return ""


def refuse_weak(password: str, account: Account) -> None:
    """Raise Refused for a password that Django's validators do not take (`AUTH_PASSWORD_VALIDATORS`)."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refused("trust-password-weak") from error
