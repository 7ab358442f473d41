"""The pages of payments: prepare, decide about what is held, approve as another, send, take back, and who was not paid."""

import io
import zipfile
from dataclasses import replace
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo.kernel import clock
from amparo.payments import actions, queries, tasks
from amparo.payments.actions import exporting
from amparo.payments.types import Check, ListState
from amparo.trust.queries import account_named, actor_of
from tests.lib import country, pages, paying
from tests.lib.country import GROUND
from tests.lib.paying import CYCLE, DAY, TERMS, enrolled, rows
from tests.views.conftest import signed_in

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def paz(fresh_database) -> Client:
    """Payments officer."""
    return signed_in("paz")


@pytest.fixture
def quinn(fresh_database) -> Client:
    """Payments approver."""
    return signed_in("quinn")


@pytest.fixture
def world(fresh_database) -> None:
    paying.installed(replace(TERMS, checks=(Check.OVER_CEILING,), ceiling_minor=500_00))
    enrolled(100_00, 200_00, 501_00)


def of(name: str):
    return actor_of(account_named(name), on=clock.today())


@pytest.fixture
def made(world):
    return actions.prepare("poor_home", CYCLE, by=of("paz"), under=GROUND, on=DAY)


@pytest.fixture
def approved(made):
    paying.funded(of("quinn"), 1_000_00)
    return paying.approved(of("rosa"), actions.propose(made.id, by=of("paz"), under=GROUND))


def state(id: UUID) -> ListState:
    return next(each.state for each in queries.payment_lists(using="bulk") if each.id == id)


def addresses(made) -> list[str]:
    return ["/payments/", *(f"/payments/{made.id}/{part}" for part in ("", "held/", "unpaid/"))]


def test_they_work_without_javascript(paz, quinn, made):
    for browser in (paz, quinn):
        for address in addresses(made):
            pages.assert_is_whole(browser.get(address))


def test_nobody_is_sent_to_sign_in(made):
    for address in addresses(made):
        pages.assert_leads_to_sign_in(Client(), address)


def test_who_has_another_office_sees_no_payments(made):
    for name in ("amina", "ines", "emre", "omid", "hana"):
        for address in addresses(made):
            pages.assert_refused(signed_in(name).get(address), 403)


def test_each_step_is_refused_to_who_is_not_charged_with_it(paz, quinn, made):
    own = {"quinn": ("propose", "withdraw", "files", "returns"), "paz": ("approve",)}
    for browser, name in ((quinn, "quinn"), (paz, "paz")):
        for step in own[name]:
            pages.assert_refused(browser.post(f"/payments/{made.id}/{step}/"), 403)
    pages.assert_refused(quinn.post("/payments/new/", {"programme": "poor_home", "cycle": CYCLE}), 403)
    assert state(made.id) is ListState.PREPARED


def test_a_list_is_prepared_by_the_worker_and_a_second_is_refused_at_once(paz, world):
    response = paz.post("/payments/new/", {"programme": "poor_home", "cycle": CYCLE})
    assert response.status_code == 302
    tasks.prepare_list("poor_home", CYCLE, str(of("paz").id))
    assert "2026-11" in pages.text(paz.get("/payments/"))
    pages.assert_refused(paz.post("/payments/new/", {"programme": "poor_home", "cycle": CYCLE}), 400)
    pages.assert_refused(paz.post("/payments/new/", {"programme": "poor_home", "cycle": "2026-99"}), 400)
    pages.assert_asked_again(paz.post("/payments/new/", {"programme": "poor_home", "cycle": ""}), "id_cycle")
    pages.assert_asked_again(paz.post("/payments/new/", {"programme": "elsewhere", "cycle": CYCLE}), "id_programme")


def test_what_is_held_is_shown_with_its_reason_and_decided_by_another_than_who_made_the_list(paz, made):
    ((own,),) = rows("SELECT id FROM payments_payment WHERE state = 'held'")
    pages.assert_refused(paz.post(f"/payments/{made.id}/held/{own}/", {"answer": "pay"}), 400)
    assert b'value="pay"' not in paz.get(f"/payments/{made.id}/held/").content
    paz = signed_in("samir")
    page = paz.get(f"/payments/{made.id}/held/")
    assert "over the ceiling" in pages.text(page)
    ((held, reference),) = rows("SELECT id, reference FROM payments_payment WHERE state = 'held'")
    assert reference in pages.text(page)
    pages.assert_refused(paz.post(f"/payments/{made.id}/held/{held}/", {"answer": "perhaps"}), 400)
    assert paz.post(f"/payments/{made.id}/held/{held}/", {"answer": "pay"}).status_code == 302
    assert "Nothing is held" in pages.text(paz.get(f"/payments/{made.id}/held/"))
    pages.assert_refused(paz.post(f"/payments/{made.id}/held/{held}/", {"answer": "withhold"}), 404)


def test_a_list_over_the_funds_is_not_proposed_and_says_by_how_much(paz, made):
    response = paz.post(f"/payments/{made.id}/propose/")
    pages.assert_refused(response, 400)
    assert "300" in pages.text(response)


