"""Who is left out is counted: granted and not received, and nothing from anybody; unknown is never counted as a refusal."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from amparo.kernel.errors import NotPermitted, Refused
from amparo.programmes import models, queries
from amparo.programmes.actions import count_excluded, count_gaps
from amparo.programmes.types import CoverageKind, ExclusionCount
from amparo.trust.context import acting
from amparo.trust.queries import area
from amparo.trust.types import Actor, Permission, system
from tests.lib import country
from tests.lib.country import GROUND
from tests.lib.days import today
from tests.unit.programmes.country import MATERNITY, PENSION, installed, run
from tests.unit.programmes.enrolling import enrol, homes, programme, wait
from tests.unit.programmes.feeding import PAID, identify, rows, table, taken, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
VILLAGES = ("n1", "n2", "s1", "s2")
# Of the line of 10,000: granted, within a tenth of it, clearly beyond, not known.
INCOMES = {"granted": 5_000, "near": 10_900, "beyond": 30_000, "unknown": None}
HEAD = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since\n"


def excluded(**more) -> ExclusionCount:
    found, *_ = count_excluded(by=system("test"), under=GROUND, on=today(), **more)
    return found


def missed() -> dict[str, tuple[int, int]]:
    found = count_gaps(by=system("test"), under=GROUND, on=today())
    return {each.programme: (each.eligible, each.missed) for each in found}


def ranges(*codes: str) -> list[tuple[int, int]]:
    return [(area(each).number, area(each).last_number) for each in codes]


def figures(read, by: Actor, *codes: str):
    with acting(by.narrowed(Permission.READ_FIGURES)) as reader:
        return read(ranges(*codes), by=reader)


def listed(by: Actor, code: str = "land") -> list[UUID]:
    with acting(by.narrowed(Permission.LIST_DECISIONS)) as reader:
        found = queries.not_receiving("poor_home", *ranges(code)[0], by=reader, under=GROUND, on=today())
        return [each.decision.unit_id for each in found]


def tell(home: UUID, what: str, folder, *, state: str = "A", number: str = "111111", day: date | None = None) -> None:
    """Let a programme's system tell that somebody of a home receives something this month."""
    statement = (
        "SELECT p.id, p.area_number FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
        " WHERE m.household_id = %s"
    )
    ((member, place),) = rows(statement, home)
    with connections["bulk"].cursor() as cursor:
        identify(cursor, member, place, number)
    line = f"{number} | {number} | | | | | {what} | {state} | cash | 10 | {today():%Y-%m} | | | "
    taken(table(HEAD + line), folder, feed=replace(PAID, schemes=(what,)), day=day or today())


def test_whoever_is_granted_and_not_enrolled_is_a_gap_and_whoever_waits_is_too(cast):
    installed(programme())
    one, two, three = homes(n1=(5_000, 6_000, 7_000))
    assert missed() == {"poor_home": (3, 3)}
    enrol(one, by=cast.omid)
    wait(two, by=cast.omid)
    assert missed() == {"poor_home": (3, 2)}
    assert set(listed(cast.omid)) == {two, three}


def test_what_another_system_tells_of_the_same_programme_closes_the_gap_for_every_reader(cast, tmp_path):
    installed(programme())
    one, other = homes(n1=(5_000, 6_000))
    tell(one, "poor_home", tmp_path)
    assert missed() == {"poor_home": (2, 1)}
    for reader in (cast.amina, cast.omid, cast.bruno):
        assert listed(reader) == [other]


def test_the_database_tells_a_programme_nothing_of_whom_others_decided_about(cast, tmp_path):
    installed(programme(), PENSION)
    (home,) = homes(n1=5_000)
    tell(home, "poor_home", tmp_path)
    ask = "SELECT amparo_is_told(%s, %s, '2020-01-01', '2099-01-01')"
    with acting(cast.omid.narrowed(Permission.LIST_DECISIONS)), connection.cursor() as cursor:
        told = [cursor.execute(ask, [home, code]).fetchone()[0] for code in ("poor_home", "pension", "cash_help")]
    assert told == [True, False, False]
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with (
        acting(cast.amina.narrowed(Permission.LIST_DECISIONS)),
        connection.cursor() as cursor,
        refused,
        transaction.atomic(),
    ):
        cursor.execute(ask, [home, "poor_home"])


def test_whoever_is_unknown_or_refused_is_no_gap(cast):
    installed(programme())
    homes(n1=(None, 90_000))
    assert missed() == {"poor_home": (0, 0)}
    assert listed(cast.omid) == []


def test_each_excluded_household_has_one_reason_and_no_unknown_is_a_refusal():
    installed(programme())
    homes(n1=tuple(INCOMES.values()))
    assert excluded() == ExclusionCount(0, households=4, near=1, unknown=1, beyond=1)


def test_a_decision_about_nobody_yet_is_unknown():
    installed(programme())
    homes(n1=90_000)
    country.household("n1", {"birth_date": date(1990, 1, 1)}, income=90_000)
    assert excluded() == ExclusionCount(0, households=2, unknown=1, beyond=1)


def test_one_benefit_of_one_member_or_from_one_system_is_enough_not_to_be_excluded(cast, tmp_path):
    installed(programme(), PENSION)
    told, _ = homes(n1=(90_000, 80_000))
    country.household("n1", {"birth_date": date(1940, 1, 1)}, income=90_000)
    run(today())
    assert excluded() == ExclusionCount(0, households=3, beyond=2)
    tell(told, "cash_help", tmp_path)
    assert excluded() == ExclusionCount(0, households=3, beyond=1)


