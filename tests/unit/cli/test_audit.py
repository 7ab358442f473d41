"""`amparo audit …`: the log is sealed, proved and exported; a breach report names exactly who was concerned (D1, C8, PRV-6)."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.kernel import clock
from amparo.registry.queries import household as read_household
from amparo.trust.context import acting
from amparo.trust.types import Permission, system
from amparo.trust.watching import lagging
from amparo.trust.watching.running import watch
from tests.lib import audit_log, country


class Opened:
    """An installation that is open already."""

    def open(self) -> None:
        pass


def run(*words: str, status: int = 0):
    ran = CliRunner().invoke(app, ["audit", *words], obj=Opened())
    assert ran.exit_code == status, (ran.output, ran.exception)
    return ran


def amparo(*words: str, status: int = 0) -> dict:
    return json.loads(run(*words, "--json", status=status).stdout.strip().splitlines()[-1])


@pytest.fixture
def kept(tmp_path, fresh_database):
    watch(by=system("test"))
    with audit_log.own_custodian(tmp_path) as path:
        yield path


def test_what_was_sealed_verifies_and_what_was_touched_is_named(kept, server, fresh_database):
    done = amparo("seal")
    assert done["seals"] == 1
    assert done["rows"] > 10
    proof = amparo("verify")
    assert (proof["wrong"], proof["rows"], proof["custodian_seals"]) == (0, done["rows"], 1)
    with audit_log.almighty(server, fresh_database) as cursor:
        cursor.execute("UPDATE trust_audit SET event = 'denied' WHERE id = (SELECT last_id FROM trust_seal)")
        cursor.execute("SELECT last_id::text FROM trust_seal")
        (id,) = cursor.fetchone()
    (fault,) = amparo("verify", status=1)["faults"]
    assert fault == {"kind": "row-altered", "seal": 1, "row": id, "position": done["rows"]}
    told = run("verify", status=1).output
    assert f"Row {id}" in told.replace("\n", " ")
    assert "a row is not as it was sealed" in told


def test_where_nobody_watches_the_log_it_is_not_well(kept, server, fresh_database):
    amparo("seal")
    assert amparo("verify")["uncounted_since"] is None
    with audit_log.almighty(server, fresh_database) as cursor:
        cursor.execute("UPDATE trust_watched SET place = (SELECT max(place) - 1 FROM trust_audit)")
    assert amparo("verify")["uncounted_since"] is None  # not for long yet: that row was written just now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lagging, "LATE_MINUTES", 0)
        assert amparo("verify", status=1)["uncounted_since"]
        assert "trust.watch_use" in run("verify", status=1).output
    watch(by=system("test"))
    assert amparo("verify")["uncounted_since"] is None


def test_verifying_sealing_anew_and_exporting_are_on_the_record(kept, tmp_path):
    amparo("seal")
    amparo("verify")
    found = amparo("export", str(tmp_path / "out"))
    assert found["seals"] == 1
    assert amparo("export", str(tmp_path / "out"), status=2)["refused"] == "trust-audit-folder"
    key = amparo("new-key")["key"]
    amparo("seal")
    assert amparo("verify")["wrong"] == 0
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT key FROM trust_seal ORDER BY number DESC LIMIT 1")
        assert cursor.fetchone() == (key,)
        cursor.execute("SELECT DISTINCT event FROM trust_audit WHERE event LIKE 'audit-%%' ORDER BY 1")
        assert [each for (each,) in cursor.fetchall()] == ["audit-exported", "audit-key-made", "audit-verified"]


def test_a_file_that_is_not_there_is_refused_before_anything_is_read(kept, tmp_path):
    for option in ("--custodian", "--keys"):
        assert amparo("verify", option, str(tmp_path / "none"), status=2)["refused"] == "cli-file-unreadable"


@pytest.fixture
def drill(kept):
    """Three homes; within an hour Amina reads one of them twice and Ines another; returns ids and the hour."""
    homes = [country.household("n1", {"given_name": "A"}, {"given_name": "B"}, income=1) for _ in range(3)]
    cast, start = country.cast(), clock.now() + timedelta(days=1)
    readings = (
        (cast.amina, homes[0], 1),
        (cast.amina, homes[0], 2),
        (cast.ines, homes[1], 3),
        (cast.amina, homes[2], 90),
    )
    for who, home, minutes in readings:
        by = who.narrowed(Permission.READ_HOUSEHOLD)
        with clock.fixed(start + timedelta(minutes=minutes)), acting(by):
            read_household(home, by=by, under=country.GROUND)
    return homes, start


def written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def test_a_breach_report_names_exactly_who_was_concerned_when_and_by_what(drill, tmp_path):
    homes, start = drill
    within = ("--since", written(start), "--until", written(start + timedelta(hours=1)))
    found = amparo("breach", *within, "--known-at", "2026-03-01T10:00")
    assert (found["persons"], found["households"]) == (4, 2)
    assert found["notify_until"] == "2026-03-04T10:00:00+00:00"
    acts = [(each["kind"], each["id"], each["at"][:16], each["event"]) for each in found["acts"]]
    read = [("household", str(homes[0]), 1), ("household", str(homes[0]), 2), ("household", str(homes[1]), 3)]
    expected = [(kind, id, (start + timedelta(minutes=at)).isoformat()[:16], "household-read") for kind, id, at in read]
    assert [each for each in acts if each[0] == "household"] == sorted(expected)
    assert len([each for each in acts if each[0] == "person"]) == 2 * 2 + 2

    amina = amparo("breach", *within, "--by", "amina", "--hours", "24", "--known-at", "2026-03-01")
    assert (amina["persons"], amina["households"]) == (2, 1)
    assert amina["notify_until"] == "2026-03-02T00:00:00+00:00"

    out = tmp_path / "acts.csv"
    run("breach", *within, "--out", str(out))
    rows = list(csv.DictReader(out.open()))
    assert [(each["kind"], each["id"], each["at"][:16], each["event"]) for each in rows] == acts
    assert {each["by"] for each in rows} == {str(country.cast().amina.id), str(country.cast().ines.id)}


def test_a_breach_report_that_ends_before_it_begins_or_names_nobodys_account_is_refused(drill):
    assert amparo("breach", "--since", "2026-03-02", "--until", "2026-03-01", status=2)["refused"] == "cli-audit-times"
    within = ("--since", "2026-03-01", "--until", "2026-03-02")
    assert amparo("breach", *within, "--by", "zeno", status=2)["refused"] == "trust-account-unknown"


def test_acts_that_open_many_records_at_once_are_named_apart(drill):
    _, start = drill
    from amparo.registry.finding import find_by_name

    by = country.cast().ines.narrowed(Permission.FIND)
    with clock.fixed(start + timedelta(minutes=5)), acting(by):
        find_by_name("Nobody", by=by, under=country.GROUND)
    found = amparo("breach", "--since", written(start), "--until", written(start + timedelta(hours=1)))
    assert [each["event"] for each in found["wide_acts"]] == ["households-found"]
    assert "1 acts opened many records at once" in run(
        "breach", "--since", written(start), "--until", written(start + timedelta(hours=1))
    ).output.replace("\n", " ")
