"""What is to be told is written with what happened, once of each, and seen by whoever may see it."""

from uuid import uuid4

import pytest
from django.db import connections, transaction

from amparo.notices import actions, queries
from amparo.notices.config import NoticesConfig
from amparo.notices.types import Kind
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND
from tests.unit.notices import setting
from tests.unit.notices.setting import home, rows, sent, told


def test_what_was_rolled_back_is_told_to_nobody(words, gateway):
    id = home()
    with transaction.atomic(using="bulk"):
        told(id)
        transaction.set_rollback(True, using="bulk")
    assert (rows("SELECT count(*) FROM notices_sending"), sent(), gateway.texts) == ([(0,)], {}, [])


def test_of_each_thing_each_is_told_once(words):
    id, about = home(), uuid4()
    assert [told(id, about=about) for _ in range(3)] == [1, 0, 0]
    assert told(id, about=about, kind=Kind.DECISION_IN_EFFECT) == 1
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'sendings-made'") == [(2,)]


def test_what_the_profile_does_not_tell_is_not_written(words):
    actions.install_notices(NoticesConfig(kinds=(Kind.CASE_CLOSED,), languages=("en",)), by=setting.BY)
    assert told(home()) == 0
    actions.install_notices(NoticesConfig(), by=setting.BY)
    assert told(home(), kind=Kind.CASE_CLOSED) == 0
    assert sent() == {}


def test_ten_thousand_are_written_by_one_statement(words):
    """A row for each of many things that happened to one home: what counts is that they are one insert with one audit row."""
    id = home()
    many = """SELECT amparo_uuid7() AS about, NULL::uuid AS person, h.id AS household, h.area_number, '' AS programme,
        NULL::date AS day, '' AS code FROM registry_household h, generate_series(1, 10000) WHERE h.id = %(home)s"""
    with transaction.atomic(using="bulk"):
        assert actions.tell(Kind.CASE_CLOSED, many, {"home": id}, by=setting.BY, using="bulk") == 10_000
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'sendings-made'") == [(1,)]


def test_what_proves_wrong_is_taken_back_unless_somebody_began_to_tell_it(words):
    id, about, begun = home(), uuid4(), uuid4()
    told(id, about=about), told(id, about=begun)
    rows("UPDATE notices_sending SET attempts = 1 WHERE about_id = %s RETURNING id", begun)
    wrong = "SELECT unnest(%(ids)s::uuid[])"
    with transaction.atomic(using="bulk"):
        taken = actions.take_back(Kind.DECISION_PROPOSED, wrong, {"ids": [about, begun]}, by=setting.BY, using="bulk")
    assert taken == 1
    assert dict(rows("SELECT about_id, state || ' ' || reason FROM notices_sending")) == {
        about: "given-up taken-back",
        begun: "waiting ",
    }
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'sendings-taken-back'") == [(1,)]


def seen(who) -> int:
    """Return how many sendings the database and the query show somebody; both must say the same."""
    with acting(who.narrowed(Permission.READ_NOTICES)) as by:
        counted = sum(each.sendings for each in queries.waiting(by=by))
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM notices_sending")
            assert cursor.fetchone() == (counted,)
    return counted


def test_each_sees_what_waits_in_their_own_areas_and_of_their_own_programme(words, cast):
    told(home("n1"), home("s1"))
    told(home("n1"), kind=Kind.CASE_CLOSED)
    assert {who: seen(getattr(cast, who)) for who in ("amina", "chen", "bruno", "ines", "omid")} == {
        "amina": 2, "chen": 1, "bruno": 3, "ines": 3, "omid": 3,
    }  # fmt: skip
    rows("UPDATE notices_sending SET programme = 'another' WHERE kind = 'case-closed'")
    assert seen(cast.omid) == 2


def test_whoever_is_not_charged_with_it_sees_none_and_nobody_looks_up_addresses(words, cast):
    from amparo.kernel.errors import NotPermitted

    with pytest.raises(NotPermitted):
        queries.waiting(by=cast.emre)
    for who in (cast.amina, cast.ines, cast.hana):
        with pytest.raises(NotPermitted):
            actions.send(by=who)


def test_it_goes_along_when_a_home_moves(words, cast):
    from amparo.registry.actions import move

    id = home("n1")
    told(id)
    with acting(cast.ines.narrowed(Permission.REGISTER)) as by:
        move(id, to_area="s1", by=by, on=setting.NOON.date(), under=GROUND)
    assert (seen(cast.amina), seen(cast.chen)) == (0, 1)
