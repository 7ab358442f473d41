"""Rounds over an area: everybody in it asked about once, by whom and as often as may be, and nothing lost where it ends."""

import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry.actions import protect
from amparo.sources import standing
from amparo.sources.actions import resume_round, start_rounds, stop_round, work_on
from amparo.sources.actions import rounds as stepping
from amparo.sources.models import Round as Row
from amparo.sources.queries.rounds import askable_sources, due_rounds, one_round
from amparo.sources.types import HELD, TOLD, Reason, Round, RoundState
from amparo.trust.actions.agreeing import resume_agreement, suspend_agreement
from amparo.trust.context import acting
from amparo.trust.types import Event, Ground, Permission
from tests.lib import agreeing, country, institutions
from tests.unit.sources import setting


@pytest.fixture(scope="module")
def ministry(database):
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        yield ministry


PATIENT = {each: {"seconds": 10.0} for each in setting.OWNERS}  # a slow machine is no slow source


@pytest.fixture
def healthy(ministry, monkeypatch):
    """The institutions as they should be, and nobody registered whom another test asked about."""
    monkeypatch.setattr(stepping, "SECONDS", 60.0)
    setting.knowing(ministry)
    setting.connect(ministry, **PATIENT)
    execute(
        "DELETE FROM sources_connectionstate; DELETE FROM sources_round; DELETE FROM sources_askedofday", using="owner"
    )
    execute("DELETE FROM trust_bucket", using="owner")  # a clock was ahead
    execute("DELETE FROM sources_keptanswer; DELETE FROM registry_identifier")
    execute("UPDATE registry_household SET ended_on = '2020-01-01'")
    ministry.asked.clear()
    return ministry


def execute(statement: str, values=(), *, using: str = "bulk") -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def homes(ministry, count: int, *, area: str = "n1", first: int = 20000000) -> list[tuple[UUID, str, str]]:
    """Register so many homes of two, all of whom the ministry of education knows."""
    made = []
    for place in range(count):
        numbers = (str(first + 2 * place), str(first + 2 * place + 1))
        for each in numbers:
            ministry.records["school"][each] = setting.record("school", each, "P")
            ministry.records["health"][each] = setting.record("health", each, True)
        made.append((setting.home(area, numbers=numbers), *numbers))
    return made


def started(area: str = "north", source: str = "school", *, who: str = "ines", under: Ground = country.GROUND) -> UUID:
    by = getattr(country.cast(), who).narrowed(Permission.ASK_AREA)
    with acting(by):
        [id] = start_rounds(area, [source], by=by, under=under, on=clock.today())
    return id


def worked(id: UUID, *, seconds: float = 20.0) -> Round:
    work_on(id, by=setting.BY, on=clock.today(), seconds=seconds)
    return seen(id)


def seen(id: UUID) -> Round:
    return one_round(id, by=country.cast().ines)


def numbers(made: list[tuple[UUID, str, str]]) -> Counter:
    return Counter(number for _, *both in made for number in both)


def levels(made: list[tuple[UUID, str, str]]) -> set[str]:
    """What holds of the school level in these homes: what the people said themselves is another's word."""
    with acting(country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)) as by:
        found = [
            each.facts["level"]
            for id, *_ in made
            for each in setting.registry_household(id, by=by, under=country.GROUND).members
        ]
    return {f"{each.value} by {each.source}" for each in found}


def test_everybody_in_an_area_and_below_is_asked_about_once_and_the_word_is_a_fact(healthy):
    made = [*homes(healthy, 3), *homes(healthy, 2, area="n2", first=21000000)]
    elsewhere = homes(healthy, 2, area="s1", first=22000000)
    done = worked(started())
    assert Counter(number for _, number in healthy.asked) == numbers(made)
    assert (done.state, done.persons, done.done, done.asked, done.kept) == (RoundState.DONE, 10, 10, 10, 10)
    assert (done.counts, done.is_partial, done.progress) == ({TOLD: 10}, False, 1.0)
    assert levels(made) == {"primary by school"}
    assert levels(elsewhere) == {"none by census", "primary by census"}


