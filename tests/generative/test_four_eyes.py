"""Runs, rules, agreements and roles, by people with several accounts, in any order: nobody checks their own work (B6).

Who is whose account is kept a second time here, as a plain table. AMPARO_FOUR_EYES says how many sequences are tried.
"""

import os
from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes import actions as programmes
from amparo.trust.actions import accounts, grant_role, open_account
from amparo.trust.actions.agreeing import amend_agreement, draft_agreement, sign_agreement
from amparo.trust.actions.humans import bind_accounts, part_account
from amparo.trust.context import acting
from amparo.trust.types import Actor, ActorKind, Grant, Permission, Role, Scope, ScopeKind, Side, system
from tests.lib import agreeing, country
from tests.unit.programmes.country import POOR_HOME, installed

SEQUENCES = int(os.environ.get("AMPARO_FOUR_EYES", "60"))
OPERATOR, FIRST = system("test"), date(2040, 1, 1)
NAMES = ("a", "b", "c", "d", "e")
# What the product says where one human being would check their own work.
OWN_WORK = {
    "programmes-approver-is-planner",
    "programmes-publisher-is-author",
    "trust-agreement-own-draft",
    "trust-agreement-one-signer",
    "trust-role-confirmed-by-giver",
    "trust-own-account",
}
CHECKING = (
    Permission.APPROVE_RUN,
    Permission.PUBLISH_RULE,
    Permission.SIGN_AGREEMENT,
    Permission.OPEN_ACCOUNTS,
)
WHO = st.sampled_from(NAMES)
ALL_ROLES = tuple(Grant(role, Scope(ScopeKind.NATIONAL)) for role in Role)


@pytest.fixture(scope="module")
def opened(database) -> dict[str, UUID]:
    """Five accounts; what each may do is given to the actor, since four eyes are asked for beside every permission."""
    installed(POOR_HOME)
    agreeing.install()
    return {name: open_account(f"eyes-{name}", country.PASSWORD, display_name=name, by=OPERATOR).id for name in NAMES}


