"""How a person gets an account: by a slip from the office and an answer of their own, and never by a number alone (A2, A4)."""

from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry.queries import answers_of
from amparo.trust.actions import grant_role
from amparo.trust.actions.inviting import (
    Proof,
    accept_with_identity,
    accept_with_password,
    invite,
)
from amparo.trust.context import acting
from amparo.trust.identity.invitations import expect_invited, slip
from amparo.trust.models import Account, Identity
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import ActorKind, Permission, Role, system
from tests.lib import country, kin

BY, PASSWORD = system("invitation"), "a long enough sentence"


@pytest.fixture(scope="module")
def people(empty_database):
    found = kin.install()
    for place, name in enumerate(("Dalia", "Dario", "Salma")):
        kin.number(found[name], f"1234567890{place}")
    return found


def invited(person, *, by: str = "amina") -> tuple[str, list[str]]:
    """Have somebody invited; return the code, and what opens with it."""
    who = getattr(country.cast(), by).narrowed(Permission.INVITE_CITIZEN)
    with acting(who):
        details = answers_of(person, by=who)
        return invite(person, details=details, proof=Proof("passport"), by=who, under=country.GROUND), details


def tried(code: str, detail: str) -> bool:
    try:
        expect_invited(code, slip(code, detail), address="")
    except Refused:
        return False
    return True


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch):
    """Here it is counted what a slip bears; how long one waits between guesses is tested where guesses are."""
    monkeypatch.setattr("amparo.trust.identity.guessing.wait_after", lambda failures: timedelta())


def test_birth_date_or_number_opens_with_the_code_and_neither_alone(people):
    code, details = invited(people["Dalia"])
    assert len(details) == 2
    assert [tried(code, each) for each in details] == [True, True]
    assert not tried(code, "")
    assert not tried("abcd-efgh-jkmn", details[0])
    assert tried(code.upper().replace("-", " "), details[1])


def test_after_five_wrong_answers_a_slip_opens_nothing(people):
    code, details = invited(people["Dario"])
    assert [tried(code, f"19{year}-01-01") for year in range(50, 55)] == [False] * 5
    assert not tried(code, details[0])


def test_a_slip_opens_one_account_once(people):
    code, details = invited(people["Salma"])
    account = accept_with_password(slip(code, details[0]), "salma", PASSWORD, by=BY)
    actor = actor_of(account, on=clock.today())
    assert (actor.kind, actor.person, actor.grants) == (ActorKind.CITIZEN, people["Salma"], ())
    assert not tried(code, details[0])
    with pytest.raises(ProgrammingError, match="no such invitation"):
        accept_with_password(slip(code, details[0]), "salma2", PASSWORD, by=BY)
    assert not Account.objects.filter(username="salma2").exists()


def test_a_new_slip_ends_the_one_before_and_a_new_account_the_one_before(people):
    first, details = invited(people["Zaki"])
    second, _ = invited(people["Zaki"])
    assert not tried(first, details[0])
    former = accept_with_password(slip(second, details[0]), "zaki", PASSWORD, by=BY)
    third, _ = invited(people["Zaki"])
    now = accept_with_password(slip(third, details[0]), "zaki-anew", PASSWORD, by=BY)
    assert not account_named("zaki").is_active
    assert actor_of(account_named("zaki"), on=clock.today()).person is None
    assert actor_of(now, on=clock.today()).person == people["Zaki"]
    assert former.id != now.id


def test_a_slip_ends_after_its_days(people):
    code, details = invited(people["Vito"], by="chen")
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE trust_invitation SET until = now() WHERE person_id = %s", [people["Vito"]])
    assert not tried(code, details[0])


def test_whoever_has_the_state_s_own_proof_enters_by_it_and_by_nothing_else(people):
    code, details = invited(people["Hoda"])
    account = accept_with_identity(slip(code, details[0]), "https://id.example", "hoda-1", by=BY)
    assert not account.has_usable_password()
    assert Identity.objects.get(subject="hoda-1").account_id == account.id
    assert actor_of(account, on=clock.today()).person == people["Hoda"]
    code, details = invited(people["Zaki"])
    with pytest.raises(Refused, match="trust-identity-linked"):
        accept_with_identity(slip(code, details[0]), "https://id.example", "hoda-1", by=BY)


