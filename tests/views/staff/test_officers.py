"""Accounts and roles as an administrator gives and takes them (A7, B6)."""

import re
from datetime import date, timedelta

import pytest
from django.db import connections
from django.test import Client

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.kernel.ids import uuid7
from amparo.registry.actions import end_protection, protect
from amparo.trust import queries
from amparo.trust.actions import accounts, grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.keys.encryption import blind_index, encrypt
from amparo.trust.keys.keyring import keyring, sealing
from amparo.trust.models import RoleAssignment
from amparo.trust.queries import account_named, actor_of
from amparo.trust.queries import accounts as listed
from amparo.trust.types import APART, OF_AREAS, POWERFUL, SCOPE_KIND, Permission, Role, ScopeKind, stand_apart, system
from tests.lib import pages
from tests.lib.country import GROUND, cast, household
from tests.unit.programmes.country import POOR_HOME, installed
from tests.views.conftest import signed_in

OPERATOR = system("test")
PASSWORD = "staple battery horse"


@pytest.fixture(scope="module")
def programme(database) -> None:
    installed(POOR_HOME)


@pytest.fixture
def hana(database, programme) -> Client:
    """Administrator, in a country with a programme."""
    return signed_in("hana")


@pytest.fixture
def account(database, request):
    return open_account(request.node.name[:150], PASSWORD, display_name="Guest", by=OPERATOR)


@pytest.fixture
def second(database, request) -> Client:
    """Another administrator."""
    name = f"second-{request.node.name}"[:150]
    made = open_account(name, PASSWORD, display_name="Second", by=OPERATOR)
    grant_role(made.id, Role.ADMINISTRATOR, area_code=None, by=OPERATOR, on=clock.today())
    return signed_in(name)


def address(account, *more: object) -> str:
    return "/".join(map(str, ("/officers", account.id, *more))) + "/"


def give(browser: Client, account, role: Role, area: str = "", **more: str):
    """Give a role on the page, where it needs one in the north or for the programme."""
    kind = SCOPE_KIND[role]
    area = area or ("north" if kind in OF_AREAS else "")
    programme = "poor_home" if kind is ScopeKind.PROGRAMME else ""
    typed = {"role": role.value, "area": area, "programme": programme, "on": clock.today().isoformat()}
    return browser.post(address(account, "role"), typed | more)


def holds(account) -> set[Role]:
    return {each.role for each in actor_of(account, on=clock.today()).grants}


def test_the_pages_work_without_javascript(hana, account):
    for each in ("/officers/", "/officers/open/", address(account), "/officers/?asked=ami"):
        pages.assert_is_whole(hana.get(each))


def test_nobody_else_opens_them(amina, emre, nobody):
    for each in (amina, emre):
        pages.assert_refused(each.get("/officers/"), 403)
    pages.assert_leads_to_sign_in(nobody, "/officers/")


def test_an_old_factor_opens_nothing(account):
    browser = signed_in("hana", factor=False)
    assert browser.get("/officers/")["Location"].startswith("/account/confirm/")
    assert give(browser, account, Role.ANALYST)["Location"].startswith("/account/confirm/")
    assert holds(account) == set()


def test_accounts_are_found_by_a_part_of_the_name(hana):
    said = pages.text(hana.get("/officers/?asked=AMI"))
    assert "amina" in said
    assert "bruno" not in said
    assert "No account has such a name" in pages.text(hana.get("/officers/?asked=xyzzy"))


def test_an_opened_account_signs_in_with_what_was_handed_over_and_chooses_its_own(hana):
    shown = hana.post("/officers/open/", {"display_name": "Nour", "username": "nour"})
    password = re.search(r'class="amparo-secret"[^>]*>([a-z0-9-]+)<', shown.content.decode())[1]
    assert shown["Cache-Control"].count("no-store")
    browser = Client()
    assert browser.post("/account/sign-in/", {"login": "nour", "password": password}).status_code == 302
    assert browser.get("/")["Location"].startswith("/account/password/")
    assert holds(account_named("nour")) == set()


def test_what_was_handed_over_holds_for_three_days(account):
    given = accounts.give_password(account.id, by=OPERATOR)
    typed = {"login": account.username, "password": given}
    with clock.fixed(clock.now() + timedelta(days=2, hours=23)):
        assert Client().post("/account/sign-in/", typed).status_code == 302
    with clock.fixed(clock.now() + timedelta(days=3, minutes=1)):
        assert Client().post("/account/sign-in/", typed).status_code == 400