class Office(RuleBasedStateMachine):
    """An office in which everybody may do everything, but for their own work."""

    opened: dict[str, UUID]
    met: Counter[tuple[Permission, bool]]  # permission, whether it was one's own work → how often
    runs, drafts, agreements, given = Bundle("runs"), Bundle("drafts"), Bundle("agreements"), Bundle("given")

    @initialize(bound=st.sampled_from([(), ("a", "b"), ("d", "e")]))
    def begin(self, bound: tuple[str, ...]) -> None:
        self.everything = transaction.atomic()
        self.everything.__enter__()
        self.human = {name: name for name in NAMES}
        self.number = 0
        if bound:
            self.bind(*bound)

    def teardown(self) -> None:
        if hasattr(self, "everything"):
            transaction.set_rollback(True)
            self.everything.__exit__(None, None, None)

    def actor(self, name: str) -> Actor:
        return Actor(self.opened[name], ActorKind.OFFICER, ALL_ROLES)

    def tried(self, name: str, permission: Permission, act, *, checked: set[str] = frozenset()) -> object:
        """Do something as somebody; where it was done, it is not the work of the human being who did it."""
        is_own = self.human[name] in {self.human[each] for each in checked}
        made, refusal = None, ""
        try:
            with transaction.atomic(), acting(self.actor(name).narrowed(permission)) as by:
                made = act(by)
        except Refused as refused:
            refusal = refused.message.id
        assert is_own or refusal not in OWN_WORK, f"{name} was taken for the maker: {refusal}"
        assert refusal or not is_own, f"{name} checked the work of {checked}"
        if checked and (made or refusal in OWN_WORK):
            self.met[permission, is_own] += 1
        return made

    @rule(one=WHO, other=WHO)
    def bind(self, one: str, other: str) -> None:
        if self.human[one] == self.human[other]:
            return
        bind_accounts(self.opened[one], self.opened[other], by=OPERATOR, on=FIRST)
        was = self.human[other]
        self.human = {name: self.human[one] if human == was else human for name, human in self.human.items()}

    @rule(one=WHO)
    def part(self, one: str) -> None:
        if list(self.human.values()).count(self.human[one]) == 1:
            return
        part_account(self.opened[one], by=OPERATOR)
        self.number += 1
        self.human[one] = f"another-{self.number}"

    @rule(target=runs, who=WHO)
    def plan(self, who: str) -> tuple[UUID, str]:
        made = self.tried(
            who,
            Permission.DETERMINE,
            lambda by: programmes.plan(on=clock.today(), by=by, under=country.GROUND),
        )
        with acting(OPERATOR), connection.cursor() as cursor:
            cursor.execute("UPDATE programmes_determination SET previewed_at = now() WHERE id = %s", [made.id])
        return made.id, who

    @rule(run=runs, who=WHO)
    def approve(self, run: tuple[UUID, str], who: str) -> None:
        self.tried(who, Permission.APPROVE_RUN, lambda by: programmes.approve(run[0], by=by), checked={run[1]})

    @rule(target=drafts, who=WHO)
    def write(self, who: str) -> tuple[UUID, str, str]:
        self.number += 1
        said = {"rule": f"household.size >= {self.number}", "amount": ""}
        made = self.tried(
            who,
            Permission.AUTHOR_RULE,
            lambda by: programmes.propose_draft(
                programmes.write_draft("rule", "poor_home", starts_on=FIRST, law="l", content=said, by=by).id,
                by=by,
                prove=lambda *_: None,
            ),
        )
        return made.id, who, made.digest

    @rule(draft=drafts, who=WHO)
    def publish(self, draft: tuple[UUID, str, str], who: str) -> None:
        id, writer, digest = draft
        self.tried(
            who,
            Permission.PUBLISH_RULE,
            lambda by: programmes.publish_draft(id, by=by, seen=digest, prove=lambda *_: None),
            checked={writer},
        )

    @rule(target=agreements, who=WHO)
    def agree(self, who: str) -> tuple[UUID, set[str], set[str]]:
        self.number += 1
        code = f"flow_{self.number}"
        made = self.tried(who, Permission.DRAFT_AGREEMENT, lambda by: draft_agreement(code, agreeing.TERMS, by=by))
        return made.id, {who}, set()

    @rule(agreement=agreements, who=WHO)
    def amend(self, agreement: tuple[UUID, set[str], set[str]], who: str) -> None:
        id, drafted, _ = agreement
        if self.tried(who, Permission.DRAFT_AGREEMENT, lambda by: amend_agreement(id, agreeing.TERMS, by=by)):
            drafted.add(who)

    @rule(agreement=agreements, who=WHO, side=st.sampled_from(Side))
    def sign(self, agreement: tuple[UUID, set[str], set[str]], who: str, side: Side) -> None:
        id, drafted, signed = agreement
        self.number += 1
        signatory = replace(agreeing.SIGNATORIES[side], name=f"Signatory {self.number}")
        if self.tried(
            who,
            Permission.SIGN_AGREEMENT,
            lambda by: sign_agreement(id, side, signatory, by=by, on=clock.today()),
            checked=drafted | signed,
        ):
            signed.add(who)

    @rule(target=given, who=WHO, whom=WHO)
    def give(self, who: str, whom: str) -> tuple[int | None, set[str]]:
        made = self.tried(
            who,
            Permission.OPEN_ACCOUNTS,
            lambda by: grant_role(self.opened[whom], Role.PUBLISHER, area_code=None, by=by, on=FIRST),
            checked={whom},
        )
        return (made.id if made else None), {who, whom}

    @rule(role=given, who=WHO)
    def confirm(self, role: tuple[int | None, set[str]], who: str) -> None:
        id, checked = role
        if id is not None:
            self.tried(who, Permission.OPEN_ACCOUNTS, lambda by: accounts.confirm_role(id, by=by), checked=checked)


def test_whatever_an_office_does_nobody_checks_their_own_work(opened):
    Office.opened, Office.met = opened, Counter()
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(
        {f"{permission.value}, {'own' if is_own else 'another'}": n for (permission, is_own), n in Office.met.items()}
    )
    # A few sequences meet each kind of check; only many meet each as one's own and as another's too.
    assert {is_own for _, is_own in Office.met} == {True, False}
    if SEQUENCES >= 1_000:
        assert set(Office.met) == {(each, is_own) for each in CHECKING for is_own in (True, False)}
