"""`amparo retention …`: what is due is counted, let go of, certified; after a restore done once more, and served only then."""

import json
import os
import subprocess

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.kernel.errors import Refused
from amparo.project.databases import connect, make_database, prepare_database
from amparo.project.postgres.binaries import embedded
from amparo.trust.actions.erasures import install_schedules
from amparo.trust.keeping import ledger, replaying
from amparo.trust.types import ScheduleConfig, system
from tests.conftest import point_at
from tests.lib import country
from tests.lib.canaries import dumped, holds
from tests.lib.erasing import erased, people, rows
from tests.unit.trust.test_retention import PERSON, SENSITIVE, left

pytestmark = pytest.mark.usefixtures("fresh_database", "own_ledger")


class Opened:
    """An installation that is open already."""

    def open(self) -> None:
        pass


def amparo(*words: str, status: int = 0) -> list[str]:
    ran = CliRunner().invoke(app, ["retention", *words], obj=Opened())
    assert ran.exit_code == status, (ran.output, ran.exception)
    return ran.stdout.strip().splitlines()


def told(*words: str, status: int = 0) -> dict:
    return json.loads(amparo(*words, "--json", status=status)[-1])


def test_from_what_is_due_to_its_certificate():
    left()
    install_schedules([PERSON], by=system("test"))
    assert told("preview") == {"due": [{"schedule": "persons", "due": 1}]}
    assert amparo("preview") == ["persons: 1 due"]
    assert told("run") == {"taken": [{"schedule": "persons", "taken": 1, "held": 0, "due": 0}]}
    [line] = told("certificates")["certificates"]
    certificate = told("certificates", line["id"])
    assert certificate["certificate"]["persons"] == 1
    assert len(certificate["digest"]) == 64
    assert any("registry_observation: 1" in each for each in amparo("certificates", line["id"]))
    assert amparo("certificates")[0].startswith(line["id"])
    assert amparo("run") == ["persons: 0 erased, 0 held and passed over, 0 still due"]


def test_an_unknown_certificate_and_a_broken_schedule_are_refused():
    assert told("certificates", "018f0000-0000-7000-8000-000000000000", status=2)["refused"] == "trust-erasure-unknown"
    install_schedules([ScheduleConfig("broken", "nothing", "", "left", 1, "law")], by=system("test"))
    assert told("run", status=2)["refused"] == "trust-schedule-unknown"


def test_a_restored_backup_is_not_served_until_what_was_erased_is_erased_again(server, fresh_database, tmp_path):
    """Dumped, erased, restored into another database: whoever was erased is there again, until the ledger is replayed."""
    (yara,) = people(country.household("n1", {"given_name": "Yaraqualixta", "sex": "female"}))
    [lapsed] = left()
    install_schedules([SENSITIVE], by=system("test"))
    dump = tmp_path / "dump"
    with_server(server, "pg_dump", "-Fc", "-f", str(dump), fresh_database)
    erased(yara)
    amparo("run")
    replaying.expect_replayed()
    assert not holds(dumped(server, fresh_database), "yaraqualixta")

    restored = f"{fresh_database}_restored"
    with connect(server.server, "postgres") as superuser:
        make_database(superuser, restored)
    with_server(server, "pg_restore", "-d", restored, str(dump))
    with connect(server.server, restored) as superuser:
        prepare_database(superuser)
    point_at(restored, server)
    assert holds(dumped(server, restored), "yaraqualixta")
    with pytest.raises(Refused, match="trust-erasures-not-replayed"):
        replaying.expect_replayed()
    assert told("replay") == {"erasures": 2}
    assert not holds(dumped(server, restored), "yaraqualixta")
    assert rows("SELECT pregnant FROM registry_fact_person WHERE person_id = %s", [lapsed]) == [(None,)]
    replaying.expect_replayed()
    assert told("replay") == {"erasures": 0}
    assert len(list(ledger.entries())) == 2


def with_server(server, program: str, *arguments: str) -> None:
    """Run one of the server's own programs as its superuser."""
    address = server.server
    environment = os.environ | {"PGPASSWORD": address.password or ""}
    command = [
        next(embedded()).folder / program,
        "-h",
        address.host,
        "-p",
        str(address.port),
        "-U",
        address.user,
        *arguments,
    ]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_ledger_that_lacks_what_was_done_is_not_the_right_one_and_nobody_is_served(own_ledger):
    (yara,) = people(country.household("n1", {"given_name": "Yara"}))
    erased(yara)
    own_ledger.unlink()
    with pytest.raises(Refused, match="trust-ledger-behind"):
        replaying.expect_replayed()
    assert told("replay", status=2)["refused"] == "trust-ledger-behind"


def test_a_ledger_that_cannot_be_read_is_refused_with_its_line(own_ledger):
    (yara,) = people(country.household("n1", {"given_name": "Yara"}))
    erased(yara)
    with own_ledger.open("ab") as file:
        file.write(b'{"id": "half')
    with pytest.raises(Refused, match="line=2"):
        replaying.expect_replayed()
