"""Every way in stands in one list, and a fresh installation has no account that anybody could use (A7)."""

import ast

from django.urls import get_resolver

from amparo.trust.identity.signing_in import WAYS
from amparo.trust.models import Account
from tests.structure import sources

# What signs somebody in, or says who somebody is, wherever it comes from.
LETS_IN = {
    "login",
    "authenticate",
    "perform_login",
    "perform_passwordless_login",
    "force_login",
    "django_login",
    "exit",
    "let_in",
}
# Where it is called, and the way of the list that it is part of.
KNOWN = {
    "amparo/cli/signing_in.py:authenticate": "amparo run plan --as, amparo run approve --as, amparo round start --as, amparo round follow --as",
    "amparo/interop/operations/token.py:let_in": "api-token",
    "amparo/trust/identity/signing_in.py:authenticate": "account_login",
    "amparo/trust/identity/signing_in.py:login": "account_login",
    "amparo/web/staff/confirming.py:exit": "account_login",
    "amparo/web/staff/confirming.py:perform_passwordless_login": "passkey-sign-in",
    "amparo/web/staff/provider.py:perform_login": "provider-return",
}


def calls(tree: ast.Module) -> set[str]:
    """Return the names of what a module calls that lets somebody in."""
    called = [each.func for each in ast.walk(tree) if isinstance(each, ast.Call)]
    names = {getattr(each, "attr", getattr(each, "id", "")) for each in called if ast.unparse(each) != "sys.exit"}
    return names & LETS_IN


# Amparo's own sign-in at the mail server of the installation: nobody comes in by it.
GOES_OUT = {"amparo/notices/channels/email/__init__.py:login"}


def test_nothing_signs_anybody_in_but_what_the_list_names():
    found = {f"{file}:{name}" for file in sources.python() for name in calls(sources.tree(file))} - GOES_OUT
    assert found == KNOWN.keys()
    assert set(KNOWN.values()) == WAYS.keys()


def test_every_page_of_the_list_exists_and_every_page_open_to_strangers_is_in_it_or_signs_nobody_in():
    doors = ("amparo.web.urls", "amparo.interop.urls")
    named = {route.name for door in doors for route in get_resolver(door).url_patterns}
    assert {each for each in WAYS if not each.startswith("amparo ")} <= named
    assert {each for each in named if each.startswith("mfa_")} == {"mfa_authenticate"}  # none of allauth's own pages


def test_a_planted_way_in_is_found():
    planted = sources.parse("from django.contrib.auth import login\ndef view(request): login(request, somebody)")
    assert calls(planted) == {"login"}


def test_a_fresh_installation_has_no_account(empty_database):
    assert Account.objects.count() == 0


def test_no_migration_opens_one():
    made = [file for file in sources.python(migrations=True) if "/migrations/" in file]
    assert len(made) > 10
    sources.expect_none(
        file
        for file in made
        if "set_password" in sources.text(file) or "INSERT INTO trust_account" in sources.text(file)
    )