def test_nobody_is_invited_of_whom_nothing_is_known_that_they_alone_would_answer(people):
    who = country.cast().ines.narrowed(Permission.INVITE_CITIZEN)
    with acting(who):
        for details, proof, refusal in (
            ([], "passport", "no-detail"),
            ([" "], "passport", "no-detail"),
            (["x"], "", "proof"),
        ):
            with pytest.raises(Refused, match=refusal):
                invite(people["Vito"], details=details, proof=Proof(proof), by=who, under=country.GROUND)


def test_an_officer_invites_in_their_own_areas_only_both_gates_alone(people, monkeypatch):
    """Chen works in the south; Dalia lives in the north."""
    chen = country.cast().chen.narrowed(Permission.INVITE_CITIZEN)
    given = {"details": ["1986-01-01"], "proof": Proof("passport"), "under": country.GROUND}
    with acting(chen), pytest.raises(NotFound):
        invite(people["Dalia"], by=chen, **given)
    with monkeypatch.context() as without:
        without.setattr("amparo.trust.actions.inviting.expect_reached", lambda person, by: None)
        with acting(chen), pytest.raises(ProgrammingError, match="row-level security"):
            invite(people["Dalia"], by=chen, **given)
    nation = country.cast().ines.narrowed(Permission.INVITE_CITIZEN)
    with acting(nation), pytest.raises(NotFound), transaction.atomic():
        invite(people["Dalia"], by=chen, **given)
    with pytest.raises(NotPermitted):
        invite(people["Dalia"], by=country.cast().emre, **given)


def test_no_account_is_an_officer_s_and_a_citizen_s(people):
    code, details = invited(people["Karim"], by="chen")
    account = accept_with_password(slip(code, details[0]), "karim", PASSWORD, by=BY)
    with pytest.raises(Refused, match="trust-account-of-citizen"):
        grant_role(account.id, Role.OFFICER, area_code="north", by=system("test"), on=clock.today())
    insert = (
        "INSERT INTO trust_roleassignment (account_id, role, programme, starts_on, is_confirmed)"
        " VALUES (%s, 'auditor', '', now(), true)"
    )
    with pytest.raises(ProgrammingError, match=r"officer.*s or a citizen"), connections["owner"].cursor() as cursor:
        cursor.execute(insert, [account.id])
    code, details = invited(people["Karim"], by="chen")
    given = slip(code, details[0])
    with pytest.raises(ProgrammingError, match="officer"), connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT person FROM amparo_bind_citizen(%s, %s, %s)",
            [given.code_digest, given.detail_digest, country.cast().emre.id],
        )


def test_a_weak_password_opens_nothing_and_leaves_the_slip_good(people):
    code, details = invited(people["Dalia"])
    with pytest.raises(Refused, match="trust-password-weak"):
        accept_with_password(slip(code, details[0]), "dalia", "short", by=BY)
    assert tried(code, details[0])


def test_what_is_kept_of_a_slip_is_neither_code_nor_answer(people):
    code, details = invited(people["Dalia"])
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT string_agg(i::text, ' ') FROM trust_invitation i")
        (kept,) = cursor.fetchone()
        cursor.execute("SELECT string_agg(details::text, ' ') FROM trust_audit WHERE event LIKE 'citizen-%%'")
        (logged,) = cursor.fetchone()
    for secret in (code, code.replace("-", ""), *details):
        assert secret not in kept
        assert secret not in logged


def test_the_web_s_own_login_cannot_read_invitations_or_bind_an_account_by_itself(people):
    with connections["default"].cursor() as cursor:
        for asked in (
            "SELECT * FROM trust_invitation",
            "INSERT INTO trust_citizen VALUES (gen_random_uuid(), gen_random_uuid(), now())",
            "DELETE FROM trust_citizen",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                cursor.execute(asked)