def test_each_person_asked_about_has_an_audit_row_of_the_round_and_one_of_what_was_recorded(healthy):
    homes(healthy, 2)
    id = started()
    worked(id)
    rows = execute(
        "SELECT about_id, by_id, purpose, details FROM trust_audit WHERE event = 'sources-asked' AND details->>'round' = %s",
        [str(id)],
    )
    assert len({about for about, *_ in rows}) == len(rows) == 4
    assert {(by, purpose) for _, by, purpose, _ in rows} == {(country.cast().ines.id, "registration")}
    recorded = execute(
        "SELECT count(*), count(DISTINCT agreement), max(agreement) FROM trust_audit"
        " WHERE event = 'observation-recorded' AND about_kind = 'person' AND about_id = ANY(%s)",
        [[about for about, *_ in rows]],
    )
    assert recorded == [(4, 1, "school_told")]
    acts = execute(
        "SELECT event FROM trust_audit WHERE about_kind = 'round' AND about_id = %s ORDER BY at, place", [str(id)]
    )
    assert acts == [(Event.ROUND_STARTED.value,), (Event.ROUND_DONE.value,)]
    exchanged = execute("SELECT sum(records) FROM trust_exchange WHERE by_id = %s", [country.cast().ines.id])
    assert exchanged[0][0] >= 4


def test_what_is_known_freshly_enough_is_not_asked_again(healthy):
    homes(healthy, 2)
    worked(started())
    healthy.asked.clear()
    again = worked(started())
    assert (healthy.asked, again.counts, again.asked) == ([], {HELD: 4}, 0)


def test_what_may_be_kept_until_a_day_is_sealed(healthy, server, database):
    homes(healthy, 2)
    done = worked(started(source="health"))
    assert (done.counts, done.kept) == ({TOLD: 4}, 4)
    assert execute("SELECT count(*) FROM sources_keptanswer WHERE source = 'health'") == [(4,)]


def test_what_may_be_kept_nowhere_is_not_asked_and_it_is_said_why(healthy):
    homes(healthy, 1)
    with pytest.raises(Refused) as refused:
        started(source="tax")
    assert refused.value.message.id == "sources-round-nothing-kept"
    assert (healthy.asked, Row.objects.count()) == ([], 0)
    reasons = askable_sources(by=country.cast().ines, under=country.GROUND, on=clock.today())
    assert {name: why and why.id for name, why in reasons.items()} == {
        "tax": "sources-round-nothing-kept",
        "health": None,
        "school": None,
    }


def test_a_round_that_stops_and_goes_on_asks_nobody_twice_and_leaves_nobody_out(healthy, monkeypatch):
    monkeypatch.setattr("amparo.sources.rounds.STEP", 3)
    made = homes(healthy, 4)
    id = started()
    work_on(id, by=setting.BY, on=clock.today(), seconds=0)
    stop_round(id, by=country.cast().ines)
    stopped = seen(id)
    assert (stopped.state, stopped.done) == (RoundState.STOPPED, 3)
    assert worked(id).done == 3
    resume_round(id, by=country.cast().ines)
    assert worked(id).state is RoundState.DONE
    assert Counter(number for _, number in healthy.asked) == numbers(made)


def test_a_step_that_dies_before_its_end_keeps_nothing_and_is_done_again(healthy, monkeypatch):
    """As `kill -9` leaves it: what was asked is on the record, and neither kept nor counted; the round goes on from there."""
    monkeypatch.setattr("amparo.sources.rounds.STEP", 4)
    made = homes(healthy, 4)
    id = started()
    work_on(id, by=setting.BY, on=clock.today(), seconds=0)

    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(stepping, "_move", die)
        with pytest.raises(Killed):
            work_on(id, by=setting.BY, on=clock.today(), seconds=0)
    left = seen(id)
    assert (left.state, left.done, left.kept) == (RoundState.RUNNING, 4, 4)
    assert due_rounds() == [id]
    assert levels(made[2:]) == {"none by census", "primary by census"}
    assert worked(id).done == 8
    asked = Counter(number for _, number in healthy.asked)
    assert asked == numbers(made) + numbers(made[2:])  # only those of whom nothing was kept are asked about again
    assert levels(made) == {"primary by school"}


