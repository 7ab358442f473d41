"""A role is handed to a substitute on a page, seen by both, and ended by either; and which accounts are one person's."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.trust.actions import open_account
from amparo.trust.eyes import is_same_human
from amparo.trust.identity import strength
from amparo.trust.models import Delegation
from amparo.trust.queries import account_named, actor_of, delegations_of, roles_of
from amparo.trust.types import Permission, system
from tests.lib import country, pages
from tests.lib.days import today
from tests.views.conftest import signed_in

ADDRESS = "/account/substitutes/"


def confirmed(name: str) -> Client:
    """Return a browser in which somebody has just given their password anew: the cast have no other proof of their own."""
    browser = signed_in(name)
    session = browser.session
    strength.prove(session, strength.PASSWORD)
    session.save()
    return browser


@pytest.fixture
def amina(database) -> Client:
    return confirmed("amina")


@pytest.fixture
def substitute(database, request):
    return open_account(request.node.name[:150], country.PASSWORD, display_name="Nadia", by=system("test"))


def in_days(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def hand_on(browser: Client, substitute: str, **changed: str | int):
    """Type what hands a role on for a week, changed so; a day may be said as so many days from today."""
    held = roles_of(account_named("amina").id, on=today()).get()
    said = {
        "assignment": str(held.id),
        "to": substitute,
        "on": in_days(0),
        "until": in_days(6),
        "area": "",
    }
    said |= {name: in_days(each) if isinstance(each, int) else each for name, each in changed.items()}
    return browser.post(ADDRESS, said)


def test_the_page_works_without_javascript(amina, substitute):
    pages.assert_is_whole(amina.get(ADDRESS))
    hand_on(amina, substitute.username)
    pages.assert_is_whole(amina.get(ADDRESS))
    pages.assert_is_whole(amina.get("/account/"))


def test_nobody_comes_in_without_a_session_and_nobody_without_a_fresh_proof(nobody, database):
    pages.assert_leads_to_sign_in(nobody, ADDRESS)
    assert signed_in("amina").get(ADDRESS)["Location"].startswith("/account/confirm/")


def test_a_role_handed_on_is_seen_by_both_and_works_from_the_next_request_on(amina, substitute):
    assert hand_on(amina, substitute.username)["Location"] == ADDRESS
    assert "Nadia" in pages.text(amina.get(ADDRESS))
    theirs = confirmed(substitute.username)
    assert "Amina" in pages.text(theirs.get(ADDRESS))
    assert theirs.get("/find/n1/").status_code == 200
    assert theirs.get("/find/s1/").status_code == 404


@pytest.mark.parametrize("by_whom", ["amina", "substitute"])
def test_either_ends_it_and_it_is_gone_at_the_next_request(amina, substitute, by_whom):
    hand_on(amina, substitute.username)
    theirs = confirmed(substitute.username)
    id = delegations_of(substitute.id, on=today()).get().id
    (amina if by_whom == "amina" else theirs).post(f"{ADDRESS}{id}/end/")
    assert theirs.get("/find/n1/").status_code == 403


def test_a_third_ends_nothing(amina, substitute):
    hand_on(amina, substitute.username)
    id = delegations_of(substitute.id, on=today()).get().id
    assert confirmed("chen").post(f"{ADDRESS}{id}/end/").status_code == 403
    assert delegations_of(substitute.id, on=today()).exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"to": "nobody-of-that-name"}, "Type the name that somebody signs in with"),
        ({"assignment": "0"}, "Choose one of your roles"),
        ({"until": "soon"}, "Enter a day"),
        ({"area": "s1"}, "no area"),
        ({"until": 31}, "31 days at most"),
        ({"to": "emre"}, "are not held by the same person"),
        ({"to": "amina"}, "must be somebody else"),
    ],
)
def test_what_cannot_be_handed_on_is_said_beside_the_form(amina, substitute, changed, words):
    answer = hand_on(amina, substitute.username, **changed)
    assert answer.status_code == 400
    assert words in pages.text(answer)
    assert not Delegation.objects.filter(to=substitute).exists()


def test_whoever_holds_nothing_that_can_be_handed_on_is_told_so(database):
    assert "None of your roles can be handed" in pages.text(confirmed("ines").get(ADDRESS))


def test_an_administrator_sees_substitutes_and_ends_them(amina, substitute):
    hand_on(amina, substitute.username)
    hana, of = signed_in("hana"), f"/officers/{substitute.id}/"
    assert "Amina" in pages.text(hana.get(of))
    id = delegations_of(substitute.id, on=today()).get().id
    assert hana.post(f"{of}substitutes/{id}/end/")["Location"] == of
    assert not actor_of(substitute, on=today()).has(Permission.FIND)


def test_accounts_are_said_to_be_one_persons_and_parted_on_the_officers_page(substitute, database):
    hana, of = signed_in("hana"), f"/officers/{substitute.id}/"
    assert hana.post(f"{of}bind/", {"username": "chen"})["Location"] == of
    chen = account_named("chen")
    assert is_same_human(actor_of(chen, on=today()), substitute.id)
    page = hana.get(of)
    pages.assert_is_whole(page)
    assert "Chen" in pages.text(page)
    assert hana.post(f"{of}part/")["Location"] == of
    assert not is_same_human(actor_of(chen, on=today()), substitute.id)


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("", "Type the name that another account signs in with"),
        ("nobody-of-that-name", "Type the name that another account signs in with"),
        ("hana", "This is your own account"),
    ],
)
def test_what_cannot_be_bound_is_said_beside_the_form(substitute, username, words):
    answer = signed_in("hana").post(f"/officers/{substitute.id}/bind/", {"username": username})
    assert answer.status_code == 400
    assert words in pages.text(answer)
