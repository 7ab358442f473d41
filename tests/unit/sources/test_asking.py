"""The virtual file: everybody asked at once, every value with source and day, and unknown with its reason where one fails."""

import json
import time
from datetime import timedelta

import pytest
from django.db import connections, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted
from amparo.registry.actions import protect
from amparo.sources.actions import forget_answers
from amparo.sources.types import Lost, Reason
from amparo.trust.actions.agreeing import resume_agreement, suspend_agreement
from amparo.trust.context import acting
from amparo.trust.log import tracker
from amparo.trust.types import Ground, Permission
from tests.lib import agreeing, canaries, country, institutions, kin
from tests.unit.sources import setting


@pytest.fixture(scope="module")
def ministry(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        yield ministry


@pytest.fixture
def healthy(ministry):
    """The institutions as they should be, whoever failed before."""
    setting.knowing(ministry)
    execute("DELETE FROM sources_connectionstate", using="owner")
    execute("DELETE FROM sources_keptanswer")
    execute("DELETE FROM registry_identifier")  # the numbers are for the homes of this test
    ministry.asked.clear()
    return ministry


def execute(statement: str, values=(), *, using: str = "bulk") -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def test_every_source_is_asked_about_everybody_and_its_word_holds(healthy):
    file = setting.opened(setting.home())
    assert setting.told(file) == setting.HEALTHY
    assert not file.is_partial
    assert sorted(healthy.asked) == sorted(
        (source, each) for source in setting.OWNERS for each in (setting.YARA, setting.OMAR)
    )
    wage = next(each for each in file.fields[file.record.members[0].id] if each.name == "wage")
    assert (wage.value.source, wage.value.observed_on) == ("tax", clock.today() - timedelta(days=1))
    assert [(each.source, each.value, why) for each, why in wage.losing] == [("census", 99_00, Lost.OUTRANKED)]


def test_sources_are_asked_at_the_same_time(healthy):
    home = setting.home(numbers=("10000003", "10000004"))
    healthy.delay = 0.3
    begun = time.monotonic()
    setting.opened(home)
    assert len(healthy.asked) == 6
    assert time.monotonic() - begun < 6 * 0.3


def test_a_source_that_fails_leaves_its_fields_unknown_and_the_file_marked(healthy):
    """The census says otherwise and comes after: its word is not taken in the place of one that was not heard."""
    healthy.faults["tax"] = "not now"
    file = setting.opened(setting.home())
    assert setting.told(file) == setting.HEALTHY | {(number, "wage"): None for number in (setting.YARA, setting.OMAR)}
    assert (file.is_partial, file.failed) == (True, {"tax": [Reason.DOWN]})
    wage = next(each for each in file.fields[file.record.members[0].id] if each.name == "wage")
    assert (wage.missing, wage.losing[0][1]) == ({"tax": Reason.DOWN}, Lost.UNCERTAIN)


def test_an_attribute_with_caching_none_is_at_rest_nowhere(healthy, server, database, caplog):
    """VIR-4: in no table, no queue and no line of a log; the same numbers as an observation are found there."""
    healthy.records["tax"][setting.YARA] = setting.record("tax", setting.YARA, "7319.46")
    home = setting.home()
    with caplog.at_level("DEBUG"):
        for _ in range(5):
            assert setting.told(setting.opened(home))[setting.YARA, "wage"] == 731_946
    held = canaries.dumped(server, database)
    assert b"primary" in held
    for written in ("731946", "7319.46"):
        assert not canaries.holds(held, written)
        assert written not in caplog.text
    assert "7319" not in repr(setting.opened(home))


def test_what_may_be_kept_is_sealed_quoted_and_gone_after_its_day(healthy, server, database):
    home = setting.home()
    setting.opened(home)
    healthy.asked.clear()
    again = setting.opened(home)
    assert setting.told(again)[setting.YARA, "insured"] is True
    assert {source for source, _ in healthy.asked} == {"tax"}  # health is kept, and school was observed
    [kept] = execute("SELECT value, until FROM sources_keptanswer WHERE person_id = %s", [again.record.members[0].id])
    assert kept[1] == clock.today() + timedelta(days=7)
    assert b"true" not in bytes(kept[0])
    assert forget_answers(by=setting.BY, on=clock.today() + timedelta(days=7)) == 0
    assert forget_answers(by=setting.BY, on=clock.today() + timedelta(days=8)) >= 2
    assert execute("SELECT count(*) FROM sources_keptanswer") == [(0,)]
    assert execute("SELECT count(*) > 0 FROM trust_audit WHERE event = 'answers-forgotten'") == [(True,)]


def test_what_is_kept_is_quoted_under_its_agreement_alone(healthy):
    home = setting.home()
    setting.opened(home)
    stopped = execute("SELECT id FROM trust_agreement WHERE code = 'health_told' AND state = 'in-force'")[0][0]
    agreeing.stop(stopped, suspend_agreement)
    try:
        file = setting.opened(home)
        assert (
            setting.told(file)[setting.YARA, "insured"] is False
        )  # what the census was told: nobody else may be asked
        assert "health" in file.not_covered
        assert ("health", setting.YARA) not in healthy.asked[-2:]
    finally:
        with acting(agreeing.officer("keiko").narrowed(Permission.SIGN_AGREEMENT)) as who:
            resume_agreement(stopped, reason="Mended", by=who)


def test_an_observation_is_the_sources_word_under_its_agreement(healthy):
    home = setting.home()
    setting.opened(home)
    told = execute(
        """SELECT s.code, d.agreement, d.purpose, o.values, o.observed_on FROM registry_observation o
        JOIN registry_delivery d ON d.id = o.delivery_id JOIN registry_source s ON s.id = o.source_id
        JOIN registry_subjectlink l ON l.subject_id = o.subject_id WHERE l.entity_id = %s AND s.code <> 'census'""",
        [setting.members(home)[0]],
    )
    yesterday = clock.today() - timedelta(days=1)
    assert told == [("school", "school_told", "registration", '{"level": "primary"}', yesterday)]


def test_each_person_asked_about_has_one_audit_row_that_names_the_ground_and_no_value(healthy):
    home = setting.home()
    setting.opened(home)
    rows = execute(
        "SELECT about_id, purpose, details FROM trust_audit WHERE event = %s AND about_id = ANY(%s)",
        ["sources-asked", [str(each) for each in setting.members(home)]],
    )
    assert len(rows) == 2
    for _, purpose, written in rows:
        details = json.loads(written)
        assert purpose == "registration"
        assert details["sources"] == ["tax", "health", "school"]
        assert details["agreements"] == ["tax_told", "health_told", "school_told"]
        assert details["fields"] == ["person.insured", "person.level", "person.wage"]


def test_what_was_asked_is_on_the_record_even_where_the_page_is_undone(healthy):
    home = setting.home()
    with transaction.atomic():
        setting.opened(home)
        transaction.set_rollback(True)
    told = [str(each) for each in setting.members(home)]
    rows = "SELECT count(*) FROM trust_audit WHERE event = 'sources-asked' AND about_id = ANY(%s)"
    assert execute(rows, [told]) == [(2,)]


def test_for_another_purpose_nobody_is_asked(healthy):
    file = setting.opened(setting.home(), under=Ground(purpose="statistics"))
    assert healthy.asked == []
    assert set(file.not_covered) == set(setting.OWNERS)
    assert not file.is_partial


def test_whoever_is_not_charged_with_it_opens_no_file(healthy):
    home = setting.home()
    with pytest.raises(NotPermitted):
        setting.opened(home, who="bruno")
    with pytest.raises(NotFound):
        setting.opened(home, who="chen")
    assert healthy.asked == []


def test_without_a_sound_number_nobody_is_asked_and_the_word_of_others_holds(healthy):
    file = setting.opened(setting.home(numbers=("123", "10000002")))
    yara, _ = file.record.members
    assert {number for _, number in healthy.asked} == {setting.OMAR}
    wage = next(each for each in file.fields[yara.id] if each.name == "wage")
    assert (wage.value.source, wage.missing) == ("census", {"tax": Reason.NO_KEY})


def test_a_source_that_fails_often_is_left_alone_and_then_tried_once(healthy, monkeypatch):
    home = setting.home()
    healthy.faults["tax"] = "not now"
    for _ in range(3):  # two questions each
        setting.opened(home)
    asked = [each for each in healthy.asked if each[0] == "tax"]
    assert len(asked) == 6
    file = setting.opened(home)
    assert file.failed == {"tax": [Reason.RESTING]}
    assert len([each for each in healthy.asked if each[0] == "tax"]) == 6
    execute("UPDATE sources_connectionstate SET resting_until = now() - interval '1 second'", using="owner")
    setting.knowing(healthy)
    assert setting.opened(home).failed == {"tax": [Reason.RESTING]}  # one of the two was asked, and it answered
    assert setting.told(setting.opened(home)) == setting.HEALTHY


def test_a_source_is_asked_no_more_often_than_was_agreed(healthy):
    setting.connect(healthy, tax={"in_second": 1, "in_minute": 100})
    try:
        file = setting.opened(setting.home())
        assert file.failed == {"tax": [Reason.LIMITED]}
        assert len([each for each in healthy.asked if each[0] == "tax"]) == 1
    finally:
        setting.connect(healthy)


def test_of_somebody_in_danger_no_institution_is_asked(healthy):
    home = setting.home()
    with acting(country.cast().nadia.narrowed(Permission.PROTECT)) as by:
        protect(setting.members(home)[0], by=by, on=clock.today(), under=country.GROUND)
    with pytest.raises((NotFound, NotPermitted)):
        setting.opened(home)
    with pytest.raises(NotPermitted):
        setting.opened(home, who="nadia")
    assert healthy.asked == []


def test_the_person_concerned_sees_that_others_were_asked(healthy):
    home = setting.home(numbers=("10000011", "10000012"))
    dalia = kin.bound(setting.members(home)[0], "dalia")
    setting.opened(home)
    with acting(dalia.narrowed(Permission.SEE_OWN)) as by:
        found = tracker.uses(tracker.Asked(), by=by)
    assert tracker.Action.ASKED_OTHERS in {each.action for each in found}
