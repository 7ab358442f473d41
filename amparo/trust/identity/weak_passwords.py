"""Which passwords are not taken: short ones, well known ones, and those like the name they go with."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from amparo.kernel.errors import Refused
from amparo.trust.models import Account


def refuse_weak(password: str, account: Account) -> None:
    """Raise Refused for a password that Django's validators do not take (`AUTH_PASSWORD_VALIDATORS`)."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refused("trust-password-weak") from error
