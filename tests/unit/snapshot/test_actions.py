"""Taking and expiring snapshots: whole or not at all, only what the grade may hold, gone when their time is over."""

import os
import signal
import stat
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.kernel.exports import Export, Grade
from amparo.registry.exports import households
from amparo.snapshot.actions import expire, take
from amparo.snapshot.queries import latest, open_snapshot, snapshot
from amparo.trust.queries import audit_of
from amparo.trust.types import Permission, system
from tests.lib.country import DICTIONARY, GROUND, household

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 4, 1)
OPERATOR = system("test")
READS = {("household", "income"), ("household", "rooms"), ("person", "sex"), ("person", "birth_date")}


def taken(**changed):
    export = households(DICTIONARY, reads=READS)
    return take([export], **{"grade": Grade.DECISION, "on": DAY, "by": OPERATOR, "under": GROUND} | changed)


def folders() -> set[str]:
    return {each.name for each in Path(settings.SNAPSHOT_FOLDER).iterdir()}


def test_a_snapshot_holds_each_household_with_its_members_and_only_the_fields_that_rules_read():
    id = household("n1", {"sex": "female", "given_name": "Amal"}, {"sex": "male"}, income=12_000, floor="earth")
    with open_snapshot(taken().id, by=OPERATOR, under=GROUND) as connection:
        rows = connection.execute("SELECT * FROM households WHERE household_id = ?", [id])
        row = dict(zip([each[0] for each in rows.description], rows.fetchone(), strict=True))
    assert set(row) == {"household_id", "area_number", "size", "income", "income__until", "rooms", "members"}
    assert (row["size"], row["income"], row["rooms"]) == (2, 12_000, None)
    assert sorted(each["sex"] for each in row["members"]) == ["female", "male"]
    assert set(row["members"][0]) == {"person_id", "birth_date", "sex"}


def test_a_field_with_a_limit_carries_the_last_day_it_may_be_relied_on():
    id = household("n1", on=date(2026, 1, 1), income=100)
    made = taken()
    with open_snapshot(made.id, by=OPERATOR, under=GROUND) as connection:
        until = connection.execute("SELECT income__until FROM households WHERE household_id = ?", [id]).fetchone()[0]
    assert until == date(2026, 1, 1) + timedelta(days=365)
    assert made.exports["households"].earliest["income__until"] <= until


def test_each_row_has_a_hash_beside_it_that_another_snapshot_gives_to_the_same_row_and_to_no_other():
    same, changed = household("n1", {"sex": "male"}, income=100), household("n1", {"sex": "male"}, income=200)
    made = [taken()]
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_fact_household SET income = 300 WHERE household_id = %s", [changed])
    made.append(taken())
    hashes = []
    for each in made:
        with open_snapshot(each.id, by=OPERATOR, under=GROUND) as connection:
            hashes.append(dict(connection.execute("SELECT household_id, row_hash FROM households_hashed").fetchall()))
    assert hashes[0][same] == hashes[1][same]
    assert hashes[0][changed] != hashes[1][changed]
    assert made[0].exports["households"].hashed_by == made[1].exports["households"].hashed_by != ""


def test_the_manifest_counts_rows_and_names_hash_versions_instant_and_last_day():
    household("s1", {"sex": "male"})
    made = taken(versions={"rules": {"grant": "abc"}})
    frozen = made.exports["households"]
    with open_snapshot(made.id, by=OPERATOR, under=GROUND) as connection:
        counted = connection.execute("SELECT count(*), sum(len(members)) FROM households").fetchone()
    assert (frozen.rows, frozen.nested["members"]) == counted
    assert len(frozen.sha256) == 64
    assert made.versions["rules"] == {"grant": "abc"}
    assert "/" in made.log_position
    assert made.retain_until == made.taken_at.date() + timedelta(days=400)
    assert snapshot(made.id) == made == latest(Grade.DECISION)


def test_the_folder_is_private_and_its_files_cannot_be_read_without_the_key():
    made = taken()
    folder = Path(settings.SNAPSHOT_FOLDER) / str(made.id)
    file = folder / "households.parquet"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes()[:4] == b"PARE"  # Parquet with an encrypted footer


def test_taking_and_opening_leave_an_audit_row_each(cast):
    made = taken()
    with open_snapshot(made.id, by=OPERATOR, under=GROUND):
        pass
    rows = audit_of(cast.emre, about_kind="snapshot", about_id=str(made.id)).using("bulk")
    assert [each.event for each in rows] == ["snapshot-opened", "snapshot-taken"]
    assert {each.purpose for each in rows} == {GROUND.purpose}


