"""A person at the command line: whoever approves or plans must be known to be who they say, as on the pages."""

import os
from typing import TYPE_CHECKING, Any

import typer

from amparo.cli.printing import words
from amparo.kernel import clock
from amparo.kernel.errors import Refused

if TYPE_CHECKING:
    from amparo.trust.types import Actor, Permission


def acting_person(name: str, permission: "Permission") -> "Actor":
    """Return the account as an actor under a permission, once its password and what else that demands was given.

    Raises Refused where name and password do not belong together, or the code of the second factor does not hold.
    """
    from django.contrib.auth import authenticate

    from amparo.trust.queries import actor_of

    password = os.environ.get("AMPARO_PASSWORD") or typer.prompt(words("cli-run-password"), hide_input=True)
    account = authenticate(None, username=name, password=password)
    if account is None or account.must_change_password:
        raise Refused("cli-person-unknown")
    _confirm(account, permission)
    return actor_of(account, on=clock.today()).narrowed(permission)


def _confirm(account: Any, permission: "Permission") -> None:
    """Ask for a code where the permission demands a second factor. A passkey needs a browser."""
    from amparo.trust.identity import factors, strength

    if strength.suffices(account, {}, permission):
        return
    if factors.proofs_of(account).isdisjoint(factors.TYPED):
        raise Refused("cli-person-without-factor")
    code = os.environ.get("AMPARO_CODE") or typer.prompt(words("cli-run-code"))
    if factors.by_code(account, code) is None:
        raise Refused("cli-code-wrong")
