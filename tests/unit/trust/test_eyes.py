"""Two accounts of one human being are one pair of eyes, to the product and, beside it, to the database."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import actions as programmes
from amparo.programmes.actions import planning
from amparo.trust.actions import accounts, grant_role, open_account
from amparo.trust.actions.humans import bind_accounts, part_account
from amparo.trust.context import acting
from amparo.trust.eyes import accounts_of_same, humans, is_same_human
from amparo.trust.queries import account_with_id, actor_of, roles_of
from amparo.trust.types import SYSTEM_ID, Actor, Permission, Role, system
from tests.lib import country
from tests.unit.programmes.country import POOR_HOME, installed

BY, FIRST = system("test"), date(2020, 1, 1)


@pytest.fixture(scope="module")
def prepared(database) -> None:
    installed(POOR_HOME)


@pytest.fixture(autouse=True)
def undone(prepared) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def opened(name: str, *roles: Role) -> UUID:
    account = open_account(name, country.PASSWORD, display_name=name, by=BY)
    for role in roles:
        grant_role(account.id, role, area_code=None, by=BY, on=FIRST)
    return account.id


def actor(id: UUID) -> Actor:
    return actor_of(account_with_id(id), on=clock.today())


def bound(one: UUID, other: UUID) -> None:
    bind_accounts(one, other, by=BY, on=clock.today())


def refusal_of(act) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act()
    return refused.value.message.id


def test_who_is_bound_is_one_through_all_that_either_was_bound_to_and_nobody_else_is():
    a, b, c, d = (opened(name) for name in "abcd")
    bound(a, b)
    bound(c, b)
    assert {each.id for each in accounts_of_same(b)} == {a, b, c}
    assert is_same_human(actor(a), d, c)
    assert not is_same_human(actor(a), d, None, SYSTEM_ID, uuid4())
    part_account(a, by=BY)
    assert not is_same_human(actor(a), b, c)
    assert is_same_human(actor(b), c)


def test_what_is_no_account_is_a_human_of_its_own():
    gone = uuid4()
    assert humans([gone, SYSTEM_ID]) == {gone: gone, SYSTEM_ID: SYSTEM_ID}


def planned(by: UUID) -> UUID:
    with acting(actor(by).narrowed(Permission.DETERMINE)) as who, connection.cursor() as cursor:
        run = programmes.plan(on=clock.today(), by=who, under=country.GROUND).id
        cursor.execute("UPDATE programmes_determination SET previewed_at = now() WHERE id = %s", [run])
    return run


def approve(run: UUID, by: UUID) -> None:
    with acting(actor(by).narrowed(Permission.APPROVE_RUN)) as who:
        programmes.approve(run, by=who)


def test_who_planned_a_run_does_not_approve_it_from_another_account():
    one, other, third = (opened(name, Role.REGISTRY_MANAGER) for name in ("one", "other", "third"))
    bound(one, other)
    run = planned(one)
    assert refusal_of(lambda: approve(run, other)) == "programmes-approver-is-planner"
    approve(run, third)


def test_the_database_refuses_it_too_where_the_product_forgets(monkeypatch):
    one, other = (opened(name, Role.REGISTRY_MANAGER) for name in ("one", "other"))
    bound(one, other)
    run = planned(one)
    monkeypatch.setattr(planning, "is_same_human", lambda *_: False)
    with pytest.raises(DatabaseError, match="one human being"), transaction.atomic():
        approve(run, other)


def test_a_role_is_not_confirmed_from_another_account_of_whoever_gave_it_or_holds_it():
    giver, giver_too, holder, holder_too, third = (opened(name) for name in ("g", "g2", "h", "h2", "t"))
    bound(giver, giver_too)
    bound(holder, holder_too)
    given = grant_role(holder, Role.PUBLISHER, area_code=None, by=actor(giver), on=FIRST).id
    for each in (giver_too, holder, holder_too):
        assert refusal_of(lambda by=each: accounts.confirm_role(given, by=actor(by))) == "trust-role-confirmed-by-giver"
    accounts.confirm_role(given, by=actor(third))


def test_nobody_does_to_an_account_of_their_own_what_another_must():
    one, other = opened("one"), opened("other")
    bound(one, other)
    by = actor(one)
    for act in (
        lambda: grant_role(other, Role.AUTHOR, area_code=None, by=by, on=FIRST),
        lambda: accounts.give_password(other, by=by),
        lambda: accounts.close_account(other, by=by, on=FIRST),
        lambda: part_account(other, by=by),
        lambda: bind_accounts(other, opened("x"), by=by, on=FIRST),
    ):
        assert refusal_of(act) == "trust-own-account"


def test_roles_that_stand_apart_do_so_over_all_accounts_of_one_human():
    watching, working = opened("watching", Role.AUDITOR), opened("working", Role.AUTHOR)
    assert refusal_of(lambda: bound(watching, working)) == "trust-roles-apart"
    free = opened("free")
    bound(free, working)
    assert refusal_of(lambda: grant_role(free, Role.AUDITOR, area_code=None, by=BY, on=FIRST)) == "trust-roles-apart"


def test_what_was_parted_by_one_alone_holds_no_power_before_a_second_confirms_it():
    one, other, administrator = opened("one", Role.PUBLISHER), opened("other"), opened("a", Role.ADMINISTRATOR)
    bound(one, other)
    part_account(one, by=actor(administrator))
    assert [each.is_confirmed for each in roles_of(one, on=clock.today())] == [False]


@pytest.mark.parametrize("twice", [True, False])
def test_only_what_is_not_bound_is_bound_and_only_what_is_bound_is_parted(twice):
    one, other = opened("one"), opened("other")
    if twice:
        bound(one, other)
        assert refusal_of(lambda: bound(other, one)) == "trust-accounts-bound-already"
    else:
        assert refusal_of(lambda: part_account(one, by=BY)) == "trust-accounts-not-bound"
