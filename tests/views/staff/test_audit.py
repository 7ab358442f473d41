"""The auditor's page: who did what to whose record; searching is itself on the record, and no record is shown (PRV-6)."""

import html
import json
import re
from datetime import timedelta
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.trust.queries import account_named
from tests.lib import pages

pytestmark = pytest.mark.usefixtures("database")


def logged(statement: str, *values: object) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.fixture
def read(amina, northern_home):
    """Amina reads the northern home; returns its id and its members'."""
    assert amina.get(f"/households/{northern_home}/").status_code == 200
    persons = logged(
        "SELECT DISTINCT jsonb_array_elements_text(details->'persons') FROM trust_audit"
        " WHERE event = 'household-read' AND about_id = %s",
        str(northern_home),
    )
    return str(northern_home), [id for (id,) in persons]


def listed(response) -> int:
    return response.content.decode().count('<th scope="row"')


def test_the_page_works_without_javascript_and_is_the_auditors(emre, read):
    response = emre.get("/audit/")
    pages.assert_is_whole(response)
    assert 0 < listed(response) <= 50
    assert "Household read" in pages.text(response)


def test_nobody_else_reads_the_log(amina, bruno, ines, nobody):
    for browser in (amina, bruno, ines):
        pages.assert_refused(browser.get("/audit/"), 403)
    pages.assert_leads_to_sign_in(nobody, "/audit/")


def test_no_name_and_nothing_told_is_on_the_page(emre, read):
    text = pages.text(emre.get("/audit/"))
    assert not {"Yara", "Omar", "Haddad", "earth"} & set(text.split())


def test_a_household_is_found_by_its_id_and_a_member_by_theirs(emre, read):
    home, persons = read
    for id in (home, *persons):
        response = emre.get("/audit/", {"about": id, "event": "household-read"})
        assert listed(response) >= 1
        assert home in response.content.decode()
    assert listed(emre.get("/audit/", {"about": str(uuid4())})) == 0


def test_what_an_officer_did_is_found_by_their_name(emre, read):
    response = emre.get("/audit/", {"officer": "amina"})
    assert listed(response) >= 1
    assert {"Amina"} == {
        each for each in ("Amina", "Chen", "Ines") if f"<bdi>{each}</bdi>" in response.content.decode()
    }


def test_a_day_counts_whole_and_other_days_are_left_out(emre, read):
    today = clock.today()
    asked = {"about": read[0], "since": today.isoformat(), "until": today.isoformat()}
    assert listed(emre.get("/audit/", asked)) >= 1
    for moved in (timedelta(days=-1), timedelta(days=1)):
        day = (today + moved).isoformat()
        assert listed(emre.get("/audit/", asked | {"since": day, "until": day})) == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"about": "Yara"}, "Enter an id such as"),
        ({"officer": "zeno"}, "no account with this name"),
        ({"event": "read"}, "from the list"),
        ({"since": "yesterday"}, "Enter a day"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "must not come before"),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_nothing_is_listed(emre, read, asked, told):
    response = emre.get("/audit/", asked)
    assert response.status_code == 400
    assert told in pages.text(response)
    assert listed(response) == 0
    assert "Yara" not in pages.text(response)


def test_pages_follow_one_another_without_a_gap_or_a_repetition(emre, amina, read):
    for _ in range(60):
        amina.get(f"/households/{read[0]}/")
    asked, seen = {"about": read[0], "officer": "amina", "event": "household-read"}, []
    while True:
        page = emre.get("/audit/", asked).content.decode()
        seen += [UUID(each) for each in re.findall(r'id="row-([0-9a-f-]+)"', page)]
        following = re.search(r'href="\?([^"]+)" rel="next"', page)
        if not following:
            break
        asked = dict(parse_qsl(html.unescape(following[1])))
    expected = logged(
        "SELECT id FROM trust_audit WHERE event = 'household-read' AND by_id = %s AND about_id = %s ORDER BY at DESC, id DESC",
        account_named("amina").id,
        read[0],
    )
    assert len(seen) > 60
    assert seen == [id for (id,) in expected]


def test_a_mark_that_is_none_begins_at_the_beginning(emre, read):
    for mark in ("nothing", "2026-03-01_x", "2026-03-01T00:00:00_" + read[0]):
        assert listed(emre.get("/audit/", {"after": mark})) > 0


def test_looking_into_the_log_is_itself_in_it_with_what_was_asked(emre, read):
    emre.get("/audit/", {"about": read[0], "event": "household-read"})
    ((asked, found, by),) = logged(
        "SELECT details->'asked', details->'found', by_id FROM trust_audit WHERE event = 'audit-read' ORDER BY at DESC LIMIT 1"
    )
    assert json.loads(asked) == {"about": read[0], "event": "household-read"}
    assert int(found) >= 1
    assert by == account_named("emre").id
    assert "The audit log was searched" in pages.text(emre.get("/audit/", {"officer": "emre"}))
