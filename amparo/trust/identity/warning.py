"""When guesses are suspicious, and so something that an account's owner is warned of; and what may be an address for it.

Units   failures in a row, since the account was last entered or given a new password
Source  OWASP ASVS 5.0, 6.3.5
"""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from amparo.kernel.errors import Refused
from amparo.kernel.events import announce
from amparo.trust.identity.guessing import FREE, Outcome
from amparo.trust.types.warned import AccountWarning, Warned

MANY = 10  # of passwords: whoever forgot theirs tries a few
MANY_CODES = FREE  # the password was known by then


def expect_address(email: str) -> None:
    """Raise Refused where a text is no e-mail address; none at all is fine."""
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise Refused("trust-email-wrong") from None


def warn_of_guesses(account_id: UUID, outcome: Outcome) -> None:
    """Warn of a right password or code after several wrong ones, and once of many wrong ones in a row."""
    if outcome.was_right and outcome.failed_before >= FREE:
        announce(AccountWarning(account_id, Warned.ENTERED_AFTER_FAILURES))
    elif not outcome.was_right and outcome.failed_before + 1 == MANY:
        announce(AccountWarning(account_id, Warned.GUESSED_AT))


def warn_of_codes(account_id: UUID, outcome: Outcome) -> None:
    """As `warn_of_guesses`, of second factors: sooner, for only who knows the password is asked for one."""
    if outcome.was_right or outcome.failed_before + 1 != MANY_CODES:
        return warn_of_guesses(account_id, outcome)
    return announce(AccountWarning(account_id, Warned.CODE_GUESSED_AT))
