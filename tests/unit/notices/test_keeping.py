"""That somebody was told of something goes with them when they are erased, and what a home is told stays for who lives there."""

import pytest

from amparo.notices import actions
from amparo.notices.types import Kind
from tests.lib.country import household
from tests.lib.erasing import erased, people
from tests.unit.notices import setting
from tests.unit.notices.setting import rows, sent, told


@pytest.mark.usefixtures("own_ledger")
def test_what_a_person_was_told_is_erased_with_its_attempts(words, gateway):
    both = [{"given_name": name, "told_by": "sms", "is_head": name == "Ada"} for name in ("Ada", "Noor")]
    home = household("n1", *both, phone="+999 1234 5678")
    ada, _ = people(home)
    told(home)
    one = """SELECT amparo_uuid7() AS about, %(person)s::uuid AS person, h.id AS household, h.area_number,
        '' AS programme, NULL::date AS day, 'ABC' AS code FROM registry_household h WHERE h.id = %(home)s"""
    actions.tell(Kind.CASE_CLOSED, one, {"person": ada, "home": home}, by=setting.BY, using="bulk")
    assert sent() == {"sent": 2}
    erased(ada)
    assert rows("SELECT person_id, household_id FROM notices_sending") == [(None, home)]
    assert rows("SELECT count(*) FROM notices_attempt") == [(1,)]