def test_a_worker_that_is_killed_again_and_again_leaves_nobody_out_and_keeps_nothing_twice(healthy):
    made = homes(healthy, 10)
    setting.connect(healthy, school={"in_second": 10, "seconds": 10.0})
    id, seen_before = started(), 0
    for _ in range(2):
        child = subprocess.Popen([sys.executable, "-m", "tests.lib.rounds_under_kills", str(id), "4"])
        until = time.monotonic() + 120
        while len(healthy.asked) < seen_before + 5 and child.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        child.wait()
        seen_before = len(healthy.asked)
    left = seen(id)
    assert left.state is RoundState.RUNNING
    assert 0 < left.done < 20
    while (done := worked(id, seconds=60)).state is RoundState.RUNNING:
        time.sleep(0.1)  # until the database has seen that the other is gone
    asked = Counter(number for _, number in healthy.asked)
    assert asked.keys() == numbers(made).keys()
    assert sum(asked.values()) <= 20 + 2 * 4  # of those in a step that died, and of nobody else, twice
    assert (done.done, done.kept, done.counts) == (20, 20, {TOLD: 20})
    said = execute(
        "SELECT count(*), count(DISTINCT o.subject_id) FROM registry_observation o JOIN registry_subjectlink l"
        " ON l.subject_id = o.subject_id WHERE l.entity_id = ANY(%s) AND o.source_id = (SELECT id FROM registry_source"
        " WHERE code = 'school')",
        [[person for home, *_ in made for person in setting.members(home)]],
    )
    assert said == [(20, 20)]
    assert levels(made) == {"primary by school"}


def test_two_workers_do_not_do_the_same(healthy):
    homes(healthy, 2)
    id = started()
    connection = connections["bulk"].copy()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; SELECT pg_advisory_xact_lock(7281, hashtext(%s))", [str(id)])
        assert work_on(id, by=setting.BY, on=clock.today(), seconds=5) is False
        assert healthy.asked == []
        cursor.execute("COMMIT")
    connection.close()
    assert worked(id).done == 4


def test_who_is_in_danger_is_left_out(healthy):
    made = homes(healthy, 2)
    nadia = country.cast().nadia.narrowed(Permission.PROTECT)
    with acting(nadia):
        protect(setting.members(made[0][0])[0], by=nadia, on=clock.today(), under=country.GROUND)
    done = worked(started())
    assert Counter(number for _, number in healthy.asked) == numbers(made[1:])
    assert done.done == 2


def test_without_a_sound_number_nobody_is_asked_and_it_is_counted(healthy):
    made = homes(healthy, 1)
    setting.home(numbers=("1", "2"))
    done = worked(started())
    assert Counter(number for _, number in healthy.asked) == numbers(made)
    assert done.counts == {TOLD: 2, Reason.NO_KEY.value: 2}
    assert not done.is_partial


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("not now", Reason.DOWN),
        ("another person", Reason.WRONG_PERSON),
        ("garbage", Reason.MALFORMED),
        ("other names", Reason.DRIFT),
        ("of last century", Reason.STALE),
        ("too often", Reason.LIMITED),
        ("silence", Reason.SLOW),
    ],
)
def test_a_source_that_fails_or_lies_leaves_a_partial_round_with_counts_by_reason(healthy, fault, reason):
    made = homes(healthy, 1)
    setting.connect(healthy, school={"seconds": 0.4})
    healthy.faults["school"] = fault
    done = worked(started())
    assert (done.state, done.counts, done.is_partial) == (RoundState.DONE, {reason.value: 2}, True)
    assert levels(made) == {"none by census", "primary by census"}