def test_whoever_left_the_other_programme_is_excluded_again(tmp_path):
    installed(programme())
    (home,) = homes(n1=90_000)
    tell(home, "cash_help", tmp_path, state="X")
    assert excluded().excluded == 1


def test_an_age_below_a_cut_off_by_less_than_a_tenth_is_near():
    installed(PENSION)
    for born in (date(today().year - 60, 1, 1), date(today().year - 40, 1, 1)):
        country.household("n1", {"birth_date": born})
    run(today())
    assert excluded() == ExclusionCount(0, households=2, near=1, beyond=1)


def test_what_has_gone_stale_since_it_was_decided_is_unknown():
    installed(programme())
    country.household("n1", {"birth_date": date(1990, 1, 1)}, income=90_000, on=date(2026, 1, 1))
    run(date(2026, 4, 1))
    found, *_ = count_excluded(by=system("test"), under=GROUND, on=date(2026, 4, 1))
    assert (found.beyond, found.unknown) == (1, 0)
    found, *_ = count_excluded(by=system("test"), under=GROUND, on=date(2027, 6, 1))
    assert (found.beyond, found.unknown) == (0, 1)


def test_all_planted_in_a_drawn_country_are_found_and_nobody_else(cast):
    drawn = random.Random(20261130)
    planted = [(drawn.choice(VILLAGES), drawn.choice(list(INCOMES))) for _ in range(60)]
    installed(programme(), MATERNITY)
    for village, reason in planted:
        income = INCOMES[reason]
        values = {} if income is None else {"income": income}
        country.household(village, {"birth_date": date(1990, 1, 1), "sex": "male"}, **values)
    run(today())
    whole = excluded()
    expected = Counter(planted)
    found = figures(queries.exclusion_counts, cast.bruno, *VILLAGES)
    for village, each in zip(VILLAGES, found, strict=True):
        told = {name: getattr(each, name) for name in ("near", "unknown", "beyond")}
        assert told == {name: expected[village, name] for name in told}
        assert each.households == sum(expected[village, name] for name in INCOMES)
    assert sum(each.excluded for each in found) == whole.excluded == sum(1 for _, each in planted if each != "granted")
    (land,) = figures(queries.exclusion_counts, cast.bruno, "land")
    assert (land.households, land.near, land.unknown, land.beyond) == (
        whole.households,
        whole.near,
        whole.unknown,
        whole.beyond,
    )


def test_sums_over_areas_equal_the_whole(cast):
    installed(programme())
    homes(n1=(5_000, 6_000), n2=5_000, s1=5_000)
    whole = missed()["poor_home"]
    found = figures(queries.gap_counts, cast.bruno, *VILLAGES)
    assert (sum(each.eligible for each in found), sum(each.missed for each in found)) == whole == (4, 4)


def test_an_officer_of_another_area_sees_none(cast):
    installed(programme())
    homes(n1=(5_000, 90_000))
    missed(), excluded()
    (gap,) = figures(queries.gap_counts, cast.chen, "land")
    (left,) = figures(queries.exclusion_counts, cast.chen, "land")
    assert (gap.eligible, left.households) == (0, 0)
    assert listed(cast.chen) == []
    assert len(listed(cast.amina)) == 1


def test_whoever_runs_a_programme_is_told_its_gaps_and_of_nobody_what_others_decided(cast):
    installed(programme(), PENSION)
    homes(n1=5_000)
    missed(), excluded()
    assert [(each.programme, each.missed) for each in figures(queries.gap_counts, cast.omid, "land")] == [
        ("poor_home", 1)
    ]
    assert figures(queries.exclusion_counts, cast.omid, "land") == []


def test_an_auditor_reads_counts_and_not_the_list(cast):
    installed(programme())
    homes(n1=5_000)
    missed()
    with acting(cast.emre.narrowed(Permission.READ_FIGURES)) as by, pytest.raises(NotPermitted):
        queries.not_receiving("poor_home", *ranges("land")[0], by=by, under=GROUND, on=today())


def test_the_list_names_everybody_on_it_in_the_log(cast):
    installed(programme())
    (home,) = homes(n1=5_000)
    listed(cast.amina)
    ((_, details),) = written_of("decisions-listed")
    assert details["units"] == [str(home)]


def test_without_a_run_or_a_rule_nobody_is_said_to_be_excluded():
    installed(programme())
    country.household("n1", {"birth_date": date(1990, 1, 1)}, income=90_000)
    for count in (excluded, missed):
        with pytest.raises(Refused, match="programmes-coverage-without-run"):
            count()
    run(today())
    with pytest.raises(Refused, match="programmes-excluded-no-programme"):
        count_excluded(by=system("test"), under=GROUND, on=date(2020, 1, 1))
    assert not models.Coverage.objects.using("bulk").exists()


@pytest.mark.parametrize(("level", "is_alarm"), [(None, False), (49, True), (50, False)])
def test_the_alarm_rises_above_its_level_and_never_without_one(cast, level, is_alarm):
    installed(programme())
    homes(n1=(5_000, 90_000))
    assert count_excluded(by=system("test"), under=GROUND, on=today(), alarm_percent=level)[1] is is_alarm
    with acting(cast.amina.narrowed(Permission.READ_FIGURES)):
        assert queries.counted(CoverageKind.EXCLUDED).is_alarm is is_alarm
    ((_, details),) = written_of("coverage-counted")
    assert (details["excluded"], details["is_alarm"]) == (1, is_alarm)
