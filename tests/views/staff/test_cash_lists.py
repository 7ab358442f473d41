"""The cash list with a sheet to sign: what stands on it, for whom, who may print it, and that what comes back settles it (OPS-1)."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused
from amparo.payments import actions, tasks
from amparo.payments.actions import BY_REFERENCE
from amparo.trust.context import acting
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import Permission
from tests.lib import country, pages, paying
from tests.lib.country import GROUND
from tests.lib.paying import TERMS, enrolled, rows
from tests.lib.pdf_text import text_of
from tests.views.conftest import signed_in

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def paz(fresh_database) -> Client:
    """Payments officer."""
    return signed_in("paz")


def person(first: str, area: str = "n1") -> tuple[UUID, UUID]:
    home = country.household(area, {"given_name": first, "family_name": "Haddad"})
    return home, rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0][0]


def of(name: str):
    return actor_of(account_named(name), on=clock.today())


def approved(terms=TERMS, **by_area: tuple[tuple[str, int], ...]):
    """Return an approved list of these people by area, with what each gets."""
    paying.installed(terms)
    for area, people in by_area.items():
        homes = [person(first, area) for first, _ in people]
        amounts = [amount for _, amount in people]
        enrolled(*amounts, units=[each for each, _ in homes], recipients=[each for _, each in homes], area=area)
    made = paying.prepared(of("paz"))
    paying.funded(of("quinn"), 10_000_000_00)
    return paying.approved(of("rosa"), actions.propose(made.id, by=of("paz"), under=GROUND))


def printed(made, *, by: str = "paz", area: tuple[int, int] | None = None, **settings):
    who = of(by).narrowed(Permission.EXPORT_PAYMENTS)
    with acting(who):
        return actions.print_cash_list(made.id, by=who, under=GROUND, area=area, **settings)


def names(cash) -> list[tuple[str, int]]:
    return [(each.name, each.amount_minor) for sheet in cash.sheets for each in sheet.rows]


def in_danger(home: UUID) -> None:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT person_id FROM registry_membership WHERE household_id = %s", [home])
        for table, column in (
            ("registry_person", "id"),
            ("registry_fact_person", "person_id"),
            ("payments_payment", "recipient_id"),
        ):
            cursor.execute(
                f"UPDATE {table} SET area_number = -area_number WHERE area_number > 0 AND {column} IN"
                " (SELECT person_id FROM registry_membership WHERE household_id = %s)",
                [home],
            )


def test_it_is_printed_with_names_amounts_sums_and_room_to_sign(paz):
    made = approved(n1=(("Yara", 100_00), ("Omar", 250_50)), s1=(("Sara", 10_00),))
    assert "Cash list" in pages.text(paz.get(f"/payments/{made.id}/"))
    page = paz.get(f"/payments/{made.id}/sheets/")
    pages.assert_is_whole(page)
    answer = paz.post(f"/payments/{made.id}/sheets/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = text_of(answer.content)
    references = [each for (each,) in rows("SELECT reference FROM payments_payment WHERE list_id = %s", made.id)]
    for said in ("Yara", "Omar", "Sara", "250.50", "360.50", "Signature", "Northwell", "Southwell", *references):
        assert said.replace(" ", "") in text.replace(" ", ""), said


def test_each_row_has_its_turn_and_the_sums_are_of_all(fresh_database):
    made = approved(n1=(("Yara", 100_00), ("Omar", 250_50)), s1=(("Sara", 10_00),))
    cash = printed(made)
    assert [each.number for sheet in cash.sheets for each in sheet.rows] == [1, 2, 3]
    assert [(len(each.rows), each.amount_minor) for each in cash.sheets] == [(2, 350_50), (1, 10_00)]
    assert (cash.payments, cash.amount_minor) == (made.payments, made.amount_minor)


def test_an_areas_sheet_has_that_area_alone(paz):
    made = approved(n1=(("Yara", 100_00),), s1=(("Sara", 10_00),))
    pages.assert_is_whole(paz.get(f"/payments/{made.id}/sheets/", {"area": "south"}))
    text = text_of(paz.post(f"/payments/{made.id}/sheets/", {"area": "south"}).content)
    assert "Sara" in text
    assert "Yara" not in text


def test_an_area_that_is_none_is_refused(paz):
    made = approved(n1=(("Yara", 100_00),))
    pages.assert_refused(paz.post(f"/payments/{made.id}/sheets/", {"area": "nowhere"}), 404)


def test_whoever_is_in_danger_stands_at_the_end_by_reference_alone_and_on_no_areas_sheet(fresh_database):
    made = approved(n1=(("Yara", 100_00), ("Omar", 250_50)))
    home = rows("SELECT household_id FROM registry_membership m JOIN registry_fact_person f USING (person_id)"
                " WHERE f.given_name = 'Yara'")[0][0]  # fmt: skip
    in_danger(home)
    cash = printed(made)
    assert names(cash) == [("Omar Haddad", 250_50), ("", 100_00)]
    assert cash.sheets[-1].area_number is None
    number = paying.number_of("n1")
    assert names(printed(made, area=(number, number))) == [("Omar Haddad", 250_50)]
    assert names(printed(made, area=BY_REFERENCE)) == [("", 100_00)]  # of a list that is too long for one print
    # Whatever the program asks for, nothing but the reference and the amount leaves the database.
    with acting(of("paz").narrowed(Permission.EXPORT_PAYMENTS)), connections["default"].cursor() as cursor:
        cursor.execute("SELECT recipient_id, area_number FROM amparo_list_sheet(%s, NULL, NULL, 10)", [made.id])
        assert cursor.fetchall()[-1] == (None, None)


def test_what_comes_back_signed_settles_the_list_and_is_not_printed_again(paz):
    made = approved(n1=(("Yara", 100_00), ("Omar", 250_50), ("Lina", 5_00)))
    paying.exported(of("paz"), made)
    first, second, _ = [each.reference for sheet in printed(made).sheets for each in sheet.rows]
    back = f"reference,outcome\n{first},paid\n{second},zero\n".encode()
    paz.post(f"/payments/{made.id}/returns/", {"file": SimpleUploadedFile("back.csv", back)})
    returned = rows("SELECT id FROM payments_return WHERE list_id = %s", made.id)[0][0]
    tasks.settle_return(str(returned), str(of("paz").id))
    found = dict(rows("SELECT reference, state FROM payments_payment WHERE list_id = %s", made.id))
    assert (found[first], found[second]) == ("paid", "zero")
    assert printed(made).payments == 1


def test_no_identity_number_stands_on_it(paz):
    from tests.unit.programmes.feeding import identify

    made = approved(n1=(("Yara", 100_00),))
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT id, area_number FROM registry_person LIMIT 1")
        identify(cursor, *cursor.fetchone(), "908172635")
    assert "908172635" not in text_of(paz.post(f"/payments/{made.id}/sheets/").content)


def test_a_list_by_bank_one_that_is_not_approved_and_one_too_long_are_refused(fresh_database):
    made = approved(n1=(("Yara", 100_00), ("Omar", 1_00)))
    with pytest.raises(Refused, match="payments-cash-list-long"):
        printed(made, at_most=1)
    paying.pays(replace(TERMS, first=TERMS.first.replace(year=2025)))
    early = paying.prepared(of("paz"), cycle="2026-10")
    with pytest.raises(Refused, match="payments-list-not-so"):
        printed(early)


def test_beside_a_banks_file_there_is_no_sheet(paz):
    made = approved(n1=(("Yara", 100_00),))
    altered("rail = 'bank-file'", made)
    pages.assert_refused(paz.get(f"/payments/{made.id}/sheets/"), 400)
    with pytest.raises(Refused, match="payments-not-in-cash"):
        printed(made)


def altered(change: str, made) -> None:
    """Alter a list past every gate, as nobody but its owner could."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE payments_list DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE payments_list SET {change} WHERE id = %s", [made.id])
        cursor.execute("ALTER TABLE payments_list ENABLE TRIGGER USER")


