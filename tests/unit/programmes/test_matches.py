"""The review list: who is alike is proposed and never joined, a person decides, and a refused pair is not proposed again (ID-4)."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, connections, transaction

from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.programmes import actions, queries
from amparo.programmes.actions.feeding import FEEDS
from amparo.programmes.types import Likeness, MatchState
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission
from tests.lib import country
from tests.lib.country import GROUND
from tests.unit.programmes.feeding import DAY, identify, rows, table, taken, written_of

pytestmark = pytest.mark.usefixtures("fresh_database")
HEAD = "no | id | first | last | born | place | what | state | kind | amount | month | payment | to | since\n"
BORN = date(1975, 1, 2)


def told(
    no: str = "A2", *, first: str = "Omar", last: str = "Nasser", born: str = "1975-01-02", place: str = "n1",
    id: str = "", month: str = "2026-03",
) -> str:  # fmt: skip
    return f"{no} | {id} | {first} | {last} | {born} | {place} | cash_help | A | cash | 10.00 | {month} | paid | | \n"


def person(first: str = "Omar", last: str = "Nasser", *, born: date = BORN, area: str = "n1") -> UUID:
    home = country.household(area, {"given_name": first, "family_name": last, "birth_date": born})
    return rows("SELECT person_id FROM registry_membership WHERE household_id = %s", home)[0][0]


def delivered(folder, *lines: str, day: date = DAY) -> dict:
    return taken(table(HEAD + "".join(lines)), folder, day=day)


def listed(by: Actor, state: MatchState = MatchState.PROPOSED) -> list:
    by = by.narrowed(Permission.REGISTER)
    with acting(by):
        return queries.matches(state, by=by, under=GROUND)


def decide(by: Actor, verdict: MatchState, *, among: MatchState = MatchState.PROPOSED) -> None:
    (pair,) = listed(by, among)
    say(by, pair.id, verdict)


def say(by: Actor, id: UUID, verdict: MatchState) -> None:
    by = by.narrowed(Permission.REGISTER)
    with acting(by):
        actions.decide_match(id, verdict, by=by, under=GROUND, on=DAY)


def who() -> list[tuple]:
    return rows("SELECT reference, found, person_id FROM programmes_beneficiary ORDER BY reference")


def benefits(home_of: UUID, by: Actor) -> list[str]:
    home = rows("SELECT household_id FROM registry_membership WHERE person_id = %s", home_of)[0][0]
    by = by.narrowed(Permission.READ_DECISION)
    with acting(by):
        return [each.scheme for each in queries.benefits_of_household(home, by=by, under=GROUND)]


def test_whoever_is_alike_is_proposed_with_why_and_nothing_follows(cast, tmp_path):
    omar = person()
    receipt = delivered(tmp_path, told(first="Omer", place="n1"))
    (pair,) = listed(cast.amina)
    assert (pair.person_id, pair.told_name, pair.name) == (omar, "Omer Nasser", "Omar Nasser")
    assert (pair.birth, pair.area, pair.is_identified) == (Likeness.SAME, Likeness.SAME, False)
    assert 50 <= pair.likeness < 100
    assert (pair.told_birth_date, pair.birth_date, pair.told_area) == (BORN, BORN, "n1")
    assert receipt["beneficiaries"] == {"identifier": 0, "decided": 0, "review": 1, "programme": 0}
    assert who() == [("A2", "review", None)]
    assert benefits(omar, cast.amina) == []


@pytest.mark.parametrize(
    ("born", "birth"),
    [
        (date(1975, 1, 3), Likeness.NEAR),  # a day beside
        (date(1975, 2, 1), Likeness.NEAR),  # day and month swapped
        (date(1957, 1, 2), Likeness.NEAR),  # digits of the year swapped
        (date(1975, 2, 2), Likeness.NEAR),
    ],
)
def test_a_birth_date_written_nearly_so_is_found_in_the_area_told(cast, tmp_path, born, birth):
    person(born=born)
    delivered(tmp_path, told())
    assert [each.birth for each in listed(cast.amina)] == [birth]


def test_a_birth_date_written_nearly_so_elsewhere_proposes_nobody(cast, tmp_path):
    person(born=date(1975, 1, 3))
    delivered(tmp_path, told(place="n2"))
    assert listed(cast.amina) == []


def test_whoever_moved_is_found_by_the_very_day(cast, tmp_path):
    person(area="n2")
    delivered(tmp_path, told(place="n1"))
    assert [each.area for each in listed(cast.amina)] == [Likeness.DIFFERS]


def test_whoever_is_not_alike_is_not_proposed(cast, tmp_path):
    person("Zainab", "Petrov")
    person("Omar", "Nasser", born=date(1980, 5, 6))
    delivered(tmp_path, told())
    assert listed(cast.amina) == []


def test_the_three_likeliest_are_proposed_the_likeliest_first(cast, tmp_path):
    people = [person(first) for first in ("Omar", "Omara", "Omarina", "Omarinah")]
    delivered(tmp_path, told())
    assert [each.person_id for each in listed(cast.amina)] == people[:3]


def test_an_identifier_that_a_birth_date_contradicts_proposes_whose_it_is(cast, tmp_path):
    omar = person(born=date(1999, 9, 9))
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        identify(cursor, omar, rows("SELECT area_number FROM registry_person WHERE id = %s", omar)[0][0], "111111")
    delivered(tmp_path, told(id="111111", first="", last=""))
    (pair,) = listed(cast.amina)
    assert (pair.person_id, pair.is_identified, pair.birth, pair.likeness) == (omar, True, Likeness.DIFFERS, None)
    decide(cast.amina, MatchState.OTHER)
    # The registry's date is corrected: by the identifier alone the refused pair is not joined either.
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_fact_person SET birth_date = %s WHERE person_id = %s", [BORN, omar])
    receipt = delivered(tmp_path, told(id="111111", month="2026-04"), day=date(2026, 5, 10))
    assert receipt["beneficiaries"]["identifier"] == 0
    assert who() == [("A2", "review", None)]


def test_the_same_person_has_the_link_and_the_benefits_on_their_page(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    decide(cast.amina, MatchState.SAME)
    assert who() == [("A2", "decided", omar)]
    assert benefits(omar, cast.amina) == ["cash_help"]
    assert listed(cast.amina) == []
    ((about, details),) = written_of("match-decided")
    assert about == str(omar)
    assert (details["state"], details["before"], details["feed"]) == ("same", "proposed", "social_fund")


def test_the_next_delivery_keeps_what_a_person_decided(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    decide(cast.amina, MatchState.SAME)
    receipt = delivered(tmp_path, told(month="2026-04"), day=date(2026, 5, 10))
    assert receipt["beneficiaries"] == {"identifier": 0, "decided": 1, "review": 0, "programme": 0}
    assert who() == [("A2", "decided", omar)]
    assert rows("SELECT count(*) FROM programmes_benefit WHERE area_number IS NULL") == [(0,)]


def test_a_refused_pair_is_not_proposed_again_and_the_next_likeliest_is(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    decide(cast.amina, MatchState.OTHER)
    other = person("Omara")
    delivered(tmp_path, told(month="2026-04"), day=date(2026, 5, 10))
    assert [each.person_id for each in listed(cast.amina)] == [other]
    assert [each.person_id for each in listed(cast.amina, MatchState.OTHER)] == [omar]


def test_later_stays_and_can_be_decided_later(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    decide(cast.amina, MatchState.LATER)
    assert listed(cast.amina) == []
    decide(cast.amina, MatchState.SAME, among=MatchState.LATER)
    assert who() == [("A2", "decided", omar)]


def test_a_mistake_is_put_right_and_the_benefits_go_from_the_page(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    decide(cast.amina, MatchState.SAME)
    decide(cast.amina, MatchState.OTHER, among=MatchState.SAME)
    assert who() == [("A2", "review", None)]
    assert benefits(omar, cast.amina) == []
    assert rows("SELECT count(*) FROM programmes_benefit WHERE area_number IS NOT NULL") == [(0,)]


def test_one_beneficiary_is_one_person(cast, tmp_path):
    person()
    person("Omara")
    delivered(tmp_path, told())
    first, second = listed(cast.amina)
    say(cast.amina, first.id, MatchState.SAME)
    with pytest.raises(Refused) as refusal:
        say(cast.amina, second.id, MatchState.SAME)
    assert refusal.value.message.id == "programmes-match-found-otherwise"
    assert listed(cast.amina) == []


def test_the_database_too_refuses_a_second_person(cast, tmp_path):
    person()
    person("Omara")
    delivered(tmp_path, told())
    first, second = listed(cast.amina)
    say(cast.amina, first.id, MatchState.SAME)
    write = "UPDATE programmes_match SET state = 'same', decided_by = person_id, decided_at = now() WHERE id = %s"
    told_apart = pytest.raises(DatabaseError, match="was found to be somebody else")
    with told_apart, acting(cast.amina.narrowed(Permission.REGISTER)), connection.cursor() as cursor:
        cursor.execute(write, [second.id])


def test_nobody_decides_while_a_delivery_of_that_system_is_taken_in(cast, tmp_path):
    """It would write back what it read before: one of the two would be lost."""
    person()
    delivered(tmp_path, told())
    (pair,) = listed(cast.amina)
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext('social_fund'))", [FEEDS])
        with pytest.raises(Refused) as refusal:
            say(cast.amina, pair.id, MatchState.SAME)
    assert refusal.value.message.id == "programmes-match-feed-under-way"
    say(cast.amina, pair.id, MatchState.SAME)


def test_a_later_delivery_without_names_takes_nothing_from_what_was_decided_by(cast, tmp_path):
    person()
    delivered(tmp_path, told())
    (pair,) = listed(cast.amina)
    say(cast.amina, pair.id, MatchState.SAME)
    delivered(tmp_path, told(first="", last="", born="", place=""), day=DAY + timedelta(days=30))
    assert rows("SELECT found, told IS NULL FROM programmes_beneficiary") == [("decided", False)]


def test_what_is_said_already_is_refused(cast, tmp_path):
    person()
    delivered(tmp_path, told())
    (pair,) = listed(cast.amina)
    say(cast.amina, pair.id, MatchState.LATER)
    for verdict in (MatchState.LATER, MatchState.PROPOSED):
        with pytest.raises(Refused) as refusal:
            say(cast.amina, pair.id, verdict)
        assert refusal.value.message.id == "programmes-match-settled"


def test_an_identifier_told_later_settles_it_by_itself(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    with transaction.atomic(using="bulk"), connections["bulk"].cursor() as cursor:
        identify(cursor, omar, rows("SELECT area_number FROM registry_person WHERE id = %s", omar)[0][0], "111111")
    delivered(tmp_path, told(id="111111", month="2026-04"), day=date(2026, 5, 10))
    assert who() == [("A2", "identifier", omar)]
    assert listed(cast.amina) == []


def test_who_answers_for_another_area_sees_none_and_decides_none(cast, tmp_path):
    person()
    delivered(tmp_path, told())
    (pair,) = listed(cast.amina)
    assert listed(cast.chen) == []
    with pytest.raises(NotFound):
        say(cast.chen, pair.id, MatchState.SAME)
    assert who() == [("A2", "review", None)]


def test_with_the_first_gate_broken_the_second_holds(cast, tmp_path, monkeypatch):
    person()
    delivered(tmp_path, told())
    monkeypatch.setattr("amparo.programmes.queries.matching.where", lambda by, **_: ("true", []))
    assert listed(cast.chen) == []
    assert len(listed(cast.amina)) == 1


def test_with_the_second_gate_open_the_first_holds(cast, tmp_path):
    person()
    delivered(tmp_path, told())
    by = cast.chen.narrowed(Permission.REGISTER)
    with acting(cast.ines.narrowed(Permission.REGISTER)):  # the database lets everything through that is not below zero
        assert queries.matches(MatchState.PROPOSED, by=by, under=GROUND) == []


def test_what_is_told_is_seen_by_whoever_answers_for_the_person_only(cast, tmp_path):
    person()
    delivered(tmp_path, told())
    seen = {}
    for name in ("amina", "chen"):
        with acting(getattr(cast, name).narrowed(Permission.REGISTER)), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM programmes_beneficiary")
            seen[name] = cursor.fetchone()[0]
    assert seen == {"amina": 1, "chen": 0}


def test_a_pair_with_somebody_in_danger_is_on_nobodys_list_but_who_shelters_them(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_person SET area_number = -area_number WHERE id = %s", [omar])
    assert listed(cast.amina) == listed(cast.ines) == []
    assert [each.person_id for each in listed(cast.nadia)] == [omar]


def test_whoever_may_not_read_names_neither_sees_nor_decides(cast, tmp_path, monkeypatch):
    person()
    delivered(tmp_path, told())
    (pair,) = listed(cast.amina)
    monkeypatch.setattr(Actor, "classes", frozenset())
    with pytest.raises(NotPermitted):
        listed(cast.amina)
    with pytest.raises(NotPermitted):
        say(cast.amina, pair.id, MatchState.SAME)


def test_whoever_was_shown_is_on_the_record_and_no_name_is(cast, tmp_path):
    omar = person()
    delivered(tmp_path, told())
    listed(cast.amina)
    assert written_of("matches-listed") == [("proposed", {"found": 1})]
    assert (str(omar), {"seen": "match"}) in written_of("person-read")


def test_of_whom_nobody_is_proposed_the_nation_is_told_how_many(cast, tmp_path):
    person()
    delivered(
        tmp_path, told(), told("A3", first="Nobody", last="Likethis"), told("A4", first="", last="", born="", place="")
    )
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        (found,) = queries.unmatched(by=by)
    assert (found.feed, found.looked_for, found.programme) == ("social_fund", 1, 1)
    by = cast.amina.narrowed(Permission.REGISTER)
    with acting(by):
        assert queries.unmatched(by=by) == []


def test_erasing_a_person_takes_the_pairs_along(cast, tmp_path):
    from tests.lib import erasing

    omar = person()
    delivered(tmp_path, told())
    erasing.erased(omar)
    assert rows("SELECT count(*) FROM programmes_match") == [(0,)]


def test_pages_go_on_where_the_one_before_ended(cast, tmp_path):
    for number in range(5):
        person("Omar", "Nasser" + "abcde"[number])
    delivered(tmp_path, *(told(f"B{number}", last="Nasser" + "abcde"[number]) for number in range(5)))
    by, after, seen = cast.amina.narrowed(Permission.REGISTER), None, []
    with acting(by):
        every = queries.matches(MatchState.PROPOSED, by=by, under=GROUND, at_most=100)
        while page := queries.matches(MatchState.PROPOSED, by=by, under=GROUND, after=after, at_most=4):
            seen += page
            after = page[-1].place
    assert [each.id for each in seen] == [each.id for each in every]
    assert len(every) > 4
