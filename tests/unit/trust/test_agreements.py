"""Agreements in their life: four eyes, versions, history, and what the database itself refuses (C1, B6, PRV-4)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.db.utils import IntegrityError, ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused
from amparo.trust.actions.agreeing import (
    add_organisation,
    amend_agreement,
    draft_agreement,
    end_agreement,
    install_agreements,
    resume_agreement,
    suspend_agreement,
)
from amparo.trust.context import acting
from amparo.trust.covering import Comparison, Direction, FieldTerm, Given
from amparo.trust.grounds.agreements import agreement, agreements, terms_of
from amparo.trust.queries import audit_of
from amparo.trust.types import Permission, Side, Signatory, system
from tests.lib import agreeing
from tests.lib.agreeing import TERMS, draft, in_force, officer, sign, stop

pytestmark = pytest.mark.usefixtures("parties")


@pytest.fixture(scope="module")
def parties(database):
    agreeing.install()


def row(id):
    return agreement(id, by=officer("lina"))


def refused(id: str):
    return pytest.raises(Refused, match=rf"^{id}\b")


def states(id) -> list[str]:
    return [each.state for each in row(id).changes.order_by("id")]


def events(id) -> list[str]:
    with acting(officer("lina").narrowed(Permission.READ_AUDIT)) as by:
        return [each.event for each in audit_of(by, about_kind="agreement", about_id=str(id))][::-1]


def test_two_signatures_bring_a_draft_into_force_and_each_step_is_kept():
    id = draft("steps")
    assert sign(id, Side.CONSUMER, by="keiko") == "signed"
    assert sign(id, Side.PROVIDER, by="jamal") == "in-force"
    stop(id, suspend_agreement)
    stop(id, resume_agreement)
    stop(id, end_agreement)
    assert states(id) == ["drafted", "signed", "in-force", "suspended", "in-force", "ended"]
    assert events(id) == [
        *("agreement-drafted", "agreement-signed", "agreement-signed"),
        *("agreement-suspended", "agreement-resumed", "agreement-ended"),
    ]
    assert {each.confidentiality for each in row(id).signatures.all()} == {
        "Confidentiality term 12/2026",
        "Confidentiality term 13/2026",
    }


def test_every_term_is_kept_as_it_was_agreed():
    fields = (
        FieldTerm("person", "birth_date", Given.TEST, (date(1960, 1, 1),), Comparison.AT_MOST),
        FieldTerm("household", "income", Given.BAND, (10_000, 20_000)),
        FieldTerm("person", "pregnant", Given.KNOWN),
    )
    wanted = replace(
        TERMS, fields=fields, identifiers=("national_id",), exchanges=3, programme="grant", needs_consent=True
    )
    assert terms_of(row(draft("terms", wanted))) == wanted


def test_whoever_drafted_or_changed_it_signs_it_for_neither_side():
    id = draft("own")
    with acting(officer("jamal").narrowed(Permission.DRAFT_AGREEMENT)) as by:
        amend_agreement(id, replace(TERMS, volume=5), by=by)
    for name in ("lina", "jamal"):
        with pytest.raises(NotPermitted, match="trust-agreement-own-draft"):
            sign(id, Side.PROVIDER, by=name)
    assert row(id).state == "drafted"


def test_the_second_signature_is_of_another_person_and_taken_down_by_another():
    id = draft("two")
    sign(id, Side.PROVIDER, by="jamal")
    with pytest.raises(NotPermitted, match="trust-agreement-one-signer"):
        sign(id, Side.CONSUMER, by="jamal")
    twin = Signatory("ROSA  lind", "Director", "Confidentiality term 14/2026")
    with pytest.raises(NotPermitted, match="trust-agreement-one-signer"):
        sign(id, Side.CONSUMER, by="keiko", signatory=twin)
    with refused("trust-agreement-side-signed"):
        sign(id, Side.PROVIDER, by="keiko", signatory=Signatory("Ana Sol", "Head", "Confidentiality term 15/2026"))
    assert row(id).state == "signed"


def test_what_is_signed_is_not_amended_and_a_new_version_takes_its_place():
    id = draft("versions")
    sign(id, Side.PROVIDER, by="jamal")
    with acting(officer("lina").narrowed(Permission.DRAFT_AGREEMENT)) as by, refused("trust-agreement-signed-already"):
        amend_agreement(id, replace(TERMS, volume=5), by=by)
    sign(id, Side.CONSUMER, by="keiko")
    with refused("trust-agreement-exists"):
        draft("versions")
    later = in_force("versions", succeeds=id, volume=5)
    assert (row(later).version, row(later).state, row(id).state) == (2, "in-force", "ended")
    with refused("trust-agreement-exists"):
        draft("versions", succeeds=id)


def test_a_renewal_follows_on_and_leaves_the_former_its_last_day():
    today = clock.today()
    id = in_force("renewed", ends_on=today + timedelta(days=30))
    follows = replace(TERMS, starts_on=today + timedelta(days=31))
    later = in_force("renewed", follows, succeeds=id)
    assert (row(id).state, row(later).state) == ("in-force", "in-force")
    overlapping = draft("renewed", replace(TERMS, starts_on=date(2099, 12, 1)), succeeds=later)
    sign(overlapping, Side.PROVIDER, by="jamal")
    with refused("trust-agreement-overlaps"):
        sign(overlapping, Side.CONSUMER, by="keiko")


def test_one_draft_at_a_time():
    id = draft("single")
    with refused("trust-agreement-draft-waits"):
        draft("single", succeeds=id)


def test_what_is_ended_stays_ended_and_no_step_is_left_out():
    id = draft("over")
    with refused("trust-agreement-state-wrong"):
        stop(id, suspend_agreement)
    with refused("trust-agreement-state-wrong"):
        stop(id, resume_agreement)
    stop(id, end_agreement)
    for action in (suspend_agreement, resume_agreement, end_agreement):
        with refused("trust-agreement-state-wrong"):
            stop(id, action)
    with refused("trust-agreement-signed-already"):
        sign(id, Side.PROVIDER, by="jamal")


def test_stopping_needs_a_reason():
    id = in_force("reasons")
    with refused("trust-agreement-without-reason"):
        stop(id, suspend_agreement, reason="  ")
    assert row(id).state == "in-force"


def test_nobody_signs_what_is_over():
    id = draft("late", replace(TERMS, ends_on=date(2026, 2, 1)))
    with clock.fixed(datetime(2026, 2, 2, tzinfo=UTC)), refused("trust-agreement-expired"):
        sign(id, Side.PROVIDER, by="jamal")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"provider": "pensions", "consumer": "water"}, "trust-agreement-parties"),
        ({"direction": Direction.IN}, "trust-agreement-parties"),
        ({"consumer": "ministry"}, "trust-agreement-parties"),
        ({"consumer": "nobody"}, "trust-organisation-unknown"),
        ({"purpose": "curiosity"}, "trust-purpose-unknown"),
        ({"areas": ()}, "trust-agreement-areas"),
        ({"areas": ("north", "nowhere")}, "trust-agreement-areas"),
        ({"areas": ("north", "north")}, "trust-agreement-areas"),
        ({"fields": ()}, "trust-agreement-fields"),
        ({"fields": (FieldTerm("person", "sex"), FieldTerm("person", "sex", Given.KNOWN))}, "trust-agreement-fields"),
        ({"fields": (FieldTerm("person", "sex", Given.BAND),)}, "trust-agreement-limits"),
        ({"ends_on": date(2025, 1, 1)}, "trust-agreement-days"),
        ({"volume": 0}, "trust-agreement-numbers"),
        ({"exchanges": 0}, "trust-agreement-numbers"),
        ({"retention_days": -1}, "trust-agreement-numbers"),
        ({"legal_basis": " "}, "trust-agreement-numbers"),
    ],
)
def test_terms_that_do_not_hold_together_are_refused(changes, expected):
    with refused(expected):
        draft("wrong", replace(TERMS, **changes))


def test_a_partner_is_added_once_and_can_then_be_agreed_with():
    with acting(officer("lina").narrowed(Permission.DRAFT_AGREEMENT)) as by:
        add_organisation("power", "Power Company", by=by)
        with refused("trust-organisation-exists"):
            add_organisation("power", "Power Company", by=by)
    assert row(draft("tariff", replace(TERMS, consumer="power"))).consumer.name == "Power Company"


def test_only_those_charged_with_agreements_touch_them(cast):
    for action, permission in (
        (lambda by: draft_agreement("not_mine", TERMS, by=by), Permission.DRAFT_AGREEMENT),
        (lambda by: add_organisation("mine", "Mine", by=by), Permission.DRAFT_AGREEMENT),
        (agreements, Permission.READ_AGREEMENT),
    ):
        with pytest.raises(NotPermitted, match="trust-not-permitted"):
            action(cast.amina)
        assert cast.lina.has(permission)


def test_what_a_profile_states_is_drafted_once_and_signed_by_nobody():
    by = system("install")
    stated = [("stated", replace(TERMS, areas=("south",)))]
    install_agreements(stated, by=by)
    install_agreements(stated, by=by)
    (first,) = agreements(officer("lina")).filter(code="stated")
    assert (first.version, first.state) == (1, "drafted")
    install_agreements([("stated", replace(TERMS, areas=("south",), volume=9))], by=by)
    assert (row(first.id).volume, row(first.id).version) == (9, 1)
    sign(first.id, Side.PROVIDER, by="jamal")
    install_agreements(stated, by=by)
    assert [(each.version, each.state) for each in agreements(officer("lina")).filter(code="stated")] == [
        (2, "drafted"),
        (1, "signed"),
    ]


def test_what_people_changed_on_the_pages_is_not_taken_back_by_the_profile():
    by, stated = system("install"), [("on_pages", TERMS)]
    install_agreements(stated, by=by)
    (first,) = agreements(officer("lina")).filter(code="on_pages")
    with acting(officer("lina").narrowed(Permission.DRAFT_AGREEMENT)) as lina:
        amend_agreement(first.id, replace(TERMS, volume=77), by=lina)
    install_agreements(stated, by=by)
    install_agreements([("on_pages", replace(TERMS, volume=88))], by=by)
    assert [(each.version, each.volume) for each in agreements(officer("lina")).filter(code="on_pages")] == [(1, 77)]


# What the program would never do, tried past it: the database holds alone.


def change(id, statement: str) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"UPDATE trust_agreement SET {statement} WHERE id = %s", [id])


@pytest.mark.parametrize("statement", ["volume = 9", "areas = '{land}'", "ends_on = '2100-01-01'", "fields = '[]'"])
def test_the_database_lets_nobody_change_what_is_signed(statement):
    id = in_force(f"kept_{statement.split()[0]}")
    with pytest.raises(ProgrammingError, match="never changed"):
        change(id, statement)


def test_the_database_brings_nothing_into_force_without_two_hands():
    id = draft("forced")
    with pytest.raises(ProgrammingError, match="signed by both sides"):
        change(id, "state = 'in-force'")
    sign(id, Side.PROVIDER, by="jamal")
    with pytest.raises(ProgrammingError, match="signed by both sides"):
        change(id, "state = 'in-force'")
    ended = draft("ended")
    stop(ended, end_agreement)
    with pytest.raises(ProgrammingError, match="never changed"):
        change(ended, "state = 'drafted'")


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id"])
@pytest.mark.parametrize("table", ["trust_agreementsignature", "trust_agreementchange"])
def test_signatures_and_history_are_never_changed(table, statement):
    in_force(f"history_{table[-4:]}_{statement[0]}")
    with (
        pytest.raises((ProgrammingError, IntegrityError), match="never changed"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_the_login_of_the_web_changes_no_agreement_by_itself():
    id = in_force("no_hands")
    for statement in ("state = 'ended'", "drafted_at = now()"):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|never changed"),
            transaction.atomic(),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(f"UPDATE trust_agreement SET {statement} WHERE id = %s", [id])