def test_contents_that_are_not_those_that_were_signed_are_not_printed(fresh_database):
    made = approved(n1=(("Yara", 100_00),))
    altered("signature = '\\x00'", made)
    with pytest.raises(Refused, match="payments-signature-broken"):
        printed(made)


def test_who_has_another_office_prints_nothing(fresh_database):
    made = approved(n1=(("Yara", 100_00),))
    pages.assert_leads_to_sign_in(Client(), f"/payments/{made.id}/sheets/")
    for name in ("amina", "ines", "emre", "omid", "quinn"):
        pages.assert_refused(signed_in(name).post(f"/payments/{made.id}/sheets/"), 403)
    with pytest.raises(NotPermitted):
        printed(made, by="quinn")


def test_who_printed_what_is_on_the_record(fresh_database):
    made = approved(n1=(("Yara", 100_00),), s1=(("Sara", 10_00),))
    printed(made)
    found = rows("SELECT about_id, details FROM trust_audit WHERE event = 'cash-list-printed'")
    ((about, details),) = found
    assert about == str(made.id)
    assert "Yara" not in str(details)
    assert '"payments": 2' in str(details).replace("'", '"')


def test_in_arabic_it_is_set_from_right_to_left(paz):
    made = approved(n1=(("يارا", 100_00),))
    answer = paz.post(f"/payments/{made.id}/sheets/", headers={"accept-language": "ar"})
    assert answer.content.startswith(b"%PDF")