def test_bad_input_is_asked_for_again(hana, account):
    pages.assert_asked_again(hana.post("/officers/open/", {"username": "a b"}), "id_display_name", "id_username")
    taken = hana.post("/officers/open/", {"display_name": "Amina", "username": "AMINA"})
    pages.assert_refused(taken, 400)
    wrong = hana.post(address(account, "role"), {"role": "officer", "area": "nowhere", "on": "soon"})
    pages.assert_asked_again(wrong, "id_area", "id_on")
    pages.assert_asked_again(hana.post(address(account, "role"), {"role": "king"}), "id_role", "id_on")
    pages.assert_refused(hana.get("/officers/00000000-0000-7000-8000-000000000009/"), 404)


def test_a_role_is_given_over_an_area_and_ended(hana, account):
    assert give(hana, account, Role.OFFICER, "north").status_code == 302
    assert holds(account) == {Role.OFFICER}
    held = RoleAssignment.objects.get(account=account)
    assert hana.post(address(account, "role", held.id, "end")).status_code == 302
    assert holds(account) == set()


def test_a_role_is_held_from_its_first_day_to_its_last(account):
    on, until = date(2030, 5, 1), date(2030, 5, 31)
    grant_role(account.id, Role.OFFICER, area_code="north", by=OPERATOR, on=on, until=until)
    day = timedelta(days=1)
    held = {each: bool(actor_of(account, on=each).grants) for each in (on - day, on, until, until + day)}
    assert list(held.values()) == [False, True, True, False]
    with pytest.raises(Refused, match="trust-role-ends-before"):
        grant_role(account.id, Role.OFFICER, area_code="north", by=OPERATOR, on=until, until=on)


def test_nobody_gives_a_role_to_themselves(hana):
    own = account_named("hana")
    response = give(hana, own, Role.REGISTRY_MANAGER)
    pages.assert_refused(response, 400)
    assert holds(own) == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("act", ["password", "factors", "close"])
def test_what_an_administrator_does_to_accounts_another_does_to_theirs(hana, act):
    pages.assert_refused(hana.post(address(account_named("hana"), act)), 400)


@pytest.mark.parametrize("role", sorted(POWERFUL))
def test_a_powerful_role_takes_two(hana, second, account, role):
    assert give(hana, account, role).status_code == 302
    assert holds(account) == set()
    held = RoleAssignment.objects.get(account=account)
    confirm = address(account, "role", held.id, "confirm")
    pages.assert_refused(hana.post(confirm), 400)
    assert holds(account) == set()
    assert second.post(confirm).status_code == 302
    assert holds(account) == {role}
    pages.assert_refused(second.post(confirm), 404)


@pytest.mark.parametrize("act", ["password", "factors"])
def test_whoever_alone_changes_who_can_enter_an_account_takes_no_power_with_it(hana, second, account, act):
    grant_role(account.id, Role.REGISTRY_MANAGER, area_code=None, by=OPERATOR, on=clock.today())
    assert holds(account) == {Role.REGISTRY_MANAGER}
    hana.post(address(account, act))
    assert holds(account) == set()
    confirm = address(account, "role", RoleAssignment.objects.get(account=account).id, "confirm")
    pages.assert_refused(hana.post(confirm), 400)
    assert second.post(confirm).status_code == 302
    assert holds(account) == {Role.REGISTRY_MANAGER}


def test_a_role_of_one_area_is_kept_when_its_holder_gets_a_new_password(hana, account):
    grant_role(account.id, Role.OFFICER, area_code="north", by=OPERATOR, on=clock.today())
    hana.post(address(account, "password"))
    assert holds(account) == {Role.OFFICER}


def test_a_powerful_role_is_not_confirmed_by_whom_it_is_for(hana, second, request):
    whom = account_named(f"second-{request.node.name}"[:150])
    RoleAssignment.objects.create(
        account=whom, role=Role.AUDITOR.value, starts_on=clock.today(), granted_by=whom.id, is_confirmed=False
    )
    held = RoleAssignment.objects.get(account=whom, role=Role.AUDITOR.value)
    with pytest.raises(Refused, match="trust-role-confirmed-by-giver"):
        accounts.confirm_role(held.id, by=actor_of(whom, on=clock.today()))


