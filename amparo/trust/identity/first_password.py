"""Passwords that somebody hands over to somebody else, who changes them at once."""

import secrets
from datetime import timedelta

HOLDS = timedelta(days=3)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


def first_password() -> str:
    """Return a password that can be read out over a telephone: 79 bits, in four groups."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
