"""Told in person: by whom, when, where; and it serves where the country's law lets it (OPS-2)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.notices import actions, queries
from amparo.notices.types import How, Kind, State
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND
from tests.unit.notices import setting
from tests.unit.notices.setting import CONFIG, home, rows, sent, told

SERVED = replace(CONFIG, in_person=(Kind.CASE_CLOSED,))


@pytest.fixture
def waits(words, configured):
    """A home of the north to be told something of which it serves, and something of which it does not."""
    setting.prepare(words, SERVED)
    told(house := home(), kind=Kind.CASE_CLOSED)
    told(house, kind=Kind.DECISION_PROPOSED)
    return dict(rows("SELECT kind, id FROM notices_sending"))


def tell(id, *, by, on=None, how: How = How.VISIT) -> bool:
    with acting(by.narrowed(Permission.GIVE_NOTICE)):
        return actions.tell_in_person(id, on=on or clock.today(), how=how, by=by, under=GROUND)


def states() -> dict:
    return {each[0]: each[1:] for each in rows("SELECT kind, state, told_on, told_how FROM notices_sending")}


def test_where_it_serves_nothing_more_is_sent_and_elsewhere_it_is_noted_and_sent_too(waits, cast, gateway):
    assert tell(waits["case-closed"], by=cast.amina) is True
    assert tell(waits["decision-proposed"], by=cast.amina, how=How.OFFICE) is False
    today = clock.today()
    assert states() == {
        "case-closed": ("told", today, "visit"),
        "decision-proposed": ("waiting", today, "office"),
    }
    assert sent() == {"sent": 1}
    assert [each["text"][:4] for each in gateway.texts] == ["News"]


def test_who_told_whom_when_and_where_is_on_the_record(waits, cast):
    tell(waits["case-closed"], by=cast.amina)
    assert rows("SELECT told_by FROM notices_sending WHERE state = 'told'") == [(cast.amina.id,)]
    ((by, said),) = rows("SELECT by_id, details FROM trust_audit WHERE event = 'told-in-person'")
    details = json.loads(said)
    assert (by, details["how"], details["serves"], details["on"]) == (
        cast.amina.id,
        "visit",
        True,
        clock.today().isoformat(),
    )


def test_what_was_given_up_is_told_in_person_and_is_on_nobodys_list_any_more(waits, cast):
    rows("UPDATE notices_sending SET state = 'given-up', reason = 'nobody'")
    tell(waits["case-closed"], by=cast.amina)
    with acting(cast.amina.narrowed(Permission.READ_NOTICES)) as by:
        left = queries.given_up(by=by, under=GROUND)
    assert [each.kind for each in left] == [Kind.DECISION_PROPOSED]


@pytest.mark.parametrize("days", [-1, 1])
def test_nobody_is_told_before_there_is_anything_to_tell_or_ahead_of_today(waits, cast, days):
    with pytest.raises(Refused, match="notices-told-day"):
        tell(waits["case-closed"], by=cast.amina, on=clock.today() + timedelta(days=days))


def test_it_is_told_once_and_not_after_it_was_sent(waits, cast, gateway):
    tell(waits["case-closed"], by=cast.amina)
    sent()
    for id in waits.values():
        with pytest.raises(NotFound, match="notices-sending-unknown"):
            tell(id, by=cast.amina)


def test_who_works_elsewhere_or_does_something_else_tells_nobody(waits, cast):
    with pytest.raises(NotFound):
        tell(waits["case-closed"], by=cast.chen)
    for who in (cast.omid, cast.emre):
        with pytest.raises(NotPermitted):
            tell(waits["case-closed"], by=who)
    assert {state for state, *_ in states().values()} == {State.WAITING.value}