def test_roles_that_stand_apart_are_not_held_together(account):
    """Every pair of roles, against the rule written by hand: who watches, opens accounts, guards data or people, runs a
    programme, pays or hears appeals holds nothing else."""
    alone = {
        "auditor",
        "administrator",
        "data-protection-officer",
        "protection-officer",
        "programme-manager",
        "payments-officer",
        "payments-approver",
        "appeals-officer",
    }
    harmless = {"analyst"}
    for one in Role:
        for other in Role:
            apart = one != other and bool({one.value, other.value} & alone) and not {one.value, other.value} & harmless
            assert stand_apart(one, other) is apart, (one, other)
    assert APART.keys() == {Role(each) for each in alone}


def test_a_role_that_stands_apart_from_one_held_is_refused(hana, account):
    give(hana, account, Role.OFFICER, "north")
    response = give(hana, account, Role.AUDITOR)
    pages.assert_refused(response, 400)
    assert "Auditor and Officer are not held by the same person" in pages.text(response)


def test_roles_that_stand_apart_may_follow_each_other(account):
    first, then = date(2031, 1, 1), date(2032, 1, 1)
    grant_role(account.id, Role.OFFICER, area_code="north", by=OPERATOR, on=first, until=date(2031, 12, 31))
    grant_role(account.id, Role.AUDITOR, area_code=None, by=OPERATOR, on=then)
    with pytest.raises(Refused, match="trust-roles-apart"):
        grant_role(account.id, Role.SUPERVISOR, area_code="north", by=OPERATOR, on=date(2031, 6, 1))
    grant_role(account.id, Role.SUPERVISOR, area_code="north", by=OPERATOR, on=first, until=date(2031, 6, 1))


def test_a_role_that_waits_counts_as_held_against_others(hana, account):
    give(hana, account, Role.AUDITOR)
    pages.assert_refused(give(hana, account, Role.OFFICER, "north"), 400)


def test_closing_ends_roles_and_sessions(hana, account):
    give(hana, account, Role.OFFICER, "north")
    browser = signed_in(account.username)
    assert browser.get("/find/").status_code == 200
    assert hana.post(address(account, "close")).status_code == 302
    pages.assert_leads_to_sign_in(browser, "/find/")
    assert "Closed" in pages.text(hana.get(address(account)))


def test_signing_somebody_out_ends_their_sessions(hana, account):
    browser = signed_in(account.username)
    assert hana.post(address(account, "sign-out")).status_code == 302
    pages.assert_leads_to_sign_in(browser, "/account/")


def test_factors_that_were_lost_are_removed(hana, account):
    from amparo.trust.actions.factors import add_app
    from amparo.trust.identity import factors
    from tests.lib.signing_in import code_of

    secret = factors.new_secret()
    add_app(account, secret, code_of(secret), by=OPERATOR)
    assert "Remove the second factors" in pages.text(hana.get(address(account)))
    hana.post(address(account, "factors"))
    assert factors.factors_of(account) == []
    assert factors.recovery_codes_of(account) is None


def test_an_end_of_a_role_that_is_not_held_is_refused(hana, account):
    pages.assert_refused(hana.post(address(account, "role", 999_999, "end")), 404)
    with pytest.raises(NotFound):
        accounts.end_role(999_999, by=OPERATOR, on=clock.today())


def test_an_administrator_reads_nobodys_record(hana):
    hana_acts = actor_of(account_named("hana"), on=clock.today())
    assert {each for each in Permission if hana_acts.has(each)} == {Permission.READ_FIGURES, Permission.OPEN_ACCOUNTS}
    assert listed(asked="hana").count() == 1


def test_a_programme_manager_is_given_a_programme_and_no_other_role_is(hana, account):
    lacking = give(hana, account, Role.PROGRAMME_MANAGER, programme="")
    pages.assert_refused(lacking, 400)
    assert "Choose a programme" in pages.text(lacking)
    pages.assert_refused(give(hana, account, Role.PROGRAMME_MANAGER, programme="elsewhere"), 400)
    assert give(hana, account, Role.PROGRAMME_MANAGER).status_code == 302
    held = queries.roles_of(account.id, on=clock.today()).get()
    assert (held.programme, held.area) == ("poor_home", None)
    assert "poor_home" in pages.text(hana.get(address(account)))


def test_a_programme_given_with_another_role_counts_for_nothing(hana, account):
    assert give(hana, account, Role.OFFICER, programme="poor_home").status_code == 302
    assert queries.roles_of(account.id, on=clock.today()).get().programme == ""