def test_a_list_goes_from_proposal_to_approval_by_another(paz, quinn, made):
    paying.funded(of("rosa"), 1_000_00)
    assert paz.post(f"/payments/{made.id}/propose/").status_code == 302
    tasks.propose_list(str(made.id), str(of("paz").id))
    assert "Approve this list" not in pages.text(paz.get(f"/payments/{made.id}/"))
    assert "Approve this list" in pages.text(quinn.get(f"/payments/{made.id}/"))
    assert quinn.post(f"/payments/{made.id}/approve/").status_code == 302
    assert state(made.id) is ListState.APPROVED
    pages.assert_refused(quinn.post(f"/payments/{made.id}/approve/"), 400)


def test_approval_asks_for_a_factor_anew(made):
    browser = signed_in("quinn", factor=False)
    assert "/account/confirm/" in browser.post(f"/payments/{made.id}/approve/")["Location"]


def test_an_approved_list_is_taken_out_as_a_file(paz, approved):
    response = paz.post(f"/payments/{approved.id}/files/")
    assert response["Content-Disposition"] == 'attachment; filename="poor_home-2026-11-1-1.csv"'
    assert response.content.splitlines()[0] == b"reference,amount,currency,pays_on"
    assert len(response.content.splitlines()) == 1 + 2
    assert state(approved.id) is ListState.EXPORTED


def test_a_list_of_several_files_is_taken_out_as_one_archive(paz, approved, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    response = paz.post(f"/payments/{approved.id}/files/")
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.namelist() == ["poor_home-2026-11-1-1.csv", "poor_home-2026-11-1-2.csv"]


def test_nobody_payable_is_said_at_once(paz, fresh_database):
    paying.installed()
    response = paz.post("/payments/new/", {"programme": "poor_home", "cycle": CYCLE})
    pages.assert_refused(response, 400)
    assert "Nobody is to be paid" in pages.text(response)


def test_a_list_that_is_not_approved_is_not_taken_out(paz, made):
    pages.assert_refused(paz.post(f"/payments/{made.id}/files/"), 400)


def test_a_file_comes_back_counts_and_the_unpaid_are_listed(paz, approved):
    paz.post(f"/payments/{approved.id}/files/")
    known = dict(rows("SELECT amount_minor, reference FROM payments_payment WHERE list_id = %s", approved.id))
    text = f"reference,outcome\n{known[100_00]},paid\n{known[200_00]},error\n"
    sent = {"file": SimpleUploadedFile("back.csv", text.encode())}
    assert paz.post(f"/payments/{approved.id}/returns/", sent).status_code == 302
    ((returned,),) = rows("SELECT id FROM payments_return")
    tasks.settle_return(str(returned), str(of("paz").id))
    assert "Could not be paid" in pages.text(paz.get(f"/payments/{approved.id}/"))
    unpaid = pages.text(paz.get(f"/payments/{approved.id}/unpaid/"))
    assert known[200_00] in unpaid
    assert known[100_00] not in unpaid


def test_a_refused_file_is_overridden_by_another_person_only(paz, approved):
    paz.post(f"/payments/{approved.id}/files/")
    sent = {"file": SimpleUploadedFile("back.csv", b"reference,outcome\n99,paid\n")}
    paz.post(f"/payments/{approved.id}/returns/", sent)
    ((returned,),) = rows("SELECT id FROM payments_return")
    tasks.settle_return(str(returned), str(of("paz").id))
    page = paz.get(f"/payments/{approved.id}/")
    assert "No payment of this list has this reference" in pages.text(page)
    address = f"/payments/{approved.id}/returns/{returned}/override/"
    pages.assert_refused(paz.post(address), 400)
    assert signed_in("samir").post(address).status_code == 302


def test_what_is_no_file_of_payments_is_refused(paz, approved):
    paz.post(f"/payments/{approved.id}/files/")
    wrong = {"file": SimpleUploadedFile("back.csv", b"hello")}
    pages.assert_refused(paz.post(f"/payments/{approved.id}/returns/", wrong), 400)
    pages.assert_asked_again(paz.post(f"/payments/{approved.id}/returns/", {}), "id_file")


def test_a_list_that_is_not_there_is_not_found(paz, world):
    pages.assert_refused(paz.get(f"/payments/{UUID(int=5)}/"), 404)


def test_who_is_in_danger_is_paid_and_on_no_page(paz, world):
    """Payments of somebody who is protected lie below zero: in the sums and files, and not among those shown."""
    rows("UPDATE programmes_enrolment SET amount_minor = 600_00 WHERE amount_minor = 501_00 RETURNING id")
    made = actions.prepare("poor_home", CYCLE, by=of("paz"), under=GROUND, on=DAY)
    country.cast()
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SET ROLE amparo_definer")
        cursor.execute("UPDATE payments_payment SET area_number = -area_number")
        cursor.execute("RESET ROLE")
    assert "Nothing is held" in pages.text(paz.get(f"/payments/{made.id}/held/"))
    assert made.payments == 2
