"""Somebody leaves a household: moves, dies, or goes nobody knows where; what they left behind is decided again at once."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry import queries
from amparo.registry.actions import form_group, leave, protect
from amparo.registry.types import Leaving
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission
from tests.lib import country
from tests.unit.programmes.country import POOR_HOME, installed

DAY = date(2026, 5, 1)
WHO = ("Ada", "Bo", "Cleo")


@pytest.fixture(scope="module")
def land(database) -> None:
    installed(POOR_HOME)


def home(place: str = "n1", names: tuple[str, ...] = WHO, income: int = 25_000) -> tuple[UUID, list[UUID]]:
    members = ({"given_name": name, "is_head": name == names[0]} for name in names)
    id = country.household(place, *members, income=income)
    found = rows(
        "SELECT m.person_id FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
        " WHERE m.household_id = %s ORDER BY p.number",
        id,
    )
    return id, [person for (person,) in found]


def rows(statement: str, *values) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def who(name: str, permission: Permission = Permission.REGISTER) -> Actor:
    return getattr(country.cast(), name).narrowed(permission)


def left(home: UUID, person: UUID, why: Leaving = Leaving.LEFT, *, by: str = "amina", on: date = DAY, to=None) -> None:
    with acting(who(by)) as officer:
        leave(home, person, why=why, to=to, by=officer, on=on, under=country.GROUND)


def lives_in(person: UUID) -> list[UUID]:
    found = rows("SELECT household_id FROM registry_membership WHERE person_id = %s AND ends_on IS NULL", person)
    return [household for (household,) in found]


def outcomes(home: UUID) -> list[tuple]:
    return rows(
        "SELECT outcome, state FROM programmes_decision WHERE household_id = %s AND superseded_at IS NULL ORDER BY state",
        home,
    )


def test_a_member_who_left_lives_there_no_more_and_lived_there_before(land):
    id, (_, bo, _) = home()
    left(id, bo)
    assert lives_in(bo) == []
    with acting(who("amina", Permission.READ_HOUSEHOLD)) as by:
        assert bo not in {each.id for each in queries.household(id, by=by, under=country.GROUND).members}
        assert (bo, DAY) in {(person, until) for person, _, _, until in queries.residence(id, by=by)}


def test_the_household_is_decided_again_at_once_and_what_is_worse_is_only_proposed(land):
    id, (_, bo, _) = home()  # 250 for three is under the line of 100 a head, for two it is not
    assert outcomes(id) == [(True, "in-effect")]
    left(id, bo)
    assert outcomes(id) == [(True, "in-effect"), (False, "proposed")]


def test_who_moves_lives_in_the_other_home_with_all_that_is_known_of_them_and_both_are_decided_again(land):
    first, (_, bo, _) = home()
    second, _ = home("n2", ("Dina",), income=15_000)
    assert outcomes(second) == [(False, "in-effect")]
    left(first, bo, Leaving.MOVED, to=second)
    assert lives_in(bo) == [second]
    place = rows("SELECT area_number FROM registry_household WHERE id = %s", second)[0]
    assert rows("SELECT area_number FROM registry_person WHERE id = %s", bo) == [place]
    assert rows("SELECT area_number FROM registry_fact_person WHERE person_id = %s", bo) == [place]
    assert ("in-effect", True) in {(state, outcome) for outcome, state in outcomes(second)}


def test_who_died_is_counted_no_more_and_the_day_is_known(land):
    id, (_, bo, _) = home()
    left(id, bo, Leaving.DIED)
    assert rows("SELECT deceased_on FROM registry_person WHERE id = %s", bo) == [(DAY,)]
    assert lives_in(bo) == []


def test_groups_lose_who_left_and_a_couple_of_one_is_none(land):
    id, (ada, bo, cleo) = home()
    with acting(who("amina")) as by:
        told = {"by": by, "on": DAY, "under": country.GROUND}
        couple, family = form_group(id, "couple", [ada, bo], **told), form_group(id, "family", [ada, bo, cleo], **told)
    left(id, bo)
    held = dict(rows("SELECT id, ends_on FROM registry_group WHERE household_id = %s", id))
    assert held == {couple: DAY, family: None}
    live = rows("SELECT person_id FROM registry_groupmembership WHERE group_id = %s AND ends_on IS NULL", family)
    assert {person for (person,) in live} == {ada, cleo}


@pytest.mark.parametrize(
    ("why", "on", "to", "refused"),
    [
        (Leaving.MOVED, DAY, None, "registry-leaving-where"),
        (Leaving.MOVED, DAY, "same", "registry-leaving-where"),
        (Leaving.LEFT, DAY, "other", "registry-leaving-where"),
        (Leaving.LEFT, country.DAY - timedelta(days=1), None, "registry-leaving-day"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(land, why, on, to, refused):
    (id, (_, bo, _)), (other, _) = home(), home()
    with pytest.raises(Refused, match=refused):
        left(id, bo, why, on=on, to={"same": id, "other": other}.get(to))
    assert lives_in(bo) == [id]


def test_nobody_leaves_on_a_day_that_is_still_to_come(land):
    id, (_, bo, _) = home()
    with pytest.raises(Refused, match="registry-leaving-day"):
        left(id, bo, on=clock.today() + timedelta(days=1))
    assert lives_in(bo) == [id]


def test_nobody_leaves_twice_nor_a_home_that_they_are_not_in(land):
    id, (_, bo, _) = home()
    other, _ = home()
    with pytest.raises(NotFound):
        left(other, bo)
    left(id, bo)
    with pytest.raises(NotFound):
        left(id, bo)


def test_only_who_registers_in_the_area_may_and_the_database_holds_it_alone(land):
    id, (_, bo, _) = home()
    south, _ = home("s1")
    with pytest.raises(NotFound):
        left(id, bo, by="chen")
    with pytest.raises(NotFound):
        left(id, bo, Leaving.MOVED, to=south)
    with acting(who("bruno", Permission.READ_HOUSEHOLD)) as by, pytest.raises(NotPermitted):
        leave(id, bo, why=Leaving.LEFT, by=by, on=DAY, under=country.GROUND)
    for officer, to in (("chen", None), ("amina", south)):
        with pytest.raises(ProgrammingError, match="outside the caller"), acting(who(officer)):
            ask_database(bo, id, to)
    assert lives_in(bo) == [id]


def ask_database(person: UUID, home: UUID, to: UUID | None) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT amparo_leave(%s, %s, %s, %s, false)", [person, home, DAY, to])


def test_one_line_of_the_log_says_who_left_and_why_and_no_name(land):
    (id, (_, bo, _)), (other, _) = home(), home()
    left(id, bo, Leaving.MOVED, to=other)
    [(details,)] = rows("SELECT details::text FROM trust_audit WHERE event = 'member-left' AND about_id = %s", str(id))
    assert all(each in details for each in (str(bo), str(other), "moved"))
    assert "Bo" not in details


def test_the_home_that_somebody_in_danger_leaves_comes_back_into_sight_and_they_do_not(land):
    id, (ada, bo, _) = home()
    second, _ = home("n2", ("Dina",))
    with acting(who("nadia", Permission.PROTECT)) as by:
        protect(bo, by=by, on=DAY, under=country.GROUND)
    left(id, bo, Leaving.MOVED, by="nadia", to=second)
    below = dict(
        rows("SELECT id, area_number < 0 FROM registry_household WHERE id IN (%s, %s)", id, second)
        + rows("SELECT id, area_number < 0 FROM registry_person WHERE id IN (%s, %s)", ada, bo)
    )
    assert below == {id: False, second: True, ada: False, bo: True}
    third, (eli, fay) = home("n1", ("Eli", "Fay"))
    with acting(who("nadia", Permission.PROTECT)) as by:
        protect(eli, by=by, on=DAY, under=country.GROUND)
    left(third, fay, by="nadia")  # who only lived with them is seen again
    left(third, eli, by="nadia")
    below = dict(rows("SELECT id, area_number < 0 FROM registry_person WHERE id IN (%s, %s)", eli, fay))
    assert below == {eli: True, fay: False}
