"""Who receives what: told by others or given here, by whom it may be read, and what of it."""

from datetime import date

import pytest
from django.db import connection, connections

from amparo.kernel.errors import NotPermitted
from amparo.programmes import queries
from amparo.programmes.types import Benefit, BenefitKind, BenefitStatus, PaymentTold, Receiver
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.country import installed
from tests.unit.programmes.enrolling import enrol, homes, programme
from tests.unit.programmes.feeding import identify, person, rows, table, taken, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
HEAD = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since\n"


def told(*lines: str) -> str:
    return table(HEAD + "\n".join(lines))


def home_of(person_id) -> object:
    return rows("SELECT household_id FROM registry_membership WHERE person_id = %s", person_id)[0][0]


def read(home, by: Actor) -> list[Benefit]:
    by = by.narrowed(Permission.READ_DECISION)
    with acting(by):
        return queries.benefits_of_household(home, by=by, under=GROUND)


def test_each_benefit_stands_once_with_its_latest_month_and_since_when(cast, tmp_path):
    yara = person("111111")
    taken(
        told(
            "A1 | 111111 | | | | | cash_help | A | cash | 10 | 2026-02 | paid | direct | 2025-01-01",
            "A1 | 111111 | | | | | cash_help | S | cash | 12 | 2026-03 | due | direct | ",
            "A1 | 111111 | | | | | food_help | A | in-kind | | 2026-03 | | member | ",
        ),
        tmp_path,
    )
    cash, food = read(home_of(yara), cast.amina)
    assert (cash.scheme, cash.feed, cash.person_id) == ("cash_help", "social_fund", yara)
    assert (cash.since, cash.period, cash.status) == (date(2025, 1, 1), date(2026, 3, 1), BenefitStatus.SUSPENDED)
    assert (cash.kind, cash.amount_minor, cash.currency, cash.payment) == (
        BenefitKind.CASH,
        12_00,
        "EUR",
        PaymentTold.DUE,
    )
    assert (food.kind, food.amount_minor, food.receiver) == (BenefitKind.IN_KIND, None, Receiver.MEMBER)
    assert (food.since, food.is_live) == (date(2026, 3, 1), True)


def test_the_latest_day_that_told_of_a_month_counts(cast, tmp_path):
    yara = person("111111")
    line = "A1 | 111111 | | | | | cash_help | A | cash | {} | 2026-03 | | | "
    taken(told(line.format(12)), tmp_path, day=date(2026, 5, 10))
    taken(told(line.format(10)), tmp_path, day=date(2026, 4, 10))
    assert [each.amount_minor for each in read(home_of(yara), cast.amina)] == [12_00]


def test_what_is_given_here_stands_beside_what_others_tell(cast, tmp_path):
    installed(programme())
    (home,) = homes(n1=5_000)
    enrol(home, by=cast.omid)
    (member,) = rows("SELECT p.id, p.area_number FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
                     " WHERE m.household_id = %s", home)  # fmt: skip
    with connections["bulk"].cursor() as cursor:
        identify(cursor, *member, "111111")
    taken(told("A1 | 111111 | | | | | cash_help | A | cash | 10 | 2026-03 | | | "), tmp_path)
    found = {each.scheme: each for each in read(home, cast.amina)}
    assert (found["poor_home"].feed, found["poor_home"].since, found["poor_home"].person_id) == (None, today(), None)
    assert found["cash_help"].feed == "social_fund"


def test_nobody_reads_what_lies_outside_their_reach(cast, tmp_path):
    yara = person("111111")
    taken(told("A1 | 111111 | | | | | cash_help | A | cash | 10 | 2026-03 | | | "), tmp_path)
    assert len(read(home_of(yara), cast.amina)) == 1
    assert read(home_of(yara), cast.chen) == []
    with pytest.raises(NotPermitted):
        read(home_of(yara), cast.paz)


@pytest.mark.parametrize(("who", "sees"), [("chen", 0), ("amina", 1), ("ines", 3)])
def test_the_database_shows_each_their_own_and_the_unknown_to_the_nation_alone(cast, tmp_path, who, sees):
    person("111111")
    taken(
        told(
            "A1 | 111111 | | | | | cash_help | A | cash | 10 | 2026-03 | | | ",
            "A2 | 222222 | | | | | cash_help | A | cash | 10 | 2026-03 | | | ",
            "A3 | | Omar | | 1975-01-02 | n2 | cash_help | A | cash | 10 | 2026-03 | | | ",
        ),
        tmp_path,
    )
    for seen in ("programmes_beneficiary", "programmes_benefit"):
        with acting(getattr(cast, who).narrowed(Permission.READ_DECISION)), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {seen}")
            assert cursor.fetchone() == (sees,)


def test_to_read_them_is_in_the_log_with_their_number_and_nothing_else(cast, tmp_path):
    yara = person("111111")
    taken(told("A1 | 111111 | | | | | cash_help | A | cash | 10 | 2026-03 | | | "), tmp_path)
    read(home_of(yara), cast.amina)
    ((about, details),) = written_of("benefits-read")
    assert str(about) == str(home_of(yara))
    assert "A1" not in str(details)
    assert "111111" not in str(details)
