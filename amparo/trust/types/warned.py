"""Of what an account's owner is warned: said by the act itself, told by whoever tells people (`notices`)."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Warned(StrEnum):
    """What happened to an account. Its words are in the catalogue under `notices-warned-<warned>`."""

    GUESSED_AT = "guessed-at"  # many failures in a row, and nobody got in
    CODE_GUESSED_AT = "code-guessed-at"  # somebody knew the password, and not the code
    ENTERED_AFTER_FAILURES = "entered-after-failures"
    ENTERED_ELSEWHERE = "entered-elsewhere"  # from a browser in which the account was never opened
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 (what happened)
    PASSWORD_GIVEN = "password-given"  # noqa: S105 (by an administrator)
    FACTOR_ADDED = "factor-added"
    FACTOR_REMOVED = "factor-removed"
    CODES_MADE = "codes-made"
    IDENTITY_LINKED = "identity-linked"
    IDENTITY_UNLINKED = "identity-unlinked"
    EMAIL_CHANGED = "email-changed"


@dataclass(frozen=True)
class AccountWarning:
    """Something that an account's owner is to be warned of. `former`: the address that it had until now, which is told too."""

    account: UUID
    of: Warned
    former: str = field(default="", repr=False)
