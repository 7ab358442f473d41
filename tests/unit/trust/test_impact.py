"""Nothing goes live before an impact assessment of just this installation is signed off; what changes makes it stale."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.db import InternalError, ProgrammingError, connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused
from amparo.profiles import impact as assessed
from amparo.profiles.country import country as profile_named
from amparo.programmes.actions import give_notices, take_effect
from amparo.registry.dictionary import FieldClass
from amparo.registry.queries import dictionary
from amparo.trust import impact, stage
from amparo.trust.actions import assessing
from amparo.trust.actions.exchanging import exchange_page
from amparo.trust.context import acting
from amparo.trust.queries import area_numbers
from amparo.trust.types import PERMISSIONS, QUESTIONS, Permission, Role, system
from tests.lib import agreeing, audit_log, country

pytestmark = pytest.mark.usefixtures("trial")
LINA, INES = "lina", "ines"
# By which somebody opens what is held of a person.
OPENING = (Permission.READ_HOUSEHOLD, Permission.READ_DECISION, Permission.READ_PAYMENTS)


@pytest.fixture
def trial(server, fresh_database):
    """An installation that nobody has taken live."""
    with audit_log.almighty(server, fresh_database) as cursor:
        cursor.execute("DELETE FROM trust_stage; DELETE FROM trust_impactassessment")


def stated() -> assessed.Content:
    return assessed.draft(profile_named("example"), dictionary(), by=system("test"))


def act(name: str, permission: Permission, action, *given, **named):
    with acting(agreeing.officer(name).narrowed(permission)) as by:
        return action(*given, by=by, **named)


def answered() -> None:
    for each in QUESTIONS:
        act(LINA, Permission.ASSESS_IMPACT, assessing.answer_question, each, f"Because of {each}.")


def laid_down() -> int:
    content = stated()
    return act(LINA, Permission.ASSESS_IMPACT, assessing.lay_down, content, assessed.digest(content)).number


def sign(name: str, number: int) -> None:
    digest = assessed.digest(stated())
    act(name, Permission.SIGN_IMPACT, assessing.sign_assessment, number, digest=digest)


def signed() -> int:
    answered()
    number = laid_down()
    sign(LINA, number)
    sign(INES, number)
    return number


def go_live(by: str = INES) -> None:
    act(by, Permission.GO_LIVE, assessing.go_live, digest=assessed.digest(stated()))


def test_the_draft_names_every_field_source_agreement_role_and_programme():
    agreeing.install()
    agreeing.draft("pension_check")
    content, profile = stated(), profile_named("example")
    assert content["fields"].keys() == {f"{each.grain}.{each.name}" for each in country.DICTIONARY.fields}
    assert content["fields"]["person.pregnant"]["class"] == FieldClass.SENSITIVE.value
    assert content["sources"].keys() == {each.code for each in profile.sources}
    assert content["decisions"].keys() == {each.code for each in profile.programmes}
    assert content["access"].keys() == {each.value for each in Role}
    assert content["agreements"].keys() == {"pension_check 1"}
    assert content["answers"] == dict.fromkeys(QUESTIONS, "")
    assert assessed.unanswered(content) == list(QUESTIONS)


def test_it_says_of_each_role_what_whoever_holds_it_is_really_shown(cast):
    """Field classes and states of records, as they are given to somebody of each role who reads where they work."""
    content = stated()["access"]
    numbers = {code: number for code, (_, number, _) in area_numbers().items()}
    for name, (role, _) in country.CAST.items():
        held = [each for each in OPENING if each in PERMISSIONS[role]]
        acting_ = [getattr(cast, name).narrowed(each) for each in held]
        here = numbers["s1" if name == "chen" else "n1"]
        shown = {each.value for by in acting_ for each in by.classes_at(here)}
        standing = {each.value for by in acting_ for each in by.standings_at(here)}
        told = content[role.value]
        assert (told["classes"], told["standings"]) == (sorted(shown), sorted(standing)), role


def test_what_is_stated_of_retention_is_taken_as_the_profile_states_it(tmp_path):
    (tmp_path / "retention.toml").write_text('[[keep]]\nclass = "contact"\nmonths = 24\n')
    profile = replace(profile_named("example"), folder=tmp_path)
    found = assessed.draft(profile, dictionary(), by=system("test"))["retention"]
    assert found == {"keep.1.class": "contact", "keep.1.months": 24}


def test_it_is_not_laid_down_while_a_question_is_open():
    act(LINA, Permission.ASSESS_IMPACT, assessing.answer_question, "need", "Else nobody is found.")
    with pytest.raises(Refused, match="trust-impact-open"):
        laid_down()


def test_two_people_sign_and_one_of_them_is_a_data_protection_officer(cast):
    answered()
    number = laid_down()
    sign(INES, number)
    assert not impact.holds(assessed.digest(stated()))
    with pytest.raises(NotPermitted, match="trust-impact-signed-already"):
        sign(INES, number)
    with (
        pytest.raises(NotPermitted, match="trust-impact-signed-by-people"),
        acting(system("test").narrowed(Permission.SIGN_IMPACT)) as by,
    ):
        assessing.sign_assessment(number, digest=assessed.digest(stated()), by=by)
    sign(LINA, number)
    assert impact.holds(assessed.digest(stated()))


@pytest.mark.parametrize("name", ["amina", "emre", "hana", "farah"])
def test_nobody_else_signs_or_takes_live(name):
    for permission in (Permission.SIGN_IMPACT, Permission.GO_LIVE, Permission.ASSESS_IMPACT):
        with pytest.raises(NotPermitted):
            act(name, permission, lambda by: None)


def test_without_a_signed_assessment_nothing_goes_live():
    with pytest.raises(Refused, match="trust-live-unsigned"):
        go_live()
    answered()
    number = laid_down()
    sign(LINA, number)
    with pytest.raises(Refused, match="trust-live-unsigned"):
        go_live()
    assert not stage.is_live()
    sign(INES, number)
    go_live()
    assert stage.is_live()
    with pytest.raises(Refused, match="trust-live-already"):
        go_live()


def change_a_field() -> None:
    from amparo.registry.actions import install_dictionary

    fields = tuple(
        replace(each, field_class=FieldClass.CONTACT) if each.name == "rooms" else each
        for each in country.DICTIONARY.fields
    )
    install_dictionary(replace(country.DICTIONARY, fields=fields, version="test-2", _by_key={}), by=system("test"))


def draft_an_agreement() -> None:
    agreeing.install()
    agreeing.draft("pension_check")


def answer_otherwise() -> None:
    act(LINA, Permission.ASSESS_IMPACT, assessing.answer_question, "need", "For another reason.")


@pytest.mark.parametrize(
    ("change", "section", "key"),
    [
        (change_a_field, "fields", "household.rooms"),
        (draft_an_agreement, "agreements", "pension_check 1"),
        (answer_otherwise, "answers", "need"),
    ],
)
def test_what_changes_makes_the_signature_stale_and_is_named(change, section, key):
    number = signed()
    change()
    with pytest.raises(Refused, match="trust-live-stale"):
        go_live()
    with pytest.raises(Refused, match="trust-impact-stale"):
        act(LINA, Permission.SIGN_IMPACT, assessing.sign_assessment, number, digest=assessed.digest(stated()))
    found = assessed.differences(impact.latest_signed().content, stated())
    assert [(each.section, each.key) for each in found] == [(section, key)]


def test_what_went_live_stays_live_when_something_changes():
    signed()
    go_live()
    answer_otherwise()
    assert stage.is_live()
    assert not impact.holds(assessed.digest(stated()))


def test_a_trial_hands_nothing_to_partners_and_writes_the_refusal_down():
    agreeing.install()
    id = agreeing.in_force("pension_check")
    with (
        pytest.raises(NotPermitted, match="trust-trial"),
        exchange_page(id, agreeing.request(id), by=agreeing.partner_of(id), on=clock.today()),
    ):
        pytest.fail("a page was opened")
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT details->>'reason' FROM trust_audit WHERE event = 'exchange-refused'")
        assert cursor.fetchall() == [("trust-trial",)]


@pytest.mark.parametrize("demo", [False, True])
def test_a_trial_gives_no_notice_and_lets_nothing_take_effect_unless_it_is_the_demo(monkeypatch, demo):
    monkeypatch.setattr(settings, "DEMO", demo)
    for act_on_people in (
        lambda: give_notices(["poor_home"], by=system("test"), under=country.GROUND, on=clock.today()),
        lambda: take_effect(on=clock.today(), by=system("test")),
    ):
        if demo:
            assert act_on_people() == 0
        else:
            with pytest.raises(NotPermitted, match="trust-trial"):
                act_on_people()


UNCHANGED = (
    "INSERT INTO trust_stage (is_live, at, by_id, assessment_id) VALUES (true, now(), gen_random_uuid(), %(number)s)",
    "INSERT INTO trust_stage (is_live, at, by_id, assessment_id) VALUES (false, now(), gen_random_uuid(), %(number)s)",
    "UPDATE trust_impactassessment SET content = '{}'",
    "DELETE FROM trust_impactsignature",
    "UPDATE trust_impactanswer SET words = ''",
)


def test_the_database_itself_lets_nothing_go_live_unsigned_nor_changes_what_was_signed():
    answered()
    number = laid_down()
    sign(LINA, number)
    for alias in ("default", "owner"):
        for statement in UNCHANGED:
            refused = pytest.raises((ProgrammingError, InternalError))
            with refused, transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                if alias == "default":
                    cursor.execute("SET LOCAL ROLE amparo_national")
                cursor.execute(statement, {"number": number})
