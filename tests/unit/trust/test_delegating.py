"""A substitute holds for some days what was handed to them: never more, never further, and not a day longer."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from amparo.kernel.errors import Refused
from amparo.trust.actions import accounts, grant_role, open_account
from amparo.trust.actions.delegating import delegate, end_delegation
from amparo.trust.actions.humans import bind_accounts
from amparo.trust.models import Audit
from amparo.trust.queries import account_named, account_with_id, actor_of, area, delegations_of, roles_of
from amparo.trust.types import Actor, Permission, Role, ScopeKind, system
from tests.lib import country
from tests.lib.days import today

BY = system("test")


def week() -> date:
    """The last of seven days that begin today."""
    return today() + timedelta(days=6)


@pytest.fixture(autouse=True)
def undone(database) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def opened(name: str = "substitute") -> UUID:
    return open_account(name, country.PASSWORD, display_name=name, by=BY).id


def who(name: str) -> UUID:
    return account_named(name).id


def actor(id: UUID, *, on: date | None = None) -> Actor:
    return actor_of(account_with_id(id), on=on or today())


def assignment(name: str) -> int:
    return roles_of(who(name), on=today()).get().id


def handed_on(
    to: UUID, *, of: str = "amina", on: date | None = None, until: date | None = None, area_code: str | None = None
) -> int:
    days = {"on": on or today(), "until": until or week()}
    return delegate(assignment(of), to, by=actor(who(of)), area_code=area_code, **days).id


def reach(id: UUID, *, on: date | None = None, permission: Permission = Permission.FIND) -> set[str]:
    """Return the villages that an account reaches on a day under a permission."""
    by = actor(id, on=on)
    if not by.has(permission):
        return set()
    scope = by.narrowed(permission).scope
    return {code for code in ("n1", "n2", "s1", "s2") if scope.covers(area(code).number)}


def refusal_of(act) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act()
    return refused.value.message.id


def test_a_substitute_reaches_what_was_handed_on_on_those_days_and_nothing_else():
    to = opened()
    handed_on(to, on=today() + timedelta(days=1))
    days = {number: reach(to, on=today() + timedelta(days=number)) for number in (0, 1, 6, 7)}
    assert days == {0: set(), 1: {"n1", "n2"}, 6: {"n1", "n2"}, 7: set()}
    assert not actor(to, on=week()).has(Permission.REVIEW_DECISION)


def test_a_part_of_an_area_may_be_handed_on_and_no_other_area():
    to = opened()
    handed_on(to, area_code="n2")
    assert reach(to) == {"n2"}
    for outside in ("s1", "land"):
        assert refusal_of(lambda code=outside: handed_on(to, area_code=code)) == "trust-area-unknown"


def test_what_was_handed_on_is_handed_no_further():
    to, third = opened(), opened("third")
    handed_on(to)
    by = actor(to)
    assert (
        refusal_of(lambda: delegate(assignment("amina"), third, by=by, on=today(), until=week()))
        == "trust-role-not-held"
    )


def end_of_role() -> None:
    accounts.end_role(assignment("amina"), by=BY, on=today())


def close_giver() -> None:
    accounts.close_account(who("amina"), by=BY, on=today())


def take_back() -> None:
    end_delegation(delegations_of(who("amina"), on=today()).get().id, by=actor(who("amina")))


def give_back() -> None:
    end_delegation(delegations_of(who("amina"), on=today()).get().id, by=actor(who("amina_s_substitute")))


def as_administrator() -> None:
    end_delegation(delegations_of(who("amina"), on=today()).get().id, by=actor(who("hana")))


@pytest.mark.parametrize("ending", [end_of_role, close_giver, take_back, give_back, as_administrator])
def test_it_ends_with_the_role_with_the_account_and_when_either_of_the_two_or_an_administrator_ends_it(ending):
    to = opened("amina_s_substitute")
    handed_on(to)
    assert reach(to)
    ending()
    assert reach(to) == set()


def test_nobody_else_ends_it():
    handed_on(opened())
    id = delegations_of(who("amina"), on=today()).get().id
    assert refusal_of(lambda: end_delegation(id, by=actor(who("chen")))) == "trust-not-permitted"


def test_a_substitute_is_somebody_else_who_works_here():
    mine, closed = opened("mine"), opened("closed")
    bind_accounts(mine, who("amina"), by=BY, on=today())
    accounts.close_account(closed, by=BY, on=today())
    for each in (who("amina"), mine, closed):
        assert refusal_of(lambda to=each: handed_on(to)) == "trust-delegation-to-nobody-else"


def test_a_powerful_role_is_handed_to_nobody():
    assert refusal_of(lambda: handed_on(opened(), of="ines")) == "trust-delegation-powerful"


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (2, 1), (0, 31)])
def test_days_begin_today_or_later_and_are_a_month_at_most(first, last):
    days = {"on": today() + timedelta(days=first), "until": today() + timedelta(days=last)}
    assert refusal_of(lambda: handed_on(opened(), **days)) == "trust-delegation-days"


def test_the_database_holds_to_a_month_by_itself():
    id = handed_on(opened())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE trust_delegation SET ends_on = starts_on + 31 WHERE id = %s", [id])


def test_nobody_hands_on_a_role_for_longer_than_they_hold_it():
    giver, to = opened("giver"), opened()
    held = grant_role(giver, Role.OFFICER, area_code="north", by=BY, on=today(), until=today() + timedelta(days=2)).id
    by = actor(giver)
    assert refusal_of(lambda: delegate(held, to, by=by, on=today(), until=week())) == "trust-delegation-longer"
    assert delegate(held, to, by=by, on=today(), until=today() + timedelta(days=2)).id


def test_roles_that_stand_apart_do_so_when_one_was_handed_on():
    assert refusal_of(lambda: handed_on(who("emre"))) == "trust-roles-apart"
    to = opened()
    handed_on(to)
    assert refusal_of(lambda: grant_role(to, Role.AUDITOR, area_code=None, by=BY, on=today())) == "trust-roles-apart"
    grant_role(to, Role.AUDITOR, area_code=None, by=BY, on=week() + timedelta(days=1))


def test_handing_on_and_ending_it_are_on_record():
    to = opened()
    end_delegation(handed_on(to, area_code="n1"), by=actor(to))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_national")
    rows = list(Audit.objects.filter(about_id=str(to)).order_by("at").values_list("event", "by_id", "details"))
    assert rows[-2:] == [
        (
            "role-delegated",
            who("amina"),
            {"role": "officer", "area": "n1", "from": today().isoformat(), "until": week().isoformat()},
        ),
        ("delegation-ended", to, {"role": "officer"}),
    ]


def test_a_role_handed_on_reaches_by_the_same_kind_of_scope():
    to = opened()
    handed_on(to)
    assert {each.scope.kind for each in actor(to).grants} == {ScopeKind.AREA}
