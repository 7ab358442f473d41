"""Where money goes stays known until it has arrived; then an account is erased with its person."""

from datetime import date

import pytest
from django.db import connections

from amparo.payments import actions
from amparo.payments.actions.accounts import Given
from amparo.payments.kept import KEPT, being_paid
from tests.lib import paying
from tests.lib.country import GROUND, household
from tests.lib.paying import DAY, enrolled, rows


@pytest.mark.usefixtures("fresh_database")
def test_nobody_is_erased_while_money_is_on_its_way_to_them_and_then_their_account_is(cast):
    home = household("n1", {"given_name": "Ada", "family_name": "Noor", "birth_date": date(1980, 1, 1)})
    ((number, ada),) = rows(
        "SELECT p.number, p.id FROM registry_person p JOIN registry_membership m ON m.person_id = p.id WHERE m.household_id = %s",
        home,
    )
    paying.installed()
    actions.record_accounts([Given(number, "bank", "EQBLKENA", "11-22", "Ada Noor")], by=cast.paz, under=GROUND)
    enrolled(100, recipients=[ada])
    made = paying.prepared(cast.paz)
    (account,) = [each for each in KEPT if each.place == "payments_account"]
    with connections["bulk"].cursor() as cursor:
        assert being_paid(cursor, [ada], DAY) == {ada}
        actions.withdraw(made.id, by=cast.paz, under=GROUND)
        assert being_paid(cursor, [ada], DAY) == set()
        cursor.execute("SET ROLE amparo_eraser")
        cursor.execute(account.erase, {"persons": [ada]})
        assert cursor.rowcount == 1
        cursor.execute("RESET ROLE")
    assert rows("SELECT count(*) FROM payments_account") == [(0,)]
