"""What a job or command was declared for, it may do; all else is refused, to the system too."""

import pytest

from amparo.kernel.errors import NotPermitted
from amparo.trust.types import Actor, ActorKind, Grant, Permission, Role, Scope, ScopeKind, system
from amparo.trust.types.charged import charged, charged_with, only_what_is_declared

BY = system("test")
NATION = Scope(ScopeKind.NATIONAL)
KEEPER = Actor(BY.id, ActorKind.OFFICER, (Grant(Role.REGISTRY_MANAGER, NATION),))


def refusal_of(act) -> str:
    with pytest.raises(NotPermitted) as refused:
        act()
    return refused.value.message.id


@pytest.mark.parametrize("by", [BY, KEEPER])
def test_nobody_acts_under_what_was_not_declared(by):
    with charged_with(Permission.DELIVER):
        assert by.narrowed(Permission.DELIVER).scope.is_of_nation
        assert not by.has(Permission.DETERMINE)
        assert refusal_of(lambda: by.narrowed(Permission.DETERMINE)) == "trust-not-charged"
    assert by.narrowed(Permission.DETERMINE).scope.is_of_nation


def test_to_be_declared_gives_nothing_that_one_does_not_hold():
    with charged_with(Permission.READ_AUDIT):
        assert refusal_of(lambda: KEEPER.narrowed(Permission.READ_AUDIT)) == "trust-not-permitted"


def test_what_is_declared_for_nothing_reaches_nobody():
    with charged_with():
        assert refusal_of(lambda: BY.scope) == "trust-charged-with-nothing"


def test_a_declaration_holds_for_the_call_and_ends_with_it_also_where_it_fails():
    @charged(Permission.FIND)
    def fails() -> None:
        assert BY.has(Permission.FIND)
        assert not BY.has(Permission.DELIVER)
        raise ValueError

    assert fails.permissions == {Permission.FIND}
    with pytest.raises(ValueError):
        fails()
    assert BY.has(Permission.DELIVER)


def test_an_undeclared_job_runs_with_nothing_and_a_declared_one_with_its_own():
    declared = charged(Permission.FIND)(lambda: BY.has(Permission.FIND))
    assert only_what_is_declared(lambda: BY.has(Permission.FIND), None, None) is False
    assert only_what_is_declared(declared, None, None) is True
