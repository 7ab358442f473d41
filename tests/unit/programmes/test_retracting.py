"""A delivery that is taken back: what it told goes, what others tell stays, its receipt stays with the reason (IBR-1, ARC-2)."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connections, transaction

from amparo.kernel.errors import NotFound, Refused
from amparo.programmes.actions import retract_feed
from amparo.programmes.queries import feeds_heard
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from tests.lib import country
from tests.lib.country import GROUND
from tests.unit.programmes.feeding import DAY, LEAST, person, rows, taken, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
HEAD = "id,state,amount,month\n"
YARA, STRANGER = "111111,enrolled,12,2026-03\n", "222222,enrolled,12,2026-03\n"
CORRECTED = "111111,enrolled,20,2026-03\n"


def retract(receipt: dict, reason: str = "sent by mistake") -> dict:
    return retract_feed(UUID(receipt["delivery"]), reason=reason, by=system("test"), under=GROUND)


def heard(on: date = DAY) -> list[tuple]:
    with acting(country.cast().lina.narrowed(Permission.READ_AGREEMENT)) as by:
        return [(each.feed, each.scheme, each.day, each.is_fresh) for each in feeds_heard(by=by, on=on)]


def test_what_it_told_goes_and_whom_nothing_tells_of_any_more(tmp_path):
    person("111111")
    receipt = taken(HEAD + YARA + STRANGER, tmp_path, feed=LEAST)
    assert receipt["schemes"] == [{"scheme": "cash_help", "rows": 2}]
    assert heard() == [("least", "cash_help", DAY, True)]
    gone = retract(receipt)
    assert (gone["rows"], gone["beneficiaries"]) == (2, 2)
    for table in ("benefit", "beneficiary", "match"):
        assert rows(f"SELECT count(*) FROM programmes_{table}") == [(0,)]
    assert heard() == []
    assert rows("SELECT reason, gone FROM programmes_feedretraction") == [("sent by mistake", 2)]
    assert rows("SELECT count(*) FROM programmes_feeddelivery") == [(1,)]
    ((about, told),) = written_of("feed-retracted")
    assert (about, told["rows"], told["feed"]) == (receipt["delivery"], 2, "least")
    assert "mistake" not in str(told)


def test_what_another_delivery_tells_counts_again(tmp_path):
    yara = person("111111")
    taken(HEAD + YARA, tmp_path, feed=LEAST)
    later = taken(HEAD + CORRECTED + STRANGER, tmp_path, feed=LEAST, day=date(2026, 4, 20))
    assert retract(later)["beneficiaries"] == 1
    assert rows("SELECT person_id FROM programmes_beneficiary") == [(yara,)]
    assert rows("SELECT amount_minor FROM programmes_benefit") == [(12_00,)]
    assert heard() == [("least", "cash_help", DAY, True)]


LATER, BETWEEN = date(2026, 4, 20), date(2026, 4, 15)


@pytest.mark.parametrize(("older", "amount"), [(YARA, 12_00), (CORRECTED, 20_00)])
def test_an_older_word_that_came_late_counts_once_the_newer_one_is_taken_back(tmp_path, older, amount):
    """Also where it says the very same: then the newer one was not all that there was."""
    yara = person("111111")
    newer = taken(HEAD + YARA + STRANGER, tmp_path, feed=LEAST, day=LATER)
    taken(HEAD + older, tmp_path, feed=LEAST)
    assert retract(newer)["beneficiaries"] == 1
    assert rows("SELECT person_id, told_on FROM programmes_beneficiary") == [(yara, DAY)]
    assert rows("SELECT amount_minor, day FROM programmes_benefit") == [(amount, DAY)]
    assert heard() == [("least", "cash_help", DAY, True)]


def test_what_comes_for_a_day_between_counts_once_the_newer_word_is_taken_back(tmp_path):
    person("111111")
    taken(HEAD + YARA, tmp_path, feed=LEAST)
    retract(taken(HEAD + YARA.replace("12,", "99,"), tmp_path, feed=LEAST, day=LATER))
    taken(HEAD + CORRECTED, tmp_path, feed=LEAST, day=BETWEEN)
    assert rows("SELECT told_on FROM programmes_beneficiary") == [(BETWEEN,)]
    assert rows("SELECT amount_minor FROM programmes_benefit ORDER BY day DESC") == [(20_00,), (12_00,)]


def test_an_older_word_taken_back_leaves_the_newer_one(tmp_path):
    person("111111")
    older = taken(HEAD + YARA, tmp_path, feed=LEAST)
    taken(HEAD + CORRECTED, tmp_path, feed=LEAST, day=LATER)
    assert retract(older)["rows"] == 1
    assert rows(
        "SELECT amount_minor, day, told_on FROM programmes_benefit b JOIN programmes_beneficiary a"
        " ON a.id = b.beneficiary_id"
    ) == [(20_00, LATER, LATER)]


def test_an_older_word_taken_back_leaves_the_newer_one_that_said_the_very_same(tmp_path):
    yara = person("111111")
    older = taken(HEAD + YARA, tmp_path, feed=LEAST)
    newer = taken(HEAD + YARA + STRANGER, tmp_path, feed=LEAST, day=LATER)
    assert newer["rows"] == {
        "delivered": 2,
        "accepted": 2,
        "rejected": 0,
        "new": 1,
        "corrected": 0,
        "late": 0,
        "unchanged": 1,
    }
    gone = retract(older)
    assert (gone["rows"], gone["beneficiaries"]) == (1, 0)
    assert rows(
        "SELECT amount_minor, day, told_on FROM programmes_benefit b JOIN programmes_beneficiary a"
        " ON a.id = b.beneficiary_id WHERE person_id = %s",
        yara,
    ) == [(12_00, LATER, LATER)]
    gone = retract(newer)
    assert (gone["rows"], gone["beneficiaries"]) == (2, 2)


def test_of_several_that_said_the_same_on_one_day_each_counts_by_itself(tmp_path):
    person("111111")
    first = taken(HEAD + YARA, tmp_path, feed=LEAST)
    second = taken(HEAD + STRANGER + YARA, tmp_path, feed=LEAST)
    retract(first)
    assert rows("SELECT count(*) FROM programmes_benefit WHERE amount_minor = 1200") == [(2,)]
    retract(second)
    assert rows("SELECT count(*) FROM programmes_benefit") == [(0,)]


def test_a_late_correction_of_a_day_between_does_not_outweigh_a_later_day_that_said_the_first_again(tmp_path):
    """Of two that tell of one month the later day counts, also where it said nothing new when it came."""
    person("111111")
    taken(HEAD + YARA, tmp_path, feed=LEAST)
    taken(HEAD + YARA, tmp_path, feed=LEAST, day=LATER)
    assert taken(HEAD + CORRECTED, tmp_path, feed=LEAST, day=BETWEEN)["rows"]["late"] == 1
    latest = (
        "SELECT DISTINCT ON (beneficiary_id) amount_minor FROM programmes_benefit ORDER BY beneficiary_id, day DESC"
    )
    assert rows(latest) == [(12_00,)]


def test_the_same_file_does_not_come_in_again_and_another_day_does(tmp_path):
    receipt = taken(HEAD + STRANGER, tmp_path, feed=LEAST)
    retract(receipt)
    with pytest.raises(Refused) as refusal:
        taken(HEAD + STRANGER, tmp_path, feed=LEAST)
    assert refusal.value.message.id == "programmes-feed-retracted"
    assert taken(HEAD + STRANGER, tmp_path, feed=LEAST, day=date(2026, 4, 11))["rows"]["accepted"] == 1


def test_twice_without_a_reason_or_of_nothing_it_is_refused(tmp_path):
    receipt = taken(HEAD + STRANGER, tmp_path, feed=LEAST)
    with pytest.raises(Refused) as refusal:
        retract(receipt, "  ")
    assert refusal.value.message.id == "programmes-feed-retract-reason"
    with pytest.raises(NotFound):
        retract({"delivery": str(uuid4())})
    retract(receipt)
    with pytest.raises(Refused) as refusal:
        retract(receipt)
    assert refusal.value.message.id == "programmes-feed-retracted-before"


def test_what_was_taken_back_stays_so(tmp_path):
    retract(taken(HEAD + STRANGER, tmp_path, feed=LEAST))
    for statement in ("DELETE FROM programmes_feedretraction", "UPDATE programmes_feedretraction SET reason = ''"):
        with pytest.raises(DatabaseError), transaction.atomic(using="bulk"):
            connections["bulk"].cursor().execute(statement)


def test_what_is_told_of_months_that_count_no_more_is_not_fresh_and_nothing_accepted_tells_nothing(tmp_path):
    taken(HEAD + STRANGER, tmp_path, feed=LEAST)
    assert heard(date(2026, 7, 9)) == [("least", "cash_help", DAY, True)]
    assert heard(date(2026, 7, 10)) == [("least", "cash_help", DAY, False)]
    taken(HEAD + "333333,gone,12,2026-03\n", tmp_path, feed=LEAST, day=date(2026, 7, 1))
    assert heard(date(2026, 7, 10)) == [("least", "cash_help", DAY, False)]


def test_a_receipt_of_an_earlier_version_stands_for_every_programme_of_its_system(tmp_path):
    taken(HEAD + STRANGER, tmp_path, feed=LEAST)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE programmes_feeddelivery DISABLE TRIGGER no_change")
        cursor.execute("UPDATE programmes_feeddelivery SET receipt = receipt - 'schemes'")
        cursor.execute("ALTER TABLE programmes_feeddelivery ENABLE TRIGGER no_change")
    assert heard() == [("least", None, DAY, True)]