def test_an_officer_may_neither_take_nor_open_one(cast):
    with pytest.raises(NotPermitted):
        taken(by=cast.amina)
    made = taken()
    with pytest.raises(NotPermitted), open_snapshot(made.id, by=cast.amina, under=GROUND):
        pass
    assert not cast.amina.has(Permission.OPEN_SNAPSHOT)


@pytest.mark.parametrize("grade", [Grade.LINKAGE, Grade.RESEARCH])
def test_a_grade_that_is_not_built_yet_is_refused(grade):
    with pytest.raises(Refused, match="snapshot-grade-not-yet"):
        taken(grade=grade)


@pytest.mark.parametrize("name", ["given_name", "family_name"])
def test_no_name_enters_a_decision_snapshot_by_the_dictionary(name):
    with pytest.raises(Refused, match="registry-field-not-for-decisions"):
        households(DICTIONARY, reads={("person", name)})


@pytest.mark.parametrize("kind", ["identity", "contact", "protection", "anything else"])
def test_no_column_of_another_class_enters_a_decision_snapshot_whoever_declares_it(kind):
    export = Export(
        "people", "SELECT id, words FROM x", "id", {"id": "key", "words": kind}, frozenset({Grade.DECISION})
    )
    before = folders()
    with pytest.raises(Refused, match="snapshot-column-not-allowed"):
        take([export], grade=Grade.DECISION, on=DAY, by=OPERATOR, under=GROUND)
    assert folders() == before


def test_an_export_of_another_grade_is_refused():
    export = Export("people", "SELECT id FROM x", "id", {"id": "key"}, frozenset({Grade.LINKAGE}))
    with pytest.raises(Refused, match="snapshot-export-of-other-grade"):
        take([export], grade=Grade.DECISION, on=DAY, by=OPERATOR, under=GROUND)


def test_an_export_that_fails_leaves_nothing():
    household("n1", {"sex": "female"})
    before = folders()

    def stop(export: str, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taken(progress=stop)
    assert folders() == before


KILLED = """
import os, signal, django
django.setup()
from tests.unit.snapshot.test_actions import taken
from amparo.snapshot import folder, models
{patch}
taken({arguments})
"""
AT = {
    "while rows are written": ("", "progress=lambda export, rows: os.kill(os.getpid(), signal.SIGKILL)"),
    "between the folder's name and the row": (
        "models.Snapshot.save = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)",
        "",
    ),
}


@pytest.mark.parametrize("moment", AT)
def test_a_killed_process_leaves_nothing_that_opens_and_the_next_snapshot_sweeps_it(moment):
    household("n1", {"sex": "female"})
    before, newest = folders(), latest(Grade.DECISION)
    patch, arguments = AT[moment]
    script = KILLED.format(patch=patch, arguments=arguments)
    child = subprocess.run([sys.executable, "-c", script], cwd=Path.cwd(), env=dict(os.environ), check=False)
    assert child.returncode == -signal.SIGKILL
    assert len(folders() - before) == 1
    assert latest(Grade.DECISION) == newest
    made = taken()
    assert folders() == before | {str(made.id)}


def test_an_expired_snapshot_opens_no_more_and_its_files_and_key_are_gone():
    made = taken()
    assert expire(on=made.retain_until, by=OPERATOR) == 0
    assert expire(on=made.retain_until + timedelta(days=1), by=OPERATOR) >= 1
    assert str(made.id) not in folders()
    with pytest.raises(NotFound), open_snapshot(made.id, by=OPERATOR, under=GROUND):
        pass


def test_a_snapshot_past_its_last_day_opens_no_more_even_before_it_is_swept():
    made = taken()
    later = clock.now() + timedelta(days=500)
    with clock.fixed(later), pytest.raises(NotFound), open_snapshot(made.id, by=OPERATOR, under=GROUND):
        pass


def test_a_file_that_was_touched_answers_nothing():
    made = taken()
    file = Path(settings.SNAPSHOT_FOLDER) / str(made.id) / "households.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(Refused, match="snapshot-file-differs"), open_snapshot(made.id, by=OPERATOR, under=GROUND):
        pass


def test_an_opened_snapshot_reaches_no_other_file():
    made = taken()
    with open_snapshot(made.id, by=OPERATOR, under=GROUND) as connection:
        for query in ("SELECT * FROM read_text('/etc/passwd')", "COPY (SELECT 1) TO '/tmp/out.csv'"):
            with pytest.raises(Exception, match="disabled by configuration"):
                connection.execute(query)
    assert not any(each.endswith(".work") for each in folders())