@pytest.mark.parametrize(("fault", "reason"), [("nobody", Reason.NOBODY), ("nulls", Reason.SILENT)])
def test_that_a_source_does_not_know_somebody_is_counted_and_no_fault(healthy, fault, reason):
    homes(healthy, 1)
    healthy.faults["school"] = fault
    done = worked(started())
    assert (done.counts, done.is_partial, done.kept) == ({reason.value: 2}, False, 0)


def test_a_source_that_rests_is_tried_by_one_question_and_no_more(healthy, monkeypatch):
    monkeypatch.setattr("amparo.sources.rounds.STEP", 6)
    homes(healthy, 10)
    healthy.faults["school"] = "not now"
    id = started()
    waiting = worked(id)
    assert (waiting.state, waiting.waits_for, waiting.done) == (RoundState.RUNNING, Reason.RESTING, 6)
    assert len(healthy.asked) == 6
    assert due_rounds() == []
    with clock.fixed(clock.now() + standing.REST + timedelta(seconds=1)):
        waiting = worked(id)
    assert (waiting.done, len(healthy.asked)) == (7, 7)
    healthy.faults.clear()
    with clock.fixed(clock.now() + 2 * standing.REST + timedelta(seconds=2)):
        worked(id)
    with clock.fixed(clock.now() + 3 * standing.REST + timedelta(seconds=3)):
        done = worked(id)
    assert (done.state, done.counts) == (RoundState.DONE, {Reason.DOWN.value: 7, TOLD: 13})


def test_a_round_at_a_source_that_never_answers_stops_by_itself(healthy, monkeypatch):
    monkeypatch.setattr(stepping, "MOST_TRIES", 2)
    monkeypatch.setattr("amparo.sources.rounds.STEP", 6)
    homes(healthy, 6)
    healthy.faults["school"] = "not now"
    id = started()
    for place in range(3):
        with clock.fixed(clock.now() + place * (standing.REST + timedelta(seconds=1))):
            worked(id)
    halted = seen(id)
    assert (halted.state, halted.problem.id) == (RoundState.HALTED, "sources-round-unreachable")


def test_the_limit_of_a_second_is_held_by_two_workers_together(healthy):
    homes(healthy, 6, area="n1")
    homes(healthy, 6, area="n2", first=21000000)
    setting.connect(healthy, school={"in_second": 5, "seconds": 10.0})
    both = [started("n1"), started("n2")]
    begun = time.monotonic()
    threads = [apart(each) for each in both]
    for each in threads:
        each.join()
    took = time.monotonic() - begun
    assert len(healthy.asked) == 24
    assert took >= (24 - 5) / 5 * 0.9  # five at once, then five in each second, whoever asks


def apart(id: UUID):
    import threading

    def work() -> None:
        try:
            while not work_on(id, by=setting.BY, on=clock.today(), seconds=30) and seen(id).state is RoundState.RUNNING:
                time.sleep(0.2)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_no_more_are_asked_about_in_a_day_than_was_agreed_whoever_asks(healthy):
    made = homes(healthy, 4)
    setting.connect(healthy, school={"in_day": 5, "seconds": 10.0})
    setting.opened(made[0][0])  # the file of one home: of its two members it is asked too
    id = started()
    waiting = worked(id)
    assert len([each for each in healthy.asked if each[0] == "school"]) == 5
    assert (waiting.state, waiting.waits_for) == (RoundState.RUNNING, Reason.LIMITED)
    assert waiting.next_at is not None
    with clock.fixed(clock.now() + timedelta(days=1)):
        assert worked(id).state is RoundState.DONE


def test_an_officer_starts_none_and_nobody_starts_one_out_of_reach(healthy):
    homes(healthy, 1)
    for who in ("amina", "bruno", "chen", "emre", "nadia"):
        with pytest.raises(NotPermitted):
            started(who=who)
    with pytest.raises(NotFound):
        started("nowhere")
    assert healthy.asked == []


