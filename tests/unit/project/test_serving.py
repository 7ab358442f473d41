"""A real installation, served by real programs."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from amparo.kernel.errors import Refused
from amparo.project.postgres import discard, running
from amparo.project.postgres.place import existing_place
from amparo.project.postgres.server import server_pid, wait_until
from amparo.project.serving import port_to_use
from tests.lib.web_server import free_port

COMMAND = [Path(sys.executable).with_name("amparo")]


@pytest.fixture
def data_dir(tmp_path):
    yield tmp_path / "here"
    discard(tmp_path / "here")


def own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AMPARO_", "DJANGO_", "LANG"))}


def test_serve_answers_outlives_its_database_and_leaves_nothing_running(data_dir):
    port = free_port()
    line = [*COMMAND, "serve", "--json", "--port", str(port), "--data-dir", data_dir]
    program = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=own_environment())
    try:
        address = json.loads(program.stdout.readline())["address"]
        assert address == f"http://localhost:{port}/"
        with urllib.request.urlopen(address, timeout=30) as page:
            assert page.status == 200
        # What was installed is in the audit log, and the sealer seals it by itself.
        assert wait_until(lambda: (data_dir / "audit" / "custodian.jsonl").exists(), 30)
        assert wait_until(lambda: (data_dir / "audit" / "custodian.jsonl").read_text().endswith("\n"), 10)
        kill_database(data_dir)
        assert wait_until(lambda: running(data_dir) is not None, 30)
        assert answers_again(address)
        program.send_signal(signal.SIGTERM)
        assert program.wait(40) == 0
    finally:
        program.kill()
        program.communicate()
    assert running(data_dir) is None
    assert port_to_use("127.0.0.1", port) == port


def kill_database(data_dir: Path) -> None:
    os.kill(server_pid(existing_place(data_dir)), signal.SIGKILL)


def answers_again(address: str) -> bool:
    """Whether a page that reads the database is served within half a minute."""
    return wait_until(lambda: is_served(address + "account/sign-in/"), 30)


def is_served(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30) as page:
            return page.status == 200
    except OSError:
        return False


def test_a_port_that_is_taken_is_refused_by_number_and_another_is_found_when_none_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Refused, match="project-port-taken"):
            port_to_use("127.0.0.1", taken.getsockname()[1])
        assert port_to_use("127.0.0.1", None) != taken.getsockname()[1]


def test_migrate_is_harmless_when_repeated(data_dir):
    for _ in range(2):
        line = [*COMMAND, "migrate", "--json", "--data-dir", data_dir]
        finished = subprocess.run(line, capture_output=True, text=True, check=True, env=own_environment())
        assert json.loads(finished.stdout) == {"profile": "example", "data_dir": str(data_dir)}
