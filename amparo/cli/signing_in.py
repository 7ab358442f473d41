"""A person at the command line: whoever approves or plans must be known to be who they say."""

import os
from typing import TYPE_CHECKING

import typer

from amparo.cli.printing import words
from amparo.kernel import clock
from amparo.kernel.errors import Refused

if TYPE_CHECKING:
    from amparo.trust.types import Actor


def acting_person(name: str) -> "Actor":
    """Return the account as an actor, once its password was given. Raises Refused where the two do not belong together."""
    from django.contrib.auth import authenticate

    from amparo.trust.queries import actor_of

    password = os.environ.get("AMPARO_PASSWORD") or typer.prompt(words("cli-run-password"), hide_input=True)
    account = authenticate(None, username=name, password=password)
    if account is None:
        raise Refused("cli-person-unknown")
    return actor_of(account, on=clock.today())
