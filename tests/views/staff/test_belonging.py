"""What a household's page says besides facts: groups, relationships also across households, items."""

import re
from datetime import date

import pytest
from django.db import connections

from amparo.kernel.ids import uuid7
from tests.lib import country, pages
from tests.views.conftest import signed_in

SINCE = date(2026, 2, 1)


def sql(statement: str, values: list) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def members(home) -> list:
    found = sql(
        "SELECT m.person_id, m.area_number FROM registry_membership m JOIN registry_person p ON p.id = m.person_id"
        " WHERE m.household_id = %s ORDER BY p.number",
        [home],
    )
    return list(found)


def related(person, other, kind: str, area: int) -> None:
    sql(
        "INSERT INTO registry_relationship (person_id, other_id, kind, starts_on, source_id, area_number)"
        " SELECT %s, %s, %s, %s, id, %s FROM registry_source WHERE code = 'census'",
        [person, other, kind, SINCE, area],
    )


@pytest.fixture(scope="module")
def homes(database) -> dict:
    """Yara and her son Omar in the north; her daughter Hana next door; her mother Nura in the south."""
    named = {
        "yara": ("n1", ["Yara", "Omar"]), "hana": ("n2", ["Hana"]), "nura": ("s1", ["Nura"])
    }  # fmt: skip
    found = {
        name: country.household(area, *({"given_name": each, "family_name": "Haddad"} for each in people))
        for name, (area, people) in named.items()
    }
    (yara, north), (omar, _) = members(found["yara"])
    [(hana, _)], [(nura, south)] = members(found["hana"]), members(found["nura"])
    related(yara, omar, "parent", north)
    related(yara, hana, "parent", north)
    related(nura, yara, "parent", south)  # told in the south: row security hides the row itself from the north
    family = uuid7()
    sql(
        "INSERT INTO registry_group (id, household_id, kind, starts_on, area_number) VALUES (%s, %s, 'family', %s, %s)",
        [family, found["yara"], SINCE, north],
    )
    for person in (yara, omar):
        sql(
            "INSERT INTO registry_groupmembership (group_id, person_id, starts_on, area_number) VALUES (%s, %s, %s, %s)",
            [family, person, SINCE, north],
        )
    return found


def page(who: str, home) -> str:
    response = signed_in(who).get(f"/households/{home}/")
    pages.assert_is_whole(response)
    return pages.text(response)


def test_relatives_of_the_same_household_are_told_once(homes):
    words = page("amina", homes["yara"])
    assert re.search(r"Yara Haddad parent of Omar Haddad\s?, Hana Haddad [\w ]*census, February 1, 2026", words)
    assert "Omar Haddad child of" not in words


def test_a_relative_in_another_household_within_reach_is_named_and_linked(homes):
    response = signed_in("amina").get(f"/households/{homes['yara']}/")
    [(hana, _)] = members(homes["hana"])
    assert f'href="/households/{homes["hana"]}/people/{hana}/"' in response.content.decode()
    assert "Hana Haddad child of Yara Haddad" in page("amina", homes["hana"])


def test_of_a_relative_outside_the_readers_areas_only_that_there_is_one_is_told(homes):
    words = page("amina", homes["yara"])
    assert "Yara Haddad child of somebody registered in another area" in words
    assert "Nura" not in words
    assert "Nura Haddad parent of somebody registered in another area" in page("chen", homes["nura"])


def test_whoever_reaches_both_reads_both(homes):
    assert "Yara Haddad child of Nura Haddad" in page("bruno", homes["yara"])


def test_a_relatives_name_is_on_the_record(homes):
    [(hana, _)] = members(homes["hana"])
    asked = "SELECT count(*) FROM trust_audit WHERE about_id = %s AND details->>'seen' = 'relationship'"
    [(before,)] = sql(asked, [str(hana)])
    page("amina", homes["yara"])
    assert sql(asked, [str(hana)]) == [(before + 1,)]


def test_each_gate_alone_keeps_the_relatives_name(homes, monkeypatch):
    """With the query's scope open, the database function still asks for both ends."""
    from tests.lib.gates_off import open_the_query

    open_the_query(monkeypatch)
    assert "Nura" not in page("amina", homes["yara"])


def test_a_group_is_shown_with_its_people_and_since_when(homes):
    words = page("amina", homes["yara"])
    assert re.search(r"Family Yara Haddad\s?, Omar Haddad since February 1, 2026", words)


def test_before_its_day_neither_group_nor_relationship_is_shown(homes):
    response = signed_in("amina").get(f"/households/{homes['yara']}/?as_of=2026-01-15")
    assert "parent of" not in pages.text(response)
    assert "Who belongs to it" not in pages.text(response)