def test_for_another_purpose_or_without_agreement_nobody_is_asked(healthy):
    homes(healthy, 1)
    with pytest.raises(NotPermitted) as refused:
        started(under=Ground("pleasure"))
    assert refused.value.message.id == "sources-round-purpose-closed"
    agreement = agreed("school")
    id = started()
    agreeing.stop(agreement, suspend_agreement)
    try:
        halted = worked(id)
        with pytest.raises(Refused) as refused:
            started("south")
    finally:
        agreeing.stop(agreement, resume_agreement)
    assert refused.value.message.id == "sources-round-no-agreement"
    assert (halted.state, halted.problem.id) == (RoundState.HALTED, "sources-round-no-agreement")
    assert (healthy.asked, halted.done) == ([], 0)
    resume_round(id, by=country.cast().ines)
    assert worked(id).done == 2


def test_where_the_agreement_does_not_reach_nobody_is_asked_and_it_is_counted(healthy):
    made = homes(healthy, 1)
    homes(healthy, 1, area="s1", first=22000000)
    done = worked(started("land"))
    assert Counter(number for _, number in healthy.asked) == numbers(made)
    assert (done.state, done.counts) == (RoundState.DONE, {TOLD: 2, Reason.NOT_COVERED.value: 2})


def agreed(source: str) -> UUID:
    return execute("SELECT id FROM trust_agreement WHERE code = %s AND state = 'in-force'", [f"{source}_told"])[0][0]


def test_whoever_lost_the_role_asks_nobody_any_more(healthy):
    homes(healthy, 1)
    id = started()
    [(role,)] = execute(
        "SELECT id FROM trust_roleassignment WHERE account_id = %s AND role = 'registry-manager'",
        [country.cast().ines.id],
    )
    execute("UPDATE trust_roleassignment SET ends_on = '2020-01-01' WHERE id = %s", [role], using="owner")
    try:
        work_on(id, by=setting.BY, on=clock.today(), seconds=5)
    finally:
        execute("UPDATE trust_roleassignment SET ends_on = NULL WHERE id = %s", [role], using="owner")
    assert (seen(id).state, healthy.asked) == (RoundState.HALTED, [])


@pytest.mark.parametrize(
    "broken", ["amparo.sources.rounds.registry.persons_after", "amparo.registry.queries.reached.where"]
)
def test_a_broken_filter_asks_nobody_and_stops_the_round(healthy, monkeypatch, broken):
    homes(healthy, 1)
    id = started()

    def fails(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(broken, fails)
    with pytest.raises(RuntimeError):
        work_on(id, by=setting.BY, on=clock.today(), seconds=5)
    assert (seen(id).state, seen(id).problem.id, healthy.asked) == (RoundState.HALTED, "sources-round-broken", [])


def test_one_source_is_asked_about_the_same_people_by_one_round_at_a_time(healthy):
    homes(healthy, 1)
    started("north")
    for area in ("n1", "land"):
        with pytest.raises(Refused) as refused:
            started(area)
        assert refused.value.message.id == "sources-round-under-way"
    started("south")


def test_homes_are_decided_again_once_and_a_broken_rule_keeps_nothing(healthy, monkeypatch):
    """As after a single look-up: what rests on the facts is decided in the same transaction, or nothing is kept."""
    from amparo.kernel import events
    from amparo.registry.types import FactsChanged

    made = homes(healthy, 2)
    told = []
    with monkeypatch.context() as hearing:
        hearing.setitem(events._reactions, FactsChanged, [told.append])
        worked(started())
    assert sorted(each for event in told for each in event.household_ids) == sorted(id for id, *_ in made)

    def broken(event):
        raise Refused("rules-broken")

    others = homes(healthy, 1, area="n2", first=23000000)
    with monkeypatch.context() as hearing:
        hearing.setitem(events._reactions, FactsChanged, [broken])
        halted = worked(started("n2"))
    assert (halted.state, halted.kept) == (RoundState.HALTED, 0)
    assert levels(others) == {"none by census", "primary by census"}
