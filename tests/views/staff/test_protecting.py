"""What protects people in danger, written down, seen and ended on a page: by one role only, each look at it in the log."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client

from amparo.kernel import clock
from amparo.registry.actions import install_dictionary
from amparo.registry.dictionary import Field, FieldClass, Type, Vocabulary
from amparo.trust.types import system
from tests.lib import country, pages
from tests.views.conftest import signed_in

PLACE, CALL = "behind the mill", "through the baker"
PROTECTS = {"field_class": FieldClass.PROTECTION, **country.USED}
WORDS = replace(
    country.DICTIONARY,
    version="refuges",
    vocabularies=(*country.DICTIONARY.vocabularies, Vocabulary("way", ("letter", "call"))),
    fields=(
        *country.DICTIONARY.fields,
        Field("refuge", "person", Type.TEXT, **PROTECTS),
        Field("moved_on", "person", Type.DATE, **PROTECTS),
        Field("reached_by", "household", Type.CODE, vocabulary="way", **PROTECTS),
        Field("doors", "household", Type.INTEGER, minimum=0, maximum=9, **PROTECTS),
        Field("is_guarded", "household", Type.BOOLEAN, **PROTECTS),
        Field("ransom", "household", Type.MONEY, **PROTECTS),
    ),
    _by_key={},
)


@pytest.fixture(scope="module")
def northern(database) -> dict[str, str]:
    install_dictionary(WORDS, by=system("test"))
    home = country.household("n1", {"given_name": "Mara", "family_name": "Lund", "is_head": True, "sex": "female"})
    (person,) = rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0]
    return {"home": str(home), "person": str(person), "address": f"/households/{home}/protection/"}


@pytest.fixture
def nadia(database) -> Client:
    return signed_in("nadia")


def rows(statement: str, *values) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def told(browser: Client, northern: dict[str, str], whom: str = "person", **changes: str):
    said = {"whom": northern[whom], "source": "office", "on": "2026-05-01"}
    return browser.post(northern["address"], said | changes)


def ended(browser: Client, northern: dict[str, str], whom: str, field: str, source: str = "office"):
    return browser.post(f"{northern['address']}end/", {"whom": northern[whom], "field": field, "source": source})


def test_it_works_without_javascript_and_is_reached_from_the_home_and_the_person(nadia, amina, northern):
    pages.assert_is_whole(nadia.get(northern["address"]))
    link = f'href="{northern["address"]}"'
    for address in (f"/households/{northern['home']}/", f"/households/{northern['home']}/people/{northern['person']}/"):
        assert link in nadia.get(address).content.decode()
        assert link not in amina.get(address).content.decode()


def test_a_place_is_written_down_then_a_move_and_both_are_seen_the_latest_as_what_holds(nadia, northern):
    assert told(nadia, northern, refuge="at the convent", on="2026-04-01").status_code == 302
    assert told(nadia, northern, refuge=PLACE, moved_on="2026-05-01").status_code == 302
    page = nadia.get(northern["address"])
    pages.assert_is_whole(page)
    words = pages.text(page)
    assert words.index(PLACE) < words.index("Earlier") < words.index("at the convent")
    assert PLACE in pages.text(nadia.get(f"/households/{northern['home']}/people/{northern['person']}/"))


def test_it_is_written_down_also_where_there_is_no_owner_of_the_tables_as_in_the_process_that_serves(
    nadia, northern, monkeypatch
):
    monkeypatch.delitem(connections.settings, "owner")
    monkeypatch.delattr(connections._connections, "owner", raising=False)
    assert told(nadia, northern, refuge=PLACE).status_code == 302


def test_every_kind_of_field_is_written_down_as_what_it_is(nadia, northern):
    said = {"reached_by": "call", "doors": "2", "is_guarded": "yes", "ransom": "12.50"}
    assert told(nadia, northern, "home", **said).status_code == 302
    kept = rows('SELECT "values" FROM registry_observation WHERE "values" ? \'doors\'')
    assert kept == [({"reached_by": "call", "doors": 2, "is_guarded": True, "ransom": 1250},)] or kept == [
        ('{"doors": 2, "ransom": 1250, "is_guarded": true, "reached_by": "call"}',)
    ]


def test_what_is_ended_holds_no_more_and_stays_in_what_was_said(nadia, northern):
    told(nadia, northern, "home", reached_by="letter")
    assert ended(nadia, northern, "home", "reached_by").status_code == 302
    words = pages.text(nadia.get(northern["address"]))
    assert words.index("Earlier") < words.index("letter")
    assert "ended" in words
    assert "letter" not in pages.text(nadia.get(f"/households/{northern['home']}/"))
    assert "taken back" in pages.text(nadia.get(f"/households/{northern['home']}/history/"))
    pages.assert_refused(ended(nadia, northern, "home", "reached_by"), 404)
    pages.assert_refused(ended(nadia, northern, "home", "income"), 404)
    told(nadia, northern, "home", reached_by="letter")
    assert rows("SELECT count(*) FROM registry_observation WHERE \"values\" ->> 'reached_by' = 'letter'") == [(2,)]


def test_each_look_at_it_and_each_word_of_it_is_in_the_log_and_none_of_it_is(nadia, northern):
    before = rows("SELECT count(*) FROM trust_audit WHERE event = 'household-read'")[0][0]
    nadia.get(northern["address"])
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'household-read'")[0][0] > before
    before = rows("SELECT count(*) FROM trust_audit WHERE event = 'observation-recorded'")[0][0]
    told(nadia, northern, refuge=CALL)
    ended(nadia, northern, "person", "refuge")
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'observation-recorded'")[0][0] == before + 2
    for column in ("details::text", "about_id::text"):
        found = rows(f"SELECT count(*) FROM trust_audit WHERE {column} LIKE ANY (%s)", [f"%{PLACE}%", f"%{CALL}%"])
        assert found == [(0,)]


def test_what_is_missing_or_wrong_is_asked_for_again_beside_whom_it_is_about(nadia, northern):
    assert "Write down at least one thing" in pages.text(told(nadia, northern))
    for changes, field in (
        ({"refuge": "x", "on": ""}, "on"),
        ({"refuge": "x", "on": str(clock.today().replace(year=2199))}, "on"),
        ({"refuge": "x", "source": "nowhere"}, "source"),
        ({"refuge": "x" * 2_001}, "refuge"),
        ({"moved_on": "1.5.2026"}, "moved_on"),
    ):
        pages.assert_asked_again(told(nadia, northern, **changes), f"id_{northern['person']}_{field}")
    pages.assert_asked_again(told(nadia, northern, "home", doors="10"), f"id_{northern['home']}_doors")
    pages.assert_asked_again(told(nadia, northern, "home", reached_by="drum"), f"id_{northern['home']}_reached_by")


def test_somebody_of_another_home_is_not_told_about_here_and_nothing_else_is_written(nadia, northern):
    other = {**northern, "person": str(UUID(int=1))}
    pages.assert_refused(told(nadia, other, refuge="x"), 404)
    pages.assert_refused(told(nadia, {**northern, "person": "nobody"}, refuge="x"), 404)
    told(nadia, northern, refuge="y", given_name="Nobody")
    assert rows("SELECT count(*) FROM registry_observation WHERE \"values\" ->> 'given_name' = 'Nobody'") == [(0,)]


def test_no_other_role_reads_writes_or_ends_it_and_another_area_is_as_if_nobody_were_there(nadia, northern):
    told(nadia, northern, refuge=PLACE)
    for name in ("amina", "bruno", "chen", "emre", "farah", "goran", "hana", "lina", "ines", "omid"):
        browser = signed_in(name)
        pages.assert_refused(browser.get(northern["address"]), 403)
        pages.assert_refused(told(browser, northern, refuge="z"), 403)
        pages.assert_refused(ended(browser, northern, "person", "refuge"), 403)
    south = country.household("s1", {"given_name": "Una", "family_name": "Aa", "is_head": True})
    pages.assert_refused(nadia.get(f"/households/{south}/protection/"), 404)
    assert rows("SELECT count(*) FROM registry_observation WHERE \"values\" ->> 'refuge' = 'z'") == [(0,)]


def test_it_asks_for_a_fresh_factor_and_nobody_is_sent_to_sign_in(nobody, northern):
    stale = signed_in("nadia", factor=False)
    assert stale.get(northern["address"])["Location"].startswith("/account/confirm/")
    pages.assert_leads_to_sign_in(nobody, northern["address"])