def test_a_role_of_a_programme_without_one_reaches_nobody(account):
    with pytest.raises(Refused, match="trust-role-and-programme"):
        grant_role(account.id, Role.PROGRAMME_MANAGER, by=OPERATOR, on=clock.today())
    with pytest.raises(Refused, match="trust-role-and-programme"):
        grant_role(account.id, Role.OFFICER, area_code="north", programme="poor_home", by=OPERATOR, on=clock.today())
    RoleAssignment.objects.create(account_id=account.id, role="programme-manager", starts_on=clock.today())
    by = actor_of(account, on=clock.today()).narrowed(Permission.FIND)
    with pytest.raises(NotPermitted, match="trust-no-programme"), acting(by):
        pass


def test_scopes_of_two_kinds_do_not_mix_even_where_both_were_given(account):
    for role, place in (("officer", {}), ("programme-manager", {"programme": "poor_home"})):
        RoleAssignment.objects.create(account_id=account.id, role=role, starts_on=clock.today(), **place)
    with pytest.raises(NotPermitted, match="trust-scopes-mixed"):
        actor_of(account, on=clock.today()).narrowed(Permission.FIND).scope  # noqa: B018 (reading it refuses)


SCHEME, CARD = "national_id", "4071993"


@pytest.fixture(scope="module")
def owner(database) -> tuple[int, str]:
    """Somebody in the north with a card, who owns an account: their number, and that of the card."""
    household("n1", {"given_name": "Gesa", "family_name": "Vint", "is_head": True})
    id = uuid7()
    [(person, number)] = rows(
        "SELECT p.id, p.number FROM registry_person p JOIN registry_fact_person f ON f.person_id = p.id"
        " WHERE f.given_name = 'Gesa'"
    )
    sealed = encrypt("identity", CARD.encode(), f"registry_identifier.value:{id}".encode(), key=sealing(using="bulk"))
    rows(
        "INSERT INTO registry_identifier (id, person_id, scheme, value, blind_index, verified, is_live, source_id,"
        " contested, area_number) SELECT %s, p.id, %s, %s, %s, true, true, s.id, false, p.area_number"
        " FROM registry_person p, registry_source s WHERE p.id = %s AND s.code = 'census' RETURNING id",
        *(id, SCHEME, sealed, blind_index(SCHEME, CARD, key=keyring(using="bulk").blinding), person),
    )
    return number, CARD


def rows(statement: str, *values) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def known(account) -> object:
    return queries.account_with_id(account.id).person_id


def test_an_account_is_given_its_owner_by_the_number_on_a_card_and_no_more_of_them_is_shown(hana, account, owner):
    number, card = owner
    assert hana.post(address(account, "person"), {"kind": SCHEME, "asked": f" {card} "}).status_code == 302
    words = pages.text(hana.get(address(account)))
    assert f"Known as person {number}." in words
    assert "Gesa" not in words
    assert card not in words
    assert hana.post(address(account, "person"), {"act": "forget"}).status_code == 302
    assert known(account) is None


def test_an_account_is_given_its_owner_by_the_number_of_the_registry(hana, account, owner):
    assert hana.post(address(account, "person"), {"kind": "number", "asked": str(owner[0])}).status_code == 302
    assert known(account)


@pytest.mark.parametrize("asked", ["", "no-number", "9" * 30, "x" * 65])
@pytest.mark.parametrize("kind", ["number", "national_id"])
def test_a_number_that_is_nobodys_binds_nobody_and_is_asked_for_again(hana, account, kind, asked):
    pages.assert_asked_again(hana.post(address(account, "person"), {"kind": kind, "asked": asked}), "id_asked")
    assert known(account) is None


def test_each_look_up_of_an_owner_is_in_the_log_without_the_number(hana, account, owner):
    hana.post(address(account, "person"), {"kind": SCHEME, "asked": "1234567"})
    hana.post(address(account, "person"), {"kind": SCHEME, "asked": owner[1]})
    found = rows("SELECT details->>'found' FROM trust_audit WHERE event = 'person-looked-up' ORDER BY id DESC LIMIT 2")
    assert found == [("1",), ("0",)]
    assert owner[1] not in str(found)


def test_the_owner_who_is_in_danger_cannot_be_named_by_an_administrator(hana, account, owner):
    hana.post(address(account, "person"), {"kind": "number", "asked": str(owner[0])})
    person = known(account)
    hana.post(address(account, "person"), {"act": "forget"})
    with acting(cast().nadia.narrowed(Permission.PROTECT)) as by:
        protect(person, by=by, on=clock.today(), under=GROUND)
    pages.assert_asked_again(
        hana.post(address(account, "person"), {"kind": "number", "asked": str(owner[0])}), "id_asked"
    )
    with acting(cast().nadia.narrowed(Permission.PROTECT)) as by:
        end_protection(person, by=by, under=GROUND)
