"""A batch that was stopped or killed goes on from its last whole phase, and ends as if nothing had happened."""

import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from django.db import connections

from amparo.intake import actions, folder, queries, tasks
from amparo.intake.types import Phase, State
from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted, Refused, Stopped
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import cast
from tests.unit.intake.census import BY, MAPPING, PERSONS, everything, files, rows

pytestmark = pytest.mark.usefixtures("fresh_database")

PEOPLE = """
    SELECT s.source_key, o.values->>'birth_date', f.given_name, n.words, m.starts_on, i.is_live
    FROM registry_subject s JOIN registry_observation o ON o.subject_id = s.id
    JOIN registry_subjectlink l ON l.subject_id = s.id
    JOIN registry_fact_person f ON f.person_id = l.entity_id
    JOIN registry_person_name n USING (person_id) JOIN registry_membership m USING (person_id)
    LEFT JOIN registry_identifier i USING (person_id)
    ORDER BY 1
"""
DAY = date(2026, 3, 1)
UNDISTURBED = [
    ("1/1", "1980-02-03", "Amina", "amina", DAY, True),
    ("1/2", "2010-05-06", "Bela", "bela", DAY, None),
    ("2/1", "1950-01-01", "Karim", "karim", DAY, True),
]


def received(folder: Path, **given: str):
    return actions.receive(files(folder, **given), tomllib.loads(MAPPING), name="census", by=BY, using="bulk").batch_id


def batch(id):
    with acting(BY):
        return queries.batch(id, by=BY)


# Kills itself, as a machine without power would, once a phase is whole or in the midst of the one transaction.
KILLED = """
import os, signal, sys
from uuid import UUID
import django
django.setup()
from amparo.intake import actions, quarantining
from amparo.trust.types import system

def die(*told):
    if sys.argv[2] in (*told, "midst"):
        os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "midst":
    quarantining.write = die
    actions.run(UUID(sys.argv[1]), by=system("test"))
actions.run(UUID(sys.argv[1]), by=system("test"), tell=die)
"""


@pytest.mark.parametrize("phase", ["read", "validated", "staged", "midst"])
def test_a_killed_worker_leaves_nothing_half_and_the_next_one_ends_it(tmp_path, phase):
    before = everything()
    id = received(tmp_path / "a")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(id), phase], check=False, cwd=Path.cwd())
    assert killed.returncode == -9
    half = {name: count for name, count in everything().items() if count != before.get(name, 0)}
    assert not {name for name in half if name.startswith("registry_")}
    receipt = actions.run(id, by=BY)
    assert receipt["persons"]["new"] == 3
    assert rows("SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace AND relkind = 'r'") == [
        (0,)
    ]
    assert rows(PEOPLE) == UNDISTURBED


def test_a_batch_that_is_asked_to_stop_stops_and_goes_on_when_it_is_run_again(tmp_path):
    id = received(tmp_path / "a")
    with acting(BY):
        actions.stop(id, by=BY)
    with pytest.raises(Stopped):
        actions.run(id, by=BY)
    assert batch(id).state is State.STOPPED
    assert rows("SELECT count(*) FROM registry_observation") == [(0,)]
    assert actions.run(id, by=BY)["state"] == "done"


def test_a_refused_batch_that_is_run_again_stays_refused_for_the_same_reason(tmp_path):
    id = received(tmp_path / "a", persons="nothing,of,ours\n1,2,3\n")
    with pytest.raises(Refused) as first:
        actions.run(id, by=BY)
    tasks.run_batch(str(id))  # two jobs for one batch: whoever was sent in, and whoever picks up what is left alone
    with pytest.raises(Refused) as again:
        actions.run(id, by=BY)
    assert again.value.message == first.value.message
    assert batch(id).state is State.REFUSED


def test_a_batch_whose_files_were_lost_is_refused_and_not_tried_for_ever(tmp_path):
    id = received(tmp_path / "a")
    folder.remove(id)
    with pytest.raises(Refused) as refused:
        actions.run(id, by=BY)
    assert refused.value.message.id == "intake-files-gone"
    assert batch(id).state is State.REFUSED
    assert received(tmp_path / "b") != id  # so that they can be sent again


def test_a_stopped_batch_keeps_the_phases_that_are_whole(tmp_path):
    id = received(tmp_path / "a")

    def stop_after_validation(phase, rows):
        if phase == "validated":
            with acting(BY):
                actions.stop(id, by=BY)

    with pytest.raises(Stopped):
        actions.run(id, by=BY, tell=stop_after_validation)
    assert batch(id).phase is Phase.VALIDATED
    told = []
    actions.run(id, by=BY, tell=lambda phase, rows: told.append(phase))
    assert told == ["read", "validated", "staged"]


def test_two_workers_do_not_work_on_one_batch(tmp_path):
    id = received(tmp_path / "a")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7267, %s)", [id.int & 0x7FFFFFFF])
        with pytest.raises(Refused, match="intake-batch-busy"):
            actions.run(id, by=BY)
    assert batch(id).state is State.WAITING


def test_what_somebody_else_delivered_in_the_meantime_is_compared_again(tmp_path):
    id = received(tmp_path / "a")
    other = PERSONS.replace("Karim", "Karima")

    def deliver_too(phase, rows):
        if phase == "staged":
            second = received(tmp_path / "b", persons=other)
            actions.run(second, by=BY)

    receipt = actions.run(id, by=BY, tell=_once(deliver_too))
    assert (receipt["persons"]["new"], receipt["persons"]["changed"]) == (0, 1)
    assert rows("SELECT count(*) FROM registry_person") == [(3,)]


def test_a_number_that_another_source_brought_in_the_meantime_is_found_and_nobody_is_there_twice(tmp_path):
    """Who is new is copied straight into the registry: what refuses the second of two is the index of live numbers."""
    id = received(tmp_path / "a")
    other = tomllib.loads(MAPPING.replace('source = "census"', 'source = "office"'))

    def deliver_too(phase, rows):
        if phase == "staged":
            came = actions.receive(files(tmp_path / "b"), other, name="office", by=BY, using="bulk")
            actions.run(came.batch_id, by=BY)

    receipt = actions.run(id, by=BY, tell=_once(deliver_too))
    assert (receipt["persons"]["new"], receipt["persons"]["linked"]) == (3, 2)
    assert rows("SELECT count(*), count(*) FILTER (WHERE is_live) FROM registry_identifier") == [(2, 2)]


def _once(tell):
    told = set()
    return lambda phase, rows: None if phase in told else (told.add(phase), tell(phase, rows))


def test_a_refused_batch_is_closed_and_its_files_are_gone(tmp_path):
    id = received(tmp_path / "a", persons=PERSONS.replace("born ", "birth"))
    with pytest.raises(Refused):
        actions.run(id, by=BY)
    assert batch(id).state is State.REFUSED
    assert not folder.of(id).exists()


def test_a_batch_that_is_over_leaves_no_file_behind(tmp_path):
    id = received(tmp_path / "a")
    assert folder.of(id).exists()
    actions.run(id, by=BY)
    assert not folder.of(id).exists()


def test_a_worker_that_died_is_noticed_and_its_batch_picked_up(tmp_path):
    id = received(tmp_path / "a")
    assert queries.left_alone() == [id]
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7267, %s)", [id.int & 0x7FFFFFFF])
        assert queries.left_alone() == []
        cursor.execute("SELECT pg_advisory_unlock_all()")
    tasks.run_batch(str(id))
    assert batch(id).state is State.DONE
    assert queries.left_alone() == []


def test_only_who_may_deliver_delivers(tmp_path):
    amina = cast().amina
    with pytest.raises(NotPermitted):
        actions.receive(files(tmp_path / "a"), tomllib.loads(MAPPING), name="census", by=amina, using="bulk")
    with pytest.raises(NotPermitted):
        actions.run(received(tmp_path / "b"), by=amina)


def test_whoever_lost_the_role_since_does_not_deliver_by_a_job_left_waiting(tmp_path):
    ines = cast().ines.narrowed(Permission.DELIVER)
    with acting(ines):
        id = actions.receive(files(tmp_path / "a"), tomllib.loads(MAPPING), name="census", by=ines).batch_id
    assert queries.deliverer(id, on=clock.today()).has(Permission.DELIVER)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE trust_roleassignment SET ends_on = current_date - 1 WHERE account_id = %s", [ines.id])
    assert not queries.deliverer(id, on=clock.today()).has(Permission.DELIVER)
    tasks.run_batch(str(id))
    assert batch(id).state is State.WAITING
